import type { JobPayload, JobResult, PoolMessage, RunnerMessage } from '../../contract/runner-protocol.ts';
import type { JobId } from '../../worker/engine/ids.ts';
import type { ConnectedRunner, PoolCore } from '../../worker/objects/pool/pool-core.ts';
import type { Faults, Host } from './host.ts';
import type { PoolImage } from './stores.ts';
import type { World } from './world.ts';

const FINISH_AGAIN_MS = 5_000;
const PING_MS = 20_000;

export type PoolHost = Host<PoolCore, PoolImage>;

/** A process under its supervisor: it runs on, and its result is kept, whatever becomes of the runner. */
interface KeptJob {
  readonly payload: JobPayload;
  started: boolean;
  result: JobResult | undefined;
}

/** One socket, as both ends see it. Messages of one direction arrive in order, or not at all. */
class Link {
  isOpen = true;
  heardAt: number;
  #arrivals = { up: 0, down: 0 };
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.heardAt = world.now;
  }

  carry(direction: 'up' | 'down', arrive: () => void): void {
    const { chance, now } = this.#world;
    const ms = chance.is(0.01) ? chance.between(1_000, 9_000) : chance.between(0.2, 3);
    const at = Math.max(now + ms, this.#arrivals[direction]);
    this.#arrivals[direction] = at;
    this.#world.after(at - now, () => (this.isOpen ? arrive() : undefined));
  }
}

/** What really ran, written down by the processes themselves. */
export class Ledger {
  readonly starts = new Map<string, number>();
  readonly running = new Set<string>();

  readonly #onStart: (job: string) => void;

  constructor(onStart: (job: string) => void) {
    this.#onStart = onStart;
  }

  started(job: string): void {
    this.#onStart(job);
    this.starts.set(job, (this.starts.get(job) ?? 0) + 1);
    this.running.add(job);
  }

  ended(job: string): void {
    this.running.delete(job);
  }
}

/** Keeps the rules of the runner protocol; its disk survives its own death, but not that of its machine. */
export class SimulatedRunner {
  readonly id: string;
  readonly slots: number;
  isMachineDead = false;
  readonly #world: World;
  readonly #pool: PoolHost;
  readonly #ledger: Ledger;
  readonly #faults: Faults;
  readonly #disk = new Map<string, KeptJob>();
  link: Link | undefined;
  #life = 0;

  constructor(id: string, slots: number, parts: { world: World; pool: PoolHost; ledger: Ledger; faults: Faults }) {
    this.id = id;
    this.slots = slots;
    this.#world = parts.world;
    this.#pool = parts.pool;
    this.#ledger = parts.ledger;
    this.#faults = parts.faults;
    this.start();
  }

  start(): void {
    this.#life += 1;
    // What had not been started may have been given to somebody else since; the pool offers it again if not.
    for (const [job, kept] of this.#disk) if (!kept.started) this.#disk.delete(job);
    this.#reconnect();
  }

  /** The runner's process dies; the jobs' processes do not. */
  crash(): void {
    if (this.isMachineDead) return;
    this.#life += 1;
    this.#breakLink(this.#world.chance.is(0.7));
    this.#world.after(this.#world.chance.between(500, 20_000), () => (this.isMachineDead ? undefined : this.start()));
  }

  /** Nothing of it is ever seen again. */
  lose(): void {
    this.isMachineDead = true;
    this.#life += 1;
    this.#breakLink(false);
    for (const job of this.#disk.keys()) this.#ledger.ended(job);
    this.#disk.clear();
  }

  /** The network between runner and pool is cut. */
  disconnect(poolNotices: boolean): void {
    if (this.isMachineDead) return;
    this.#breakLink(poolNotices);
    this.#reconnect();
  }

  /** The pool's process died and took its end of every socket with it. */
  poolDied(): void {
    if (this.link !== undefined) this.disconnect(false);
  }

  toConnected(): ConnectedRunner | undefined {
    const { link } = this;
    if (link === undefined) return undefined;
    return { id: this.id, name: this.id, labels: [], slots: this.slots, isDraining: false, heardAt: link.heardAt };
  }

  /** From the pool, behind its output gate. */
  hear(message: PoolMessage): void {
    const { link } = this;
    if (link === undefined) return;
    const life = this.#life;
    const poolLife = this.#pool.life;
    void this.#pool.flushed().then(() => {
      if (poolLife !== this.#pool.life) return;
      link.carry('down', () => (life === this.#life ? this.#onMessage(message) : undefined));
    });
  }

  #reconnect(): void {
    const life = this.#life;
    this.#world.after(this.#world.chance.between(50, 5_000), () => {
      if (life === this.#life && this.link === undefined) this.#connect();
    });
  }

  #connect(): void {
    const link = new Link(this.#world);
    const life = this.#life;
    link.carry('up', () => {
      // Whoever said hello has died since, and its socket with it.
      if (life !== this.#life) return;
      this.link = link;
      const { now } = this.#world;
      this.#pool.core.hello(
        {
          id: this.id,
          name: this.id,
          version: '1',
          os: 'sim',
          arch: 'sim',
          labels: [],
          slots: this.slots,
          connectedAt: now,
          seenAt: now,
        },
        [...this.#disk.keys()],
      );
      this.#ping(link, life);
      this.#sayResults(life, link);
    });
  }

  #ping(link: Link, life: number): void {
    if (!link.isOpen || life !== this.#life) return;
    link.heardAt = this.#world.now;
    this.#world.after(PING_MS, () => this.#ping(link, life));
  }

  #breakLink(poolNotices: boolean): void {
    const { link } = this;
    if (link === undefined) return;
    link.isOpen = false;
    this.link = undefined;
    if (!poolNotices) return;
    const poolLife = this.#pool.life;
    this.#world.after(1, () => {
      if (poolLife === this.#pool.life && this.link === undefined) this.#pool.core.disconnected(this.id);
    });
  }

  #onMessage(message: PoolMessage): void {
    switch (message.type) {
      case 'offer':
        if (this.#busy() < this.slots && !this.#disk.has(message.job)) this.#say({ type: 'claim', job: message.job });
        return;
      case 'claimed': {
        if (this.#disk.has(message.job)) return;
        const kept: KeptJob = { payload: message.payload, started: false, result: undefined };
        this.#disk.set(message.job, kept);
        const life = this.#life;
        this.#world.after(1, () => (life === this.#life ? this.#spawn(message.job, kept) : undefined));
        return;
      }
      case 'cancel':
        this.#kill(message.job, 'cancelled', this.#world.chance.between(1, 6_000));
        return;
      case 'fenced':
        this.#kill(message.job, 'cancelled', this.#world.chance.between(1, 6_000));
        this.#disk.delete(message.job);
        return;
      case 'finished':
        this.#disk.delete(message.job);
        return;
      default:
    }
  }

  #say(message: RunnerMessage): void {
    const { link } = this;
    if (link === undefined) return;
    const life = this.#life;
    link.carry('up', () => {
      const { core } = this.#pool;
      const answered = (answer: PoolMessage): void => (life === this.#life ? this.hear(answer) : undefined);
      const runner = { id: this.id, name: this.id };
      if (message.type === 'claim') void core.claim(runner, message.job as JobId);
      // An execution that cannot be reached leaves the result unanswered, and it is said again.
      if (message.type === 'finish') {
        core.finish(this.id, message.job as JobId, message.result).then(answered, () => undefined);
      }
    });
  }

  #spawn(job: string, kept: KeptJob): void {
    // The supervisor's first act is to create a file that must not exist: a second one gives up.
    if (kept.started || !this.#disk.has(job)) return;
    kept.started = true;
    this.#ledger.started(job);
    const { chance } = this.#world;
    const ms = chance.is(0.1) ? chance.between(10_000, 200_000) : chance.between(5, 5_000);
    this.#world.after(ms, () => this.#exit(job, kept, chance.is(0.85) ? 'succeeded' : 'failed'));
  }

  #kill(job: string, outcome: JobResult['outcome'], afterMs: number): void {
    const kept = this.#disk.get(job);
    if (kept === undefined) return;
    kept.started = true;
    this.#world.after(afterMs, () => this.#exit(job, kept, outcome));
  }

  #exit(job: string, kept: KeptJob, outcome: JobResult['outcome']): void {
    if (this.isMachineDead || kept.result !== undefined) return;
    this.#ledger.ended(job);
    kept.result = { outcome, exitCode: 0, message: outcome, variables: {}, artifacts: artifactsOf(kept.payload) };
    const { link } = this;
    if (link !== undefined) this.#sayResults(this.#life, link);
  }

  #sayResults(life: number, link: Link): void {
    if (life !== this.#life || !link.isOpen) return;
    const done = [...this.#disk].flatMap(([job, { result }]) => (result === undefined ? [] : [{ job, result }]));
    for (const { job, result } of done) this.#say({ type: 'finish', job, result });
    if (done.length > 0) this.#world.after(FINISH_AGAIN_MS, () => this.#sayResults(life, link));
  }

  #busy(): number {
    return [...this.#disk.values()].filter(({ result }) => result === undefined).length;
  }

  get holdsNothing(): boolean {
    return this.#disk.size === 0;
  }

  get faults(): Faults {
    return this.#faults;
  }
}

function artifactsOf({ outputs }: JobPayload): JobResult['artifacts'] {
  return outputs.map(({ name }) => ({ name, digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 1 }));
}
