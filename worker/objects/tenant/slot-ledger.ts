import type { Limits, QuotaUse } from '../../../contract/quotas.ts';
import type { Instant, PipelineId } from '../../engine/ids.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { SlotRefusal, TakeSlot } from '../peers.ts';
import type { Slot, SlotStore } from './slot-store.ts';

const HOUR_MS = 60 * 60_000;
/** When somebody's execution may have ended; nobody can be told more exactly. */
const RETRY_AFTER_SECONDS = 30;
/** Pipelines are not asked more often what they still hold, however many starts are refused meanwhile. */
const RECLAIM_EVERY_MS = 10_000;

export interface SlotServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: (tenant: string) => Promise<Limits>;
  /** Which of these the pipeline holds, or is about to use. */
  readonly heldBy: (tenant: string, pipeline: PipelineId, leases: readonly string[]) => Promise<readonly string[]>;
}

/**
 * How many executions the tenant has under way, and has started within the last hour. A pipeline takes a lease before an execution
 * begins and gives it back at its end. Both messages may get lost, and then too much is counted: before anybody is refused for
 * that, the pipelines are asked what they really hold.
 */
export class SlotLedger {
  readonly #tenant: string;
  readonly #store: SlotStore;
  readonly #services: SlotServices;
  #known: Map<string, Slot> | undefined;
  #reclaiming: Promise<void> | undefined;
  #reclaimedAt = -Infinity;

  constructor(tenant: string, store: SlotStore, services: SlotServices) {
    this.#tenant = tenant;
    this.#store = store;
    this.#services = services;
  }

  /** Undefined: taken. Idempotent by the lease. */
  async take(order: TakeSlot): Promise<SlotRefusal | undefined> {
    const limits = await this.#services.limits(this.#tenant);
    const refusal = this.#take(order, limits);
    if (refusal?.quota.name !== 'concurrentExecutions') return refusal;
    await this.#reclaim();
    return this.#take(order, limits);
  }

  /** What the next execution that comes back would be told. */
  async room(): Promise<SlotRefusal | undefined> {
    const limits = await this.#services.limits(this.#tenant);
    if (this.#concurrency(limits) !== undefined) await this.#reclaim();
    return this.#concurrency(limits);
  }

  /** `isVoid`: nothing was started with it. */
  release(leases: readonly string[], isVoid: boolean): void {
    const slots = this.#slots();
    for (const lease of leases) {
      const slot = slots.get(lease);
      if (slot === undefined) continue;
      if (isVoid || !this.#isOfThisHour(slot)) this.#forget(slot);
      else if (slot.isHeld) this.#keep({ ...slot, isHeld: false });
    }
  }

  async usage(): Promise<{ readonly concurrentExecutions: number; readonly executionsPerHour: number }> {
    if (this.#held().length > 0) await this.#reclaim();
    return { concurrentExecutions: this.#held().length, executionsPerHour: this.#started().length };
  }

  #take({ lease, pipeline, isStart }: TakeSlot, limits: Limits): SlotRefusal | undefined {
    const slots = this.#slots();
    const known = slots.get(lease);
    if (known?.isHeld === true) return undefined;
    const at = this.#services.clock.now();
    const refusal = this.#concurrency(limits) ?? (isStart ? this.#rate(limits, at) : undefined);
    if (refusal !== undefined) return refusal;
    this.#store.transact(() => {
      for (const slot of slots.values()) if (!slot.isHeld && !this.#isOfThisHour(slot)) this.#forget(slot);
      this.#keep({ lease, pipeline, at, isStart, isHeld: true });
    });
    return undefined;
  }

  #concurrency({ concurrentExecutions: limit }: Limits): SlotRefusal | undefined {
    const used = this.#held().length;
    if (used < limit) return undefined;
    return { quota: { name: 'concurrentExecutions', used, limit }, retryAfterSeconds: RETRY_AFTER_SECONDS };
  }

  #rate({ executionsPerHour: limit }: Limits, now: Instant): SlotRefusal | undefined {
    const started = this.#started();
    if (started.length < limit) return undefined;
    const quota: QuotaUse = { name: 'executionsPerHour', used: started.length, limit };
    // The one whose hour must be over before another one fits; with a limit of none, nothing helps.
    const next = started[started.length - Math.max(limit, 1)] ?? now;
    return { quota, retryAfterSeconds: Math.max(1, Math.ceil((next + HOUR_MS - now) / 1000)) };
  }

  #held(): readonly Slot[] {
    return [...this.#slots().values()].filter(({ isHeld }) => isHeld);
  }

  /** When, the oldest first. */
  #started(): readonly Instant[] {
    return [...this.#slots().values()]
      .filter((slot) => this.#isOfThisHour(slot))
      .map(({ at }) => at)
      .sort((one, other) => one - other);
  }

  #isOfThisHour({ isStart, at }: Slot): boolean {
    return isStart && at > this.#services.clock.now() - HOUR_MS;
  }

  #reclaim(): Promise<void> {
    const { clock } = this.#services;
    if (this.#reclaiming === undefined && clock.now() - this.#reclaimedAt >= RECLAIM_EVERY_MS) {
      this.#reclaimedAt = clock.now();
      this.#reclaiming = this.#askAll().finally(() => (this.#reclaiming = undefined));
    }
    return this.#reclaiming ?? Promise.resolve();
  }

  async #askAll(): Promise<void> {
    const leases = new Map<PipelineId, string[]>();
    for (const { pipeline, lease } of this.#held()) {
      leases.set(pipeline, [...(leases.get(pipeline) ?? []), lease]);
    }
    await Promise.all([...leases].map(([pipeline, its]) => this.#ask(pipeline, its)));
  }

  /** Once a pipeline does not hold a lease, it never will again: each is for one beginning. */
  async #ask(pipeline: PipelineId, leases: readonly string[]): Promise<void> {
    const { heldBy, log } = this.#services;
    try {
      const held = new Set(await heldBy(this.#tenant, pipeline, leases));
      const lost = leases.filter((lease) => !held.has(lease));
      this.release(lost, false);
      for (const lease of lost) log.info('lease reclaimed', { tenant: this.#tenant, pipeline, lease });
    } catch (error) {
      log.error('pipeline not asked for its leases', { tenant: this.#tenant, pipeline }, error);
    }
  }

  #slots(): Map<string, Slot> {
    return (this.#known ??= new Map(this.#store.all().map((slot) => [slot.lease, slot])));
  }

  #keep(slot: Slot): void {
    this.#store.put(slot);
    this.#slots().set(slot.lease, slot);
  }

  #forget({ lease }: Slot): void {
    this.#store.remove(lease);
    this.#slots().delete(lease);
  }
}
