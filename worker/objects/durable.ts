import type { Instant } from '../engine/ids.ts';

/** The slice of a Durable Object's storage that the cores rest on, so that they also run in the simulator. */
export interface Durable {
  /** All or nothing, alarm included. Nothing in `body` may wait. */
  transact<T>(body: () => T): T;
  /** Resolves when everything committed so far would survive a crash. */
  flush(): Promise<void>;
  setAlarm(at: Instant): void;
  clearAlarm(): void;
}

/** Work that is repeated by the alarm if it has not been acknowledged by then. */
export const WATCHDOG_MS = 3_000;
/** Armed when an alarm's work threw: never out of `alarm()`, where the platform gives up after seven times. */
const RECOVERY_MS = 30_000;

/**
 * Many timers on the one alarm of an object. The alarm is a cache of "when is something due at the latest": it only moves
 * earlier, an early ring re-arms, and it is never set for "now", which some workerd builds lose.
 */
export class Alarm {
  readonly #durable: Durable;
  #armedAt: Instant | undefined;

  constructor(durable: Durable, armedAt: Instant | undefined) {
    this.#durable = durable;
    this.#armedAt = armedAt;
  }

  get isArmed(): boolean {
    return this.#armedAt !== undefined;
  }

  /** To be called inside the transaction that makes `due` necessary. Returns what to do once that has committed. */
  arm(due: Instant | undefined, now: Instant): () => void {
    if (due === undefined || (this.#armedAt !== undefined && this.#armedAt <= due)) return () => undefined;
    return this.#set(Math.max(due, now + 1));
  }

  /**
   * The alarm has rung and is gone. `work` re-arms; should it throw, the alarm comes back all the same. It hears whether the
   * alarm was expected: one that woke the object was gone before the object could see that it had been armed.
   */
  ring(work: (wasExpected: boolean) => void, now: () => Instant, onError: (error: unknown) => void): void {
    const wasExpected = this.#armedAt !== undefined;
    this.#armedAt = undefined;
    try {
      work(wasExpected);
    } catch (error) {
      onError(error);
      this.#durable.transact(() => this.#set(now() + RECOVERY_MS))();
    }
  }

  /** Everything due is done or under way: sets what remains, later than before if need be, or nothing at all. */
  settle(due: Instant | undefined, now: Instant): void {
    if (due === undefined) {
      if (this.#armedAt !== undefined) this.#durable.transact(() => this.#durable.clearAlarm());
      this.#armedAt = undefined;
      return;
    }
    const at = Math.max(due, now + 1);
    if (at !== this.#armedAt) this.#durable.transact(() => this.#set(at))();
  }

  #set(at: Instant): () => void {
    this.#durable.setAlarm(at);
    return () => {
      this.#armedAt = at;
    };
  }
}

export function earliest(...instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
