import { isDue } from '../../calendar/schedule.ts';
import {
  cancelAll,
  confirm,
  enter,
  granted,
  isEnteredByNewer,
  type Live,
  type LiveExecution,
  move,
  type Newcomer,
  settle,
  stays,
  type Tracks,
  withdraw,
  without,
} from '../../engine/admission.ts';
import { board } from '../../engine/board.ts';
import { expire, nextExpiryAt } from '../../engine/expiry.ts';
import type { ExecutionId, Instant, PipelineId, TenantId } from '../../engine/ids.ts';
import type { Origin } from '../../engine/model.ts';
import { omit } from '../../engine/omit.ts';
import type { ExecutionStart, Position } from '../../engine/position.ts';
import { rollbackProblem } from '../../engine/rollback.ts';
import { decideStart, uploadActions } from '../../engine/start.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Courier } from '../courier.ts';
import { Alarm, type Durable, earliest, WATCHDOG_MS } from '../durable.ts';
import type { ExecutionPeer, PositionAnswer, RollbackAnswer, RollbackOrder, SlotRefusal } from '../peers.ts';
import { neverAdmitted, withEnd } from './pipeline-memory.ts';
import {
  nowhere,
  type Outcome,
  overtaken,
  type PipelineIndex,
  refuse,
  refuseByQuota,
  repeated,
  type SaveVersion,
  type ScheduleGate,
  type StartCode,
  type Started,
  type StartExecution,
  tooMany,
} from './pipeline-orders.ts';
import { firingNow, nextFiringAt, scheduledStart, withFiring, withSchedules } from './schedules.ts';
import type { Head, LiveRow, PipelineStore, StartKey, StoredRevision, StoredVersion } from './pipeline-store.ts';

const DAY_MS = 24 * 60 * 60_000;
const START_KEYS_KEPT_MS = DAY_MS;
/** GitHub makes a delivery again for three days. */
const DELIVERIES_KEPT_MS = 4 * DAY_MS;
/** Old keys are looked for once in so many starts: it reads them all. */
const FORGET_EVERY = 50;
/** CodePipeline allows 50 (user guide, "Quotas"); more than this is a mistake in a trigger. */
const LIVE_MAX = 100;
/** What is owed has an alarm within this time. */
const OWED_MAX_MS = 60_000;

/** What is needed for an execution to begin. */
interface Beginning {
  readonly id: ExecutionId;
  readonly start: ExecutionStart;
  readonly key: string | undefined;
  readonly fingerprint: string;
}

export interface PipelineParts {
  readonly durable: Durable;
  readonly store: PipelineStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly armedAt: Instant | undefined;
  readonly later: (ms: number, callback: () => void) => void;
  readonly executions: ExecutionPeer;
  readonly index: PipelineIndex;
  readonly newExecutionId: (pipeline: PipelineId) => ExecutionId;
  readonly scheduleGate: ScheduleGate;
  /** Called after each committed change of who is where, with whatever is live no more. */
  readonly onChange: (gone: readonly LiveRow[]) => void;
  /** Called when an execution is known to have begun: from then on it speaks for itself. */
  readonly onBegun: (id: ExecutionId) => void;
}

/** Whom something is told: an execution, the index in D1, or the schedules that are due. */
type Addressee = ExecutionId | 'index' | 'schedules';

/** The shell of one pipeline: stores what admission decides, and tells executions what they were granted. */
export class PipelineCore {
  readonly #parts: PipelineParts;
  readonly #alarm: Alarm;
  readonly #courier: Courier<Addressee>;
  #head: Head | undefined;
  #rows: readonly LiveRow[];
  /** The last epoch that each execution is known to have heard. Forgotten with the object: saying it again does no harm. */
  readonly #heard = new Map<ExecutionId, number>();
  #publishedVersion = 0;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.durable, parts.armedAt);
    this.#courier = new Courier<Addressee>({
      durable: parts.durable,
      clock: parts.clock,
      later: parts.later,
      deliver: (_, to) => this.#deliver(to),
      onFailure: (_, to, error, dueAt) => {
        parts.log.error('message failed', { pipeline: this.#head?.id, to }, error);
        parts.durable.transact(() => this.#alarm.arm(dueAt, parts.clock.now()))();
      },
    });
    this.#head = parts.store.head();
    const rows = this.#head === undefined ? [] : parts.store.live();
    this.#rows = [...rows].sort((one, other) => one.live.rank - other.live.rank);
    // Whatever is unacknowledged has an alarm, and soon; without one, or with one for an expiry or a schedule that is further away,
    // everything was heard before the object left memory.
    const { armedAt } = parts;
    const isAhead = armedAt === this.#timeAt() && (armedAt ?? 0) > parts.clock.now() + OWED_MAX_MS;
    const isOwing = armedAt !== undefined && armedAt !== nextExpiryAt(this.#live()) && !isAhead;
    if (isOwing || this.#head === undefined) return;
    this.#publishedVersion = this.#head.version;
    for (const { live } of this.#rows) {
      this.#heard.set(live.ending === undefined ? live.id : ending(live), live.epoch);
    }
  }

  get head(): Head | undefined {
    return this.#head?.deletedBy === undefined ? this.#head : undefined;
  }

  /** The tenant that it belongs to, deleted or not. */
  get owner(): TenantId | undefined {
    return this.#head?.tenant;
  }

  get rows(): readonly LiveRow[] {
    return this.#rows;
  }

  /** A new version, or the latest one again when nothing has changed. */
  save(order: SaveVersion): Outcome<{ head: Head; isNew: boolean }, 'pipeline_deleted' | 'version_conflict'> {
    const { durable, store, clock } = this.#parts;
    const now = clock.now();
    const old = this.#head;
    if (old?.deletedBy !== undefined) return refuse('pipeline_deleted', 'The pipeline has been deleted.');
    const latest = old?.version ?? 0;
    if (order.ifVersion !== undefined && order.ifVersion !== latest) {
      const message = `The pipeline is at version ${latest}, not ${order.ifVersion}: somebody else has saved it.`;
      return refuse('version_conflict', message);
    }
    const { tenant, id, name, ifVersion: _, onUpdate, schedules = [], ...saved } = order;
    if (old !== undefined && store.version(latest)?.digest === order.digest) {
      return { ok: true, head: this.#adopt(withSchedules(old, schedules, now)), isNew: false };
    }
    const next: Head = {
      ...(old ?? { tenant, id, name, createdAt: now, number: 0, lastGood: {} }),
      mode: order.mode,
      version: latest + 1,
    };
    const head = withSchedules(next, schedules, now);
    const commit = durable.transact(() => {
      store.putHead(head);
      store.putVersion({ ...saved, version: head.version, createdAt: now });
      return this.#alarm.arm(now + WATCHDOG_MS, now);
    });
    commit();
    this.#head = head;
    if (old !== undefined && onUpdate === 'cancel') this.#cancelAll(head, saved.createdBy);
    this.#post();
    this.#parts.onChange([]);
    return { ok: true, head, isNew: true };
  }

  /** `head`: as it is to be once the execution has started. */
  start(order: StartExecution, head = this.head): Outcome<Started, StartCode> {
    const decided = this.#decideStart(order, head);
    return 'ok' in decided ? decided : this.#begin(...decided.begin);
  }

  /** Answers an order that begins nothing: the repeat of one, or one that is refused. Undefined: it would begin. */
  foresee(order: StartExecution): Outcome<Started, StartCode> | undefined {
    const decided = this.#decideStart(order, this.head);
    return 'ok' in decided ? decided : undefined;
  }

  #decideStart(
    order: StartExecution,
    head: Head | undefined,
  ): Outcome<Started, StartCode> | { readonly begin: readonly [Head, StoredVersion, Beginning] } {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const version = head === undefined ? undefined : store.version(order.version ?? head.version);
    if (head === undefined) return refuse('pipeline_not_found', 'There is no such pipeline.');
    if (version === undefined) return refuse('version_not_found', `There is no version ${order.version ?? 0}.`);
    const earlier = this.#startedBefore(order);
    if (earlier !== undefined) return repeated(earlier, order.fingerprint, version.plan.stages[0]?.name ?? '');
    if (this.#rows.length >= LIVE_MAX) return refuse('concurrent_executions_limit', tooMany(LIVE_MAX));
    const decision = decideStart(version.plan, version.variables, order, (action) => store.revisions(action));
    if (!decision.ok) return decision;
    const { variables, revisions, pins } = decision;
    const { trigger, forkedFrom, caller } = order;
    const start: ExecutionStart = {
      version: version.version,
      trigger,
      variables,
      revisions,
      ...(Object.keys(pins).length === 0 ? {} : { pins }),
      at: now,
      ...(forkedFrom === undefined ? {} : { forkedFrom }),
      ...(caller === undefined ? {} : { caller }),
    };
    return { begin: [head, version, { id: order.id, start, key: order.key, fingerprint: order.fingerprint }] };
  }

  /**
   * Sends what an earlier execution deployed through one stage again, past everybody who is still on the way there. User guide,
   * "Roll back a stage". `take`: a place among the tenant's executions.
   */
  async rollback(
    order: RollbackOrder,
    newId: () => ExecutionId,
    take: () => Promise<SlotRefusal | undefined> = () => Promise.resolve(undefined),
  ): Promise<RollbackAnswer> {
    const { store, executions } = this.#parts;
    const fingerprint = JSON.stringify([order.stage, order.target ?? null]);
    const known = (): StartKey | undefined => store.startKey(order.key);
    const before = this.head;
    if (before === undefined) return refuse('pipeline_not_found', 'There is no such pipeline.');
    const earlier = known();
    if (earlier !== undefined) return repeated(earlier, fingerprint, order.stage);
    if (before.mode === 'PARALLEL') {
      return refuse('rollback_not_possible', 'Executions of a PARALLEL pipeline cannot be rolled back.');
    }
    const last = before.lastGood[order.stage];
    const target = order.target ?? last?.target ?? last?.id;
    if (target === undefined) {
      return refuse('rollback_target_invalid', `No execution has succeeded in "${order.stage}" yet.`);
    }
    const [found, refusal] = await Promise.all([executions.target(before.tenant, target), take()]);
    // Others have come in while we waited.
    const head = this.head;
    const sameOrder = known();
    if (sameOrder !== undefined) return repeated(sameOrder, fingerprint, order.stage);
    const problem = rollbackProblem(before.id, found, order.stage);
    if (found === undefined || problem !== undefined) {
      return refuse('rollback_target_invalid', problem ?? 'The execution does not exist.');
    }
    const version = store.version(found.version);
    if (head === undefined || version === undefined) return refuse('pipeline_not_found', 'The pipeline is gone.');
    if (refusal !== undefined) return refuseByQuota(refusal);
    const stage = found.stages.findIndex(({ name }) => name === order.stage);
    const start: ExecutionStart = {
      version: found.version,
      trigger: order.trigger,
      variables: found.variables,
      revisions: found.revisions,
      at: this.#parts.clock.now(),
      kind: 'ROLLBACK',
      rollback: { stage: order.stage, target, ...(order.from === undefined ? {} : { from: order.from }) },
      span: { first: stage, last: stage },
      seed: found.seed,
    };
    return this.#begin(head, version, { id: newId(), start, key: order.key, fingerprint });
  }

  #begin(head: Head, version: StoredVersion, order: Beginning): { readonly ok: true } & Started {
    const { store, clock } = this.#parts;
    const { id, start, key, fingerprint } = order;
    const now = clock.now();
    const number = head.number + 1;
    const stages = version.plan.stages.map(({ name }) => name);
    const newcomer: Newcomer = {
      id,
      number,
      stages,
      mode: version.mode,
      ...(start.span === undefined ? {} : { at: start.span.first, last: start.span.last }),
      ...(start.kind === 'ROLLBACK' ? { isRollback: true } : {}),
    };
    const live = enter(this.#live(), newcomer, this.#tracks(), now);
    const also = (): void => {
      if (key === undefined) return;
      if (number % FORGET_EVERY === 0) store.forgetStartKeys(now - START_KEYS_KEPT_MS, now - DELIVERIES_KEPT_MS);
      store.putStartKey(key, { execution: id, number, version: version.version, fingerprint, at: now });
    };
    this.#commit(live, { ...head, number }, also, { id, start, lease: leaseOf(id) });
    const stage = stages[start.span?.first ?? 0] ?? '';
    return { ok: true, id, number, version: version.version, stage, isNew: true };
  }

  /** An execution says where it stands. */
  report(id: ExecutionId, position: Position): PositionAnswer {
    const now = this.#parts.clock.now();
    const before = this.#row(id);
    const head = this.#head;
    if (head === undefined) return nowhere(position);
    if (before === undefined) {
      return position.kind === 'Returning' ? this.#comeBack(head, id, position) : nowhere(position);
    }
    if (position.kind === 'Returning' && position.step > before.live.step) {
      // Its end has not been heard; that was the step before.
      const end = position.end ?? { status: 'Failed', entered: [], succeeded: [] };
      this.report(id, { kind: 'Ended', step: position.step - 1, ...end });
      return this.report(id, position);
    }
    const ended = position.kind === 'Ended' && position.step > before.live.step ? position : undefined;
    const next = ended === undefined ? head : withEnd(head, before, ended, now);
    this.#commit(move(this.#live(), id, position, this.#tracks(next), now), next);
    this.#clearIfGone();
    return this.#answer(id, position);
  }

  /** Ends an execution that still waits to be admitted. False: it has an object of its own, which must be asked. */
  withdraw(id: ExecutionId): boolean {
    const live = withdraw(this.#live(), id, 'Stopped', this.#tracks(), this.#parts.clock.now());
    if (live === undefined || this.#head === undefined) return false;
    this.#commit(live, this.#head);
    return true;
  }

  /** Opens or closes the inbound transition of a stage. Nobody enters a closed one once `settled` has come back. */
  setTransition(
    stage: string,
    change: { readonly enabled: boolean; readonly by: string; readonly reason: string },
  ): Outcome<object, 'pipeline_not_found' | 'stage_not_found'> {
    const head = this.head;
    const version = head === undefined ? undefined : this.#parts.store.version(head.version);
    if (head === undefined || version === undefined) {
      return refuse('pipeline_not_found', 'There is no such pipeline.');
    }
    const names = [...version.plan.stages.map(({ name }) => name), ...this.#live().flatMap(({ stages }) => stages)];
    if (!names.includes(stage)) return refuse('stage_not_found', `There is no stage "${stage}" in this pipeline.`);
    const now = this.#parts.clock.now();
    const { [stage]: known, ...others } = head.transitions ?? {};
    if (change.enabled ? known === undefined : known !== undefined && known.reason === change.reason) {
      return { ok: true };
    }
    const { by, reason } = change;
    const transitions = change.enabled ? others : { ...others, [stage]: { by, at: now, reason } };
    const next = { ...head, transitions };
    this.#commit(settle(this.#live(), this.#tracks(next), now), next);
    return { ok: true };
  }

  /** Executions that may still go further than they should, because they have not confirmed yet. */
  get unconfirmed(): readonly ExecutionId[] {
    return this.#live().flatMap(({ id, limit }) => (limit === undefined ? [] : [id]));
  }

  /** Deletes the pipeline; with `stop`, its live executions are stopped first, and it is gone when the last one is. */
  remove(by: string, stop: boolean): Outcome<{ stopping: readonly ExecutionId[] }, 'pipeline_busy'> {
    const head = this.#head;
    if (head === undefined) return { ok: true, stopping: [] };
    const live = this.#rows.map((row) => row.live);
    const ids = live.map(({ id }) => id);
    if (live.length > 0 && !stop) {
      const message = 'Executions are still running. Stop them first, or delete with ?stop=true.';
      return { ok: false, code: 'pipeline_busy', message, executions: ids };
    }
    this.#commit(
      live.map((row): LiveExecution => ({ ...row, ending: row.ending ?? 'Stopped' })),
      { ...head, deletedBy: by },
    );
    this.#clearIfGone();
    return { ok: true, stopping: ids };
  }

  saveRevision(
    action: string,
    revision: StoredRevision,
  ): Outcome<object, 'pipeline_not_found' | 'source_action_not_found'> {
    const { durable, store } = this.#parts;
    const head = this.head;
    const version = head === undefined ? undefined : store.version(head.version);
    if (version === undefined) return refuse('pipeline_not_found', 'There is no such pipeline.');
    const actions = uploadActions(version.plan);
    if (!actions.includes(action)) {
      const known = actions.join(', ') || 'none';
      return refuse('source_action_not_found', `There is no upload source action "${action}". Known: ${known}.`);
    }
    durable.transact(() => store.putRevision(action, revision));
    return { ok: true };
  }

  /** False may be wrong after the object has slept: then it is asked again, or told again, which does no harm. */
  hasBegun(row: LiveExecution): boolean {
    return row.step > 0 || this.#heard.has(row.id);
  }

  board(): ReturnType<typeof board> | undefined {
    const head = this.head;
    const version = head === undefined ? undefined : this.#parts.store.version(head.version);
    if (head === undefined || version === undefined) return undefined;
    return board(version.plan, this.#live(), head.lastGood, head.transitions);
  }

  /** Says everything again that could have been lost; the sweeper's way in. */
  poke(): void {
    this.#assumeNothingHeard();
    this.#expire();
    this.#post();
    this.#rearm();
  }

  /** Fires whatever is due, even if its alarm was lost, and says when there is something to do next. */
  keepTime(): Instant | undefined {
    this.#post();
    this.#rearm();
    return nextFiringAt(this.head, 0);
  }

  ring(): void {
    const { clock, log } = this.#parts;
    this.#alarm.ring(
      (wasExpected) => {
        if (!wasExpected) this.#assumeNothingHeard();
        this.#expire();
        this.#post();
        this.#alarm.settle(earliest(this.#courier.nextDueAt(), this.#timeAt()), clock.now());
      },
      () => clock.now(),
      (error) => log.error('alarm failed', { pipeline: this.#head?.id }, error),
    );
  }

  async settled(): Promise<void> {
    await this.#courier.settled();
  }

  #comeBack(head: Head, id: ExecutionId, position: Extract<Position, { kind: 'Returning' }>): PositionAnswer {
    const version = this.#parts.store.version(position.start.version);
    const { stage, number, epoch, step, start } = position;
    const name = version?.plan.stages[stage]?.name;
    const refused = (message: string): PositionAnswer => ({ kind: 'Refused', message });
    if (version === undefined || name === undefined || head.deletedBy !== undefined) {
      return refused('The pipeline has been deleted.');
    }
    const isOrdered = version.mode !== 'PARALLEL';
    if (isOrdered && isEnteredByNewer(this.#live(), this.#tracks(), number, name)) return refused(overtaken(name));
    if (this.#rows.length >= LIVE_MAX) return refused(tooMany(LIVE_MAX));
    const newcomer: Newcomer = {
      id,
      number,
      stages: version.plan.stages.map((one) => one.name),
      mode: version.mode,
      at: stage,
      epoch,
      step,
      isReturning: true,
      ...(start.span === undefined ? {} : { last: start.span.last }),
      ...(start.kind === 'ROLLBACK' ? { isRollback: true } : {}),
    };
    this.#heard.set(id, epoch);
    this.#commit(enter(this.#live(), newcomer, this.#tracks(), this.#parts.clock.now()), head, () => undefined, {
      id,
      start,
      lease: leaseOf(id, step),
    });
    return this.#answer(id, position);
  }

  #answer(id: ExecutionId, position: Position): PositionAnswer {
    const row = this.#row(id);
    if (row === undefined) return nowhere(position);
    const { live, order } = row;
    if (live.ending === undefined) {
      // What is to be given up must be confirmed, since the answer to a report may get lost; and a return that was asked for
      // may be long past, since the question may have been under way for hours.
      if (live.limit === undefined && position.kind !== 'Returning') this.#heard.set(id, live.epoch);
      return { kind: 'Grant', grant: { epoch: live.epoch, through: granted(live) } };
    }
    switch (live.ending) {
      case 'Refused':
        return { kind: 'Refused', message: overtaken(live.stages[live.at] ?? '') };
      case 'Cancelled':
        return { kind: 'Cancelled', by: order?.by ?? '', reason: order?.reason ?? '' };
      case 'Superseded':
      case 'Stopped':
        return { kind: 'Superseded' };
    }
  }

  #cancelAll(head: Head, by: string): void {
    const now = this.#parts.clock.now();
    const reason = `The pipeline was changed to version ${head.version}.`;
    const live = cancelAll(this.#live(), this.#tracks(), now);
    this.#commit(live, head, () => undefined, undefined, { by, reason });
  }

  #row(id: ExecutionId): LiveRow | undefined {
    return this.#rows.find(({ live }) => live.id === id);
  }

  #tracks(head = this.#head): Tracks {
    return { closed: new Set(Object.keys(head?.transitions ?? {})), entered: head?.entered ?? {} };
  }

  #live(): Live {
    return this.#rows.map(({ live }) => live);
  }

  #startedBefore(order: StartExecution): StartKey | undefined {
    const row = this.#rows.find(({ live }) => live.id === order.id);
    if (row !== undefined) {
      const { live, start } = row;
      const { fingerprint } = order;
      return { execution: live.id, number: live.number, version: start.version, fingerprint, at: start.at };
    }
    return order.key === undefined ? undefined : this.#parts.store.startKey(order.key);
  }

  /** Stores what admission decided, row by row where a row changed, and sends what follows. */
  #commit(
    live: Live,
    head: Head,
    also: () => void = () => undefined,
    newcomer?: { readonly id: ExecutionId; readonly start: ExecutionStart; readonly lease: string },
    order?: LiveRow['order'],
  ): void {
    const { durable, store, clock } = this.#parts;
    const now = clock.now();
    const before = new Map(this.#rows.map((row) => [row.live.id, row]));
    const rows = live.map((row): LiveRow => {
      const old = before.get(row.id);
      if (old !== undefined) {
        if (old.live === row) return old;
        const isOrdered = order !== undefined && row.ending !== undefined && old.live.ending === undefined;
        return { ...old, live: row, ...(isOrdered ? { order } : {}) };
      }
      if (newcomer?.id !== row.id) throw new Error(`a live row without a start: ${row.id}`);
      return { live: row, start: newcomer.start, lease: newcomer.lease };
    });
    const gone = this.#rows.filter((row) => !live.some(({ id }) => id === row.live.id));
    const changed = rows.filter((row) => before.get(row.live.id) !== row);
    if (head === this.#head && gone.length === 0 && changed.length === 0) return;
    const commit = durable.transact(() => {
      if (head !== this.#head) store.putHead(head);
      for (const row of changed) store.putLive(row);
      for (const row of gone) store.deleteLive(row.live.number);
      also();
      const owes = rows.some((row) => this.#owes(row.live));
      const dueAt = earliest(nextExpiryAt(live), nextFiringAt(head, now));
      return this.#alarm.arm(earliest(owes ? now + WATCHDOG_MS : undefined, dueAt), now);
    });
    commit();
    this.#head = head;
    this.#rows = rows;
    for (const row of gone) this.#heard.delete(row.live.id);
    this.#post();
    this.#parts.onChange(gone);
  }

  /** Executions that nobody has let in for too long end, and that is said until it is heard. */
  #expire(): void {
    const live = this.#live();
    const left = expire(live, this.#tracks(), this.#parts.clock.now());
    if (left === live || this.#head === undefined) return;
    this.#assumeNothingHeard();
    this.#commit(left, this.#head);
  }

  #assumeNothingHeard(): void {
    this.#heard.clear();
    this.#publishedVersion = 0;
  }

  /** Is there something that this execution has not been told yet? */
  #owes(row: LiveExecution): boolean {
    if (row.isAskedToYield === true && row.ending === undefined) return true;
    return row.ending === undefined
      ? row.epoch > 0 && this.#heard.get(row.id) !== row.epoch
      : !this.#heard.has(ending(row));
  }

  #post(): void {
    for (const { live } of this.#rows) if (this.#owes(live)) this.#courier.put(live.id, live.id, { lane: live.id });
    if (this.#head !== undefined && this.#head.version > this.#publishedVersion) {
      this.#courier.put('index', 'index', { lane: 'index' });
    }
    const now = this.#parts.clock.now();
    if (this.head?.schedules?.some((schedule) => isDue(schedule, now)) === true) {
      this.#courier.put('schedules', 'schedules', { lane: 'schedules' });
    }
    this.#courier.kick();
  }

  #deliver(to: Addressee): Promise<void> {
    if (to === 'index') return this.#publish();
    return to === 'schedules' ? this.#fire() : this.#tell(to);
  }

  async #fire(): Promise<void> {
    const { clock, newExecutionId, scheduleGate } = this.#parts;
    const due = this.head?.schedules?.filter((schedule) => isDue(schedule, clock.now())) ?? [];
    for (const { name } of due) {
      const head = this.head;
      if (head === undefined) return;
      const { tenant, id: pipeline } = head;
      const execution = newExecutionId(pipeline);
      await scheduleGate({ tenant, pipeline, execution }, (problem) => this.#fireOne(name, execution, problem));
    }
  }

  /** The start and the schedule's next firing are one transaction; so are a refusal and the next firing. */
  #fireOne(name: string, id: ExecutionId, problem: string | undefined): void {
    const head = this.head;
    const now = this.#parts.clock.now();
    const due = head === undefined ? undefined : firingNow(head, name, now);
    // Meanwhile it may have fired, or be gone.
    if (head === undefined || due === undefined) return;
    const started = withFiring(head, due, { execution: { id, number: head.number + 1 } });
    const outcome = problem === undefined ? this.start(scheduledStart(due, id), started) : refused(problem);
    if (outcome.ok && outcome.isNew) return;
    const result = outcome.ok ? { execution: outcome } : { problem: outcome.message };
    this.#commit(this.#live(), withFiring(head, due, result));
  }

  /** The definition is the same, but what its schedules make of it need not be: it may have been saved before there were any. */
  #adopt(head: Head): Head {
    if (head === this.#head) return head;
    this.#publishedVersion = 0;
    this.#commit(this.#live(), head);
    return head;
  }

  /** When time alone gives it something to do. */
  #timeAt(): Instant | undefined {
    return earliest(nextExpiryAt(this.#live()), nextFiringAt(this.head, this.#parts.clock.now()));
  }

  #rearm(): void {
    const { durable, clock } = this.#parts;
    if (this.#head === undefined) return;
    durable.transact(() => this.#alarm.arm(earliest(this.#courier.nextDueAt(), this.#timeAt()), clock.now()))();
  }

  async #tell(id: ExecutionId): Promise<void> {
    const { executions } = this.#parts;
    const row = this.#row(id);
    const head = this.#head;
    if (row === undefined || head === undefined) return;
    const { live } = row;
    if (live.ending !== undefined) return this.#tellEnd(head, row, live.ending);
    if (live.isAskedToYield === true) return this.#askToYield(head, id);
    const grant = { epoch: live.epoch, through: granted(live) };
    const position = this.hasBegun(live) ? await executions.admit(head.tenant, id, grant) : undefined;
    if (position === undefined) await executions.begin(this.origin(head, row), grant);
    this.#heard.set(id, grant.epoch);
    this.#parts.onBegun(id);
    if (position !== undefined) this.#confirm(id, grant.epoch, position);
    // Another grant may have been decided while this one was on its way.
    queueMicrotask(() => this.#post());
  }

  async #askToYield(head: Head, id: ExecutionId): Promise<void> {
    const position = await this.#parts.executions.yield(head.tenant, id);
    const now = this.#parts.clock.now();
    if (position?.kind === 'Ended') this.report(id, position);
    else if (this.#head !== undefined) this.#commit(stays(this.#live(), id, this.#tracks(), now), this.#head);
    queueMicrotask(() => this.#post());
  }

  #confirm(id: ExecutionId, epoch: number, position: Position): void {
    const head = this.#head;
    if (head === undefined) return;
    if (position.kind === 'Ended') {
      this.report(id, position);
      return;
    }
    this.#commit(confirm(this.#live(), id, { epoch, position }, this.#tracks(), this.#parts.clock.now()), head);
  }

  async #tellEnd(head: Head, row: LiveRow, end: NonNullable<LiveExecution['ending']>): Promise<void> {
    const { executions, index } = this.#parts;
    const { live, order } = row;
    const { tenant } = head;
    // It was admitted; whether it has heard of that is another question, and only what has begun can end.
    if (live.epoch > 0 && !this.hasBegun(live)) {
      await executions.begin(this.origin(head, row), { epoch: live.epoch, through: granted(live) });
    }
    if (live.epoch === 0) await index.publishSummary(neverAdmitted(head, row, this.#parts.clock.now()));
    else if (end === 'Refused') await executions.refuse(tenant, live.id, overtaken(live.stages[live.at] ?? ''));
    else if (end === 'Superseded') await executions.supersede(tenant, live.id);
    else if (end === 'Cancelled') await executions.cancel(tenant, live.id, order ?? { by: '', reason: '' });
    else await executions.stop(tenant, live.id, head.deletedBy ?? '');
    this.#heard.set(ending(live), 0);
    if (live.epoch === 0 || end === 'Refused') this.#bury(live.id);
  }

  #bury(id: ExecutionId): void {
    if (this.#head === undefined) return;
    this.#commit(without(this.#live(), id), this.#head);
    this.#clearIfGone();
  }

  #clearIfGone(): void {
    const { durable, store } = this.#parts;
    if (this.#head?.deletedBy === undefined || this.#rows.length > 0) return;
    durable.transact(() => store.clear());
    this.#alarm.settle(undefined, this.#parts.clock.now());
    this.#head = undefined;
  }

  /** What an execution is, or would be, born with. */
  origin(head: Head, { live, start }: LiveRow): Origin {
    const version = this.#parts.store.version(start.version);
    if (version === undefined) throw new Error(`version ${start.version} is gone`);
    return {
      tenant: head.tenant,
      id: live.id,
      pipeline: { id: head.id, name: head.name, version: start.version },
      number: live.number,
      plan: version.plan,
      ...omit(start, 'version', 'at'),
    };
  }

  async #publish(): Promise<void> {
    const { store, index } = this.#parts;
    const head = this.#head;
    const version = head === undefined ? undefined : store.version(head.version);
    if (head === undefined || version === undefined || head.deletedBy !== undefined) return;
    await index.publishPipeline({
      tenant: head.tenant,
      id: head.id,
      version: head.version,
      mode: head.mode,
      stages: version.plan.stages.map(({ name }) => name),
      updatedAt: version.createdAt,
      nextScheduleAt: nextFiringAt(head, 0) ?? null,
    });
    this.#publishedVersion = Math.max(this.#publishedVersion, head.version);
  }
}

/** Of one beginning of an execution: its start, or the step with which it came back. */
export function leaseOf(id: ExecutionId, step?: number): string {
  return step === undefined ? id : `${id}:${step}`;
}

function refused(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}

/** Keyed beside the executions' own epochs: that the end has been said. */
function ending(row: LiveExecution): ExecutionId {
  return `${row.id}/${row.ending ?? ''}` as ExecutionId;
}
