import { DurableObject } from 'cloudflare:workers';
import { CloseCode } from '../../../contract/close-codes.ts';
import type { ExecutionLiveMessage, PipelineLiveMessage } from '../../../contract/live-feed.ts';
import type { PipelineState } from '../../../contract/pipelines.ts';
import type { ScheduleState } from '../../calendar/schedule.ts';
import type { ExecutionId, Instant, PipelineId, TenantId } from '../../engine/ids.ts';
import type { Position } from '../../engine/position.ts';
import type { ExecutionSummary } from '../../engine/summary.ts';
import { type ExecutionView, unadmittedView } from '../../engine/view.ts';
import { type Queue, whyNotIn } from '../../engine/why/admission.ts';
import { type Part, type Why, whyOf } from '../../engine/why/part.ts';
import { type PipelineReasons, whyPipeline } from '../../engine/why/pipeline.ts';
import type { Reason } from '../../engine/why/reason.ts';
import { unadmittedState } from '../../engine/why/unadmitted.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { disconnectWatcher, LiveSockets } from '../live-sockets.ts';
import { assertOwnTenant } from '../names.ts';
import type { ExecutionPeer, PositionAnswer, RollbackAnswer, RollbackOrder, SlotPeer } from '../peers.ts';
import { durableOf, later } from '../sql.ts';
import { leaseOf, PipelineCore } from './pipeline-core.ts';
import { neverAdmitted } from './pipeline-memory.ts';
import {
  DELIVERY_KEY,
  type DeliveryVerdict,
  matchDelivery,
  type PipelineDelivery,
  triggerOf,
  triggersOf,
} from './deliveries.ts';
import {
  type PipelineIndex,
  refuseByQuota,
  type SaveVersion,
  type ScheduleGate,
  type StartExecution,
} from './pipeline-orders.ts';
import type { Head, LiveRow, StoredRevision, StoredVersion } from './pipeline-store.ts';
import { Slots } from './slots.ts';
import { SqlPipelineStore } from './sql-pipeline-store.ts';

export interface PipelineServices {
  readonly newExecutionId: (pipeline: PipelineId) => ExecutionId;
  readonly clock: Clock;
  readonly log: Log;
  readonly executions: ExecutionPeer;
  readonly slots: SlotPeer;
  readonly index: PipelineIndex;
  /** Why nothing may start in the tenant any more, in a sentence. */
  readonly whyClosed: (tenant: TenantId) => Promise<string | undefined>;
}

/** One pipeline. Only checks whose it is, calls the core and answers; `docs/protocol.md` says who calls what. */
export class PipelineObject extends DurableObject {
  readonly #sockets: LiveSockets<PipelineLiveMessage>;
  /** Of executions that wait to be admitted: until they have an object of their own, their pipeline speaks for them. */
  readonly #unadmitted: LiveSockets<ExecutionLiveMessage>;
  readonly #clock: Clock;
  readonly #store: SqlPipelineStore;
  readonly #newExecutionId: PipelineServices['newExecutionId'];
  readonly #slots: Slots;
  readonly #whyClosed: PipelineServices['whyClosed'];
  #core!: PipelineCore;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, services: PipelineServices) {
    super(ctx, env);
    this.#sockets = new LiveSockets(ctx, 'live');
    this.#unadmitted = new LiveSockets(ctx, 'unadmitted');
    this.#clock = services.clock;
    this.#newExecutionId = services.newExecutionId;
    this.#whyClosed = services.whyClosed;
    this.#store = new SqlPipelineStore(ctx.storage.sql);
    this.#slots = new Slots({
      peer: services.slots,
      log: services.log,
      isInUse: (lease) => this.#core.rows.some((row) => row.lease === lease),
      inBackground: (promise) => ctx.waitUntil(promise),
    });
    void ctx.blockConcurrencyWhile(async () => {
      this.#core = new PipelineCore({
        durable: durableOf(ctx.storage),
        store: this.#store,
        armedAt: (await ctx.storage.getAlarm()) ?? undefined,
        later,
        onChange: (gone) => this.#onChange(gone),
        onBegun: (id) => this.#unadmitted.close(CloseCode.Moved, 'begun', id),
        scheduleGate: (of, begin) => this.#askForSchedule(of, begin),
        ...services,
      });
    });
  }

  save(order: SaveVersion): ReturnType<PipelineCore['save']> {
    assertOwnTenant(this.ctx.id, order.tenant);
    return this.#core.save(order);
  }

  async start(tenant: TenantId, order: StartExecution): Promise<ReturnType<PipelineCore['start']>> {
    const pipeline = this.#core.head?.id;
    if (!this.#isOf(tenant) || pipeline === undefined) {
      return { ok: false, code: 'pipeline_not_found', message: 'There is no such pipeline.' };
    }
    const foreseen = this.#core.foresee(order);
    if (foreseen !== undefined) return foreseen;
    return this.#slots.during({ tenant, pipeline, lease: leaseOf(order.id), isStart: true }, async (take) => {
      const refusal = await take();
      // Others have come in while we waited: it is decided anew.
      return refusal === undefined ? this.#core.start(order) : refuseByQuota(refusal);
    });
  }

  /** Starts an execution for something that happened elsewhere, one at most for each delivery; or says why not. */
  async deliver(tenant: TenantId, delivery: PipelineDelivery): Promise<DeliveryVerdict> {
    const head = this.#isOf(tenant) ? this.#core.head : undefined;
    const version = head === undefined ? undefined : this.#store.version(head.version);
    if (head === undefined || version === undefined) {
      return { kind: 'Filtered', reasons: ['The pipeline has been deleted.'] };
    }
    const key = `${DELIVERY_KEY}${delivery.key}`;
    const earlier = this.#store.startKey(key);
    if (earlier !== undefined) {
      return { kind: 'Started', execution: earlier.execution, number: earlier.number, isNew: false, notes: [] };
    }
    const match = matchDelivery(triggersOf(version), delivery);
    if (match.kind !== 'Start') return match;
    const outcome = await this.start(tenant, {
      id: this.#newExecutionId(head.id),
      version: head.version,
      key,
      fingerprint: '',
      variables: match.variables,
      revisions: {},
      pins: match.pins,
      trigger: triggerOf(delivery, match.detail),
    });
    if (outcome.ok) {
      return {
        kind: 'Started',
        execution: outcome.id,
        number: outcome.number,
        isNew: outcome.isNew,
        notes: match.notes,
      };
    }
    const { code, message, retryAfterSeconds } = outcome;
    const isSuperseding = version.mode === 'SUPERSEDED';
    return {
      kind: 'Refused',
      code,
      message,
      isSuperseding,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    };
  }

  async report(tenant: TenantId, id: ExecutionId, position: Position): Promise<PositionAnswer> {
    if (!this.#isOwnedBy(tenant)) return { kind: 'Unknown' };
    const pipeline = this.#core.head?.id;
    if (position.kind !== 'Returning' || pipeline === undefined) return this.#core.report(id, position);
    const lease = leaseOf(id, position.step);
    return this.#slots.during({ tenant, pipeline, lease, isStart: false }, async (take) => {
      const refusal = await take();
      if (refusal === undefined) return this.#core.report(id, position);
      return { kind: 'Refused', message: refuseByQuota(refusal).message };
    });
  }

  /** Which of these leases it has executions for, or is about to have. */
  held(tenant: TenantId, leases: readonly string[]): readonly string[] {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#slots.held(leases);
  }

  async rollback(tenant: TenantId, order: RollbackOrder): Promise<RollbackAnswer> {
    const pipeline = this.#core.head?.id;
    if (!this.#isOf(tenant) || pipeline === undefined) {
      return { ok: false, code: 'pipeline_not_found', message: 'There is no such pipeline.' };
    }
    const id = this.#newExecutionId(pipeline);
    return this.#slots.during({ tenant, pipeline, lease: leaseOf(id), isStart: true }, (take) =>
      this.#core.rollback(order, () => id, take),
    );
  }

  /** Answers when everybody who could still have entered a closed stage has confirmed that they will not. */
  async setTransition(
    tenant: TenantId,
    stage: string,
    change: { readonly enabled: boolean; readonly by: string; readonly reason: string },
  ): Promise<ReturnType<PipelineCore['setTransition']> & { readonly unconfirmed?: readonly ExecutionId[] }> {
    if (!this.#isOf(tenant)) return { ok: false, code: 'pipeline_not_found', message: 'There is no such pipeline.' };
    const outcome = this.#core.setTransition(stage, change);
    if (outcome.ok) await this.#core.settled();
    return outcome.ok ? { ...outcome, unconfirmed: this.#core.unconfirmed } : outcome;
  }

  withdraw(tenant: TenantId, id: ExecutionId): boolean {
    return this.#isOf(tenant) && this.#core.withdraw(id);
  }

  remove(tenant: TenantId, by: string, stop: boolean): ReturnType<PipelineCore['remove']> {
    return this.#isOf(tenant) ? this.#core.remove(by, stop) : { ok: true, stopping: [] };
  }

  /** Nothing is left of it: it was deleted, and its last execution has ended. */
  isGone(tenant: TenantId): boolean {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#core.owner === undefined;
  }

  saveRevision(tenant: TenantId, action: string, revision: StoredRevision): ReturnType<PipelineCore['saveRevision']> {
    if (!this.#isOf(tenant)) return { ok: false, code: 'pipeline_not_found', message: 'There is no such pipeline.' };
    return this.#core.saveRevision(action, revision);
  }

  describe(tenant: TenantId, version?: number): { head: Head; version: StoredVersion } | null {
    const head = this.#isOf(tenant) ? this.#core.head : undefined;
    const stored = head === undefined ? undefined : this.#store.version(version ?? head.version);
    return head === undefined || stored === undefined ? null : { head, version: stored };
  }

  versions(tenant: TenantId, before: number, limit: number): readonly StoredVersion[] | null {
    return this.#isOf(tenant) ? this.#store.versions(before, limit) : null;
  }

  state(tenant: TenantId): PipelineState | null {
    const head = this.#isOf(tenant) ? this.#core.head : undefined;
    const stages = this.#core.board();
    if (head === undefined || stages === undefined) return null;
    return { name: head.name, version: head.version, mode: head.mode, stages };
  }

  /** Live executions, newest first: fresher than the index of history. */
  live(tenant: TenantId): readonly ExecutionSummary[] {
    const head = this.#isOf(tenant) ? this.#core.head : undefined;
    if (head === undefined) return [];
    const now = this.#clock.now();
    return this.#core.rows
      .map((row) => ({ ...neverAdmitted(head, row, now), stage: row.live.stages[row.live.at] ?? '' }))
      .reverse();
  }

  /** The view of an execution whose own object knows nothing of it yet. */
  unadmitted(tenant: TenantId, id: ExecutionId): ExecutionView | null {
    const head = this.#isOf(tenant) ? this.#core.head : undefined;
    const row = this.#core.rows.find(({ live }) => live.id === id);
    if (head === undefined || row === undefined) return null;
    const { ending, epoch } = row.live;
    // One that is refused has an object of its own, which had ended before.
    const end = ending === undefined || ending === 'Refused' ? undefined : { status: ending, at: this.#clock.now() };
    return unadmittedView(this.#core.origin(head, row), row.start.at, epoch > 0 ? 'Admitted' : (end ?? 'Waiting'));
  }

  /** The same as an execution's own `why`, for one that has no object yet. */
  whyUnadmitted(tenant: TenantId, id: ExecutionId, part: Part): Why | null {
    const head = this.#isOf(tenant) ? this.#core.head : undefined;
    const row = this.#core.rows.find(({ live }) => live.id === id);
    if (head === undefined || row === undefined || row.live.ending !== undefined) return null;
    return whyOf(unadmittedState(this.#core.origin(head, row), row.start.at), part);
  }

  /** Why an execution that waits for this stage is not let in. Null: the pipeline has nothing to say about it. */
  whyNotIn(tenant: TenantId, id: ExecutionId, stage: string): readonly Reason[] | null {
    const queue = this.#queueOf(tenant);
    return (queue === undefined ? undefined : whyNotIn(queue, id, stage)) ?? null;
  }

  /** What the pipeline itself has to say: about closed transitions, and about every live execution that it lets wait. */
  why(tenant: TenantId): PipelineReasons | null {
    const queue = this.#queueOf(tenant);
    return queue === undefined ? null : whyPipeline(queue);
  }

  poke(): void {
    this.#core.poke();
  }

  /** The sweeper's other way in, for pipelines that should have been awake by now. */
  keepTime(): Instant | null {
    return this.#core.keepTime() ?? null;
  }

  schedules(tenant: TenantId): readonly ScheduleState[] | null {
    const head = this.#isOf(tenant) ? this.#core.head : undefined;
    return head === undefined ? null : (head.schedules ?? []);
  }

  override alarm(): void {
    this.#core.ring();
  }

  /** Only WebSocket upgrades come this way; the Worker has checked who asks, and for which tenant. */
  override fetch(request: Request): Response {
    const { searchParams } = new URL(request.url);
    const tenant = searchParams.get('tenant') as TenantId;
    const id = searchParams.get('execution') as ExecutionId | null;
    const by = searchParams.get('by');
    if (id !== null) return this.#watchUnadmitted(tenant, id, by);
    const state = this.state(tenant);
    if (state === null) return new Response(null, { status: 404 });
    return this.#sockets.accept([{ type: 'state', state }], { by });
  }

  /** Closes what this person or token watches here. Answers with the executions that are under way: they have watchers too. */
  disconnect(tenant: TenantId, by: string): readonly ExecutionId[] {
    if (!this.#isOwnedBy(tenant)) return [];
    disconnectWatcher(this.ctx, by);
    return this.#core.rows.map(({ live }) => live.id);
  }

  override webSocketMessage(): void {
    // Watchers only listen.
  }

  #isOf(tenant: TenantId): boolean {
    return this.#core.head?.tenant === tenant;
  }

  /** Executions of a deleted pipeline still report their ends. */
  #isOwnedBy(tenant: TenantId): boolean {
    return this.#core.owner === tenant;
  }

  #queueOf(tenant: TenantId): Queue | undefined {
    const head = this.#isOf(tenant) ? this.#core.head : undefined;
    if (head === undefined) return undefined;
    const live = this.#core.rows.map((row) => row.live);
    return { pipeline: head.name, live, transitions: head.transitions ?? {} };
  }

  #watchUnadmitted(tenant: TenantId, id: ExecutionId, by: string | null): Response {
    const execution = this.unadmitted(tenant, id);
    const row = this.#core.rows.find(({ live }) => live.id === id);
    if (execution === null || row === undefined) return new Response(null, { status: 404 });
    // It has begun since its own object was asked.
    if (this.#core.hasBegun(row.live)) return new Response(null, { status: 409 });
    return this.#unadmitted.accept([{ type: 'snapshot', seq: 0, execution }], { by, topic: id });
  }

  /** A start by the clock takes a place among the tenant's executions like any other. */
  async #askForSchedule(...[of, begin]: Parameters<ScheduleGate>): Promise<void> {
    const { tenant, pipeline, execution } = of;
    const problem = await this.#whyClosed(tenant);
    if (problem !== undefined) {
      begin(problem);
      return;
    }
    await this.#slots.during({ tenant, pipeline, lease: leaseOf(execution), isStart: true }, async (take) => {
      const refusal = await take();
      begin(refusal === undefined ? undefined : refuseByQuota(refusal).message);
    });
  }

  #onChange(gone: readonly LiveRow[]): void {
    const owner = this.#core.owner;
    if (owner !== undefined) this.#slots.giveBack(owner, gone);
    this.#broadcast();
  }

  #broadcast(): void {
    const owner = this.#core.owner;
    if (owner === undefined) return;
    for (const { live } of this.#core.rows) if (live.ending !== undefined) this.#sayEnd(owner, live.id);
    if (!this.#sockets.isWatched) return;
    const state = this.state(owner);
    if (state !== null) this.#sockets.broadcast({ type: 'state', state });
  }

  #sayEnd(owner: TenantId, id: ExecutionId): void {
    if (!this.#unadmitted.watches(id)) return;
    const execution = this.unadmitted(owner, id);
    if (execution === null) return;
    this.#unadmitted.broadcast({ type: 'snapshot', seq: 0, execution }, id);
    this.#unadmitted.close(1000, 'ended', id);
  }
}
