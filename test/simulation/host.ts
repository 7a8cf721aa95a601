import type { Durable } from '../../worker/objects/durable.ts';
import type { World } from './world.ts';

const FLUSH_MS = 0.3;

/** What can go wrong while faults are on; all probabilities per message or per event. */
export interface Faults {
  on: boolean;
  readonly lostRequest: number;
  readonly lostReply: number;
  readonly duplicate: number;
  readonly slow: number;
}

/** A core as a host sees it: woken by its constructor, rung by its alarm. */
export interface Rung {
  ring(): void;
}

/** What the network must know of either end. */
export interface Node {
  readonly life: number;
  flushed(): Promise<void>;
}

/**
 * Stands in for a Durable Object: storage that survives, memory that does not, one alarm, and an output gate. A commit is
 * durable a moment after it was made; nothing said because of it leaves before.
 */
export class Host<Core extends Rung, Image extends object> implements Node {
  readonly name: string;
  readonly #world: World;
  readonly #wake: (host: Host<Core, Image>) => Core;
  /** What the object sees. */
  image: Image;
  alarmAt: number | undefined;
  /** What a crash would leave. */
  #durable: { image: Image; alarmAt: number | undefined };
  #core: Core | undefined;
  #life = 0;
  #flushed: Promise<void> = Promise.resolve();
  #dirty = false;
  /** The alarm whose handler runs. The platform forgets it only when the handler is through, and rings again after a crash. */
  #ringing: number | undefined;

  constructor(world: World, name: string, image: Image, wake: (host: Host<Core, Image>) => Core) {
    this.#world = world;
    this.name = name;
    this.image = image;
    this.#wake = wake;
    this.#durable = { image: copy(image), alarmAt: undefined };
  }

  /** The object in memory, woken if it was not. */
  get core(): Core {
    this.#core ??= this.#wake(this);
    return this.#core;
  }

  get isAwake(): boolean {
    return this.#core !== undefined;
  }

  get durableImage(): Image {
    return this.#durable.image;
  }

  get life(): number {
    return this.#life;
  }

  /** Memory is gone, and with it every commit that was not flushed, and every answer that was awaited. */
  crash(): void {
    this.#life += 1;
    this.#core = undefined;
    this.image = copy(this.#durable.image);
    this.alarmAt = this.#durable.alarmAt;
    this.#dirty = false;
    this.#flushed = Promise.resolve();
    this.#watchAlarm();
  }

  /** Evicted in peace: only memory is lost. */
  async evict(): Promise<void> {
    const life = this.#life;
    await this.flushed();
    if (life !== this.#life) return;
    this.#life += 1;
    this.#core = undefined;
    this.#watchAlarm();
  }

  flushed(): Promise<void> {
    if (!this.#dirty) return this.#flushed;
    this.#dirty = false;
    const life = this.#life;
    const [image, alarmAt] = [copy(this.image), this.alarmAt ?? this.#ringing];
    const before = this.#flushed;
    this.#flushed = before.then(
      () =>
        new Promise<void>((resolve) =>
          this.#world.after(FLUSH_MS, () => {
            if (life !== this.#life) return; // never resolves: whoever waits has died too
            this.#durable = { image, alarmAt };
            resolve();
          }),
        ),
    );
    return this.#flushed;
  }

  durable(): Durable {
    const life = this.#life;
    return {
      transact: (body) => {
        if (life !== this.#life) throw new Error(`${this.name}: a dead object writes`);
        const [image, alarmAt] = [copy(this.image), this.alarmAt];
        try {
          const result = body();
          this.#dirty = true;
          void this.flushed();
          return result;
        } catch (error) {
          this.image = image;
          this.alarmAt = alarmAt;
          throw error;
        }
      },
      flush: () => this.flushed(),
      setAlarm: (at) => {
        this.alarmAt = at;
        this.#watchAlarm();
      },
      clearAlarm: () => {
        this.alarmAt = undefined;
      },
    };
  }

  #watchAlarm(): void {
    const at = this.alarmAt;
    if (at === undefined) return;
    this.#world.at(at, () => {
      if (this.alarmAt !== at || at > this.#world.now) return;
      this.alarmAt = undefined;
      this.#dirty = true;
      this.#ringing = at;
      this.core.ring();
      this.#ringing = undefined;
      void this.flushed();
    });
  }
}

/** Calls between objects over a network that may lose, delay and repeat both ways. */
export class Network {
  readonly #world: World;
  readonly faults: Faults;

  constructor(world: World, faults: Faults) {
    this.#world = world;
    this.faults = faults;
  }

  /** `handle` runs in `to` and its answer waits for `to`'s output gate. Rejects when the request or the answer is lost. */
  call<T>(from: Node, to: Node, handle: () => T | Promise<T>): Promise<T> {
    const life = from.life;
    return new Promise<T>((resolve, reject) => {
      const back = (settle: () => void): void => this.#travel(() => (life === from.life ? settle() : undefined));
      const lost = (): void => back(() => reject(new Error('network')));
      const deliver = (answer: boolean): void => {
        const receiver = to.life;
        const answered = Promise.resolve().then(handle);
        answered.then(
          (value) =>
            to.flushed().then(() => {
              if (receiver !== to.life || !answer) return;
              if (this.#is(this.faults.lostReply)) lost();
              else back(() => resolve(value));
            }),
          (error: unknown) => back(() => reject(error instanceof Error ? error : new Error('refused'))),
        );
        // The receiver may die before it answers; its caller then sees a broken connection.
        if (answer) this.#world.after(31_000, () => (receiver === to.life ? undefined : lost()));
      };
      if (this.#is(this.faults.lostRequest)) {
        lost();
        return;
      }
      this.#travel(() => deliver(true));
      if (this.#is(this.faults.duplicate)) this.#travel(() => deliver(false));
    });
  }

  #travel(arrive: () => void): void {
    const { chance } = this.#world;
    const slow = chance.is(0.05) ? 20 * 60_000 : 40_000;
    const ms = this.#is(this.faults.slow) ? chance.between(1_000, slow) : chance.between(0.2, 3);
    this.#world.after(ms, arrive);
  }

  #is(probability: number): boolean {
    return this.faults.on && this.#world.chance.is(probability);
  }
}

/** The members of an image are replaced, never changed: `stores.ts`. */
function copy<T extends object>(image: T): T {
  return { ...image };
}
