import type { Instant } from '../engine/ids.ts';
import type { Clock } from '../kernel/clock.ts';
import { RetryableFailure } from '../kernel/failure.ts';
import type { Durable } from './durable.ts';
import { earliest, WATCHDOG_MS } from './durable.ts';

/** As many as the platform lets wait for headers at once. */
const FLIGHTS_MAX = 6;
/** A delivery that has said nothing for this long is taken for lost, and made again. */
const FLIGHT_MAX_MS = 30_000;
const BACKOFF_MS = { first: 1_000, max: 60_000 };
/** A receiver may ask for a longer pause than ours, but not for one without end. */
const PAUSE_MAX_MS = 15 * 60_000;

export interface CourierParts<Item> {
  readonly durable: Pick<Durable, 'flush'>;
  readonly clock: Clock;
  /** Runs `callback` after a while, if the object is still in memory then. */
  readonly later: (ms: number, callback: () => void) => void;
  /** Must be idempotent. Settles what follows itself; when it throws, the item is kept and tried again. */
  readonly deliver: (key: string, item: Item) => Promise<void>;
  /** The item could not be delivered and is due again at `dueAt`: the alarm must be armed for that. */
  readonly onFailure: (key: string, item: Item, error: unknown, dueAt: Instant) => void;
}

export interface PutOptions {
  readonly lane: string;
  readonly notBefore?: Instant;
  /** When it is taken for lost; for what moves many bytes. */
  readonly flightMaxMs?: number;
}

interface Entry<Item> {
  readonly item: Item;
  readonly lane: string;
  readonly order: number;
  readonly flightMaxMs: number;
  dueAt: Instant;
  tries: number;
  flight: { readonly id: number; readonly since: Instant } | undefined;
}

/**
 * Carries messages out of an object once they are durable: items of one lane in order, lanes side by side, failed ones again
 * after a growing pause. Lives in memory; what it carries is derived from storage again after a restart.
 */
export class Courier<Item> {
  readonly #parts: CourierParts<Item>;
  readonly #entries = new Map<string, Entry<Item>>();
  #order = 0;
  #flights = 0;
  #idle: (() => void)[] = [];

  constructor(parts: CourierParts<Item>) {
    this.#parts = parts;
  }

  put(key: string, item: Item, { lane, notBefore, flightMaxMs = FLIGHT_MAX_MS }: PutOptions): void {
    if (this.#entries.has(key)) return;
    this.#order += 1;
    const now = this.#parts.clock.now();
    const dueAt = notBefore ?? now;
    this.#entries.set(key, { item, lane, order: this.#order, flightMaxMs, dueAt, tries: 0, flight: undefined });
    if (dueAt > now) this.#parts.later(dueAt - now, () => this.kick());
  }

  drop(key: string): void {
    this.#entries.delete(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  isFlying(key: string): boolean {
    return this.#entries.get(key)?.flight !== undefined;
  }

  keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** When the alarm must look after what is still here; undefined when nothing is. */
  nextDueAt(): Instant | undefined {
    const watchdog = this.#parts.clock.now() + WATCHDOG_MS;
    const due = [...this.#entries.values()].map(({ flight, tries, dueAt }) =>
      flight !== undefined || tries === 0 ? watchdog : dueAt,
    );
    return earliest(...due);
  }

  /** Sends off whatever may go now. */
  kick(): void {
    const now = this.#parts.clock.now();
    for (const [key, entry] of this.#entries) {
      if (this.#flights >= FLIGHTS_MAX) return;
      if (entry.flight !== undefined && now - entry.flight.since > entry.flightMaxMs) this.#land(entry);
      if (entry.flight === undefined && entry.dueAt <= now && this.#isFirstInLane(entry)) this.#launch(key, entry);
    }
  }

  /** Resolves when nothing is under way that could end by itself. */
  async settled(): Promise<void> {
    while (this.#flights > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #isFirstInLane(entry: Entry<Item>): boolean {
    return ![...this.#entries.values()].some((other) => other.lane === entry.lane && other.order < entry.order);
  }

  #launch(key: string, entry: Entry<Item>): void {
    this.#order += 1;
    const flight = { id: this.#order, since: this.#parts.clock.now() };
    entry.flight = flight;
    this.#flights += 1;
    void this.#fly(key, entry, flight.id);
  }

  async #fly(key: string, entry: Entry<Item>, flight: number): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#parts.durable.flush();
      await this.#parts.deliver(key, entry.item);
    } catch (error) {
      failure = { error };
    }
    if (entry.flight?.id !== flight) return; // given up on meanwhile; its repetition decides
    this.#land(entry);
    if (this.#entries.get(key) === entry) {
      if (failure === undefined) this.#entries.delete(key);
      else this.#postpone(key, entry, failure.error);
    }
    this.kick();
    if (this.#flights === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #land(entry: Entry<Item>): void {
    entry.flight = undefined;
    this.#flights -= 1;
  }

  #postpone(key: string, entry: Entry<Item>, error: unknown): void {
    const backoffMs = Math.min(BACKOFF_MS.first * 2 ** entry.tries, BACKOFF_MS.max);
    const askedMs = error instanceof RetryableFailure ? (error.retryAfterMs ?? 0) : 0;
    const pauseMs = Math.max(backoffMs, Math.min(askedMs, PAUSE_MAX_MS));
    entry.tries += 1;
    entry.dueAt = this.#parts.clock.now() + pauseMs;
    this.#parts.onFailure(key, entry.item, error, entry.dueAt);
  }
}
