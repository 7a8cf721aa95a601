import { enter, type Live, type LiveExecution, move, withdraw, without } from '../../engine/admission.ts';
import { board } from '../../engine/board.ts';
import type { ExecutionId, Instant, PipelineId, TenantId } from '../../engine/ids.ts';
import type { Origin, Trigger } from '../../engine/model.ts';
import type { Position } from '../../engine/position.ts';
import { decideStart, type StartOrder, type StartRejection, uploadActions } from '../../engine/start.ts';
import type { ExecutionSummary } from '../../engine/summary.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Courier } from '../courier.ts';
import { Alarm, type Durable, WATCHDOG_MS } from '../durable.ts';
import type { ExecutionPeer, PositionAnswer } from '../peers.ts';
import type {
  Head,
  LiveRow,
  PipelineStore,
  Start,
  StartKey,
  StoredRevision,
  StoredVersion,
} from './pipeline-store.ts';

const START_KEYS_KEPT_MS = 24 * 60 * 60_000;

export interface PipelineParts {
  readonly durable: Durable;
  readonly store: PipelineStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly armedAt: Instant | undefined;
  readonly later: (ms: number, callback: () => void) => void;
  readonly executions: ExecutionPeer;
  readonly index: PipelineIndex;
  /** Called after each committed change of who is where. */
  readonly onChange: () => void;
  /** Called when an execution is known to have begun: from then on it speaks for itself. */
  readonly onBegun: (id: ExecutionId) => void;
}

/** The pipeline's part of the index in D1. Both are upserts that an older call cannot undo. */
export interface PipelineIndex {
  publishPipeline(pipeline: PublishedPipeline): Promise<void>;
  /** For executions that end before they were ever admitted, and so have no object of their own to do it. */
  publishSummary(summary: ExecutionSummary): Promise<void>;
}

export interface PublishedPipeline {
  readonly tenant: TenantId;
  readonly id: PipelineId;
  readonly version: number;
  readonly mode: Head['mode'];
  readonly stages: readonly string[];
  readonly updatedAt: Instant;
}

export interface SaveVersion extends Omit<StoredVersion, 'version' | 'createdAt'> {
  readonly tenant: TenantId;
  readonly id: PipelineId;
  readonly name: string;
  /** Compare and set: save only over this version. */
  readonly ifVersion?: number;
}

export interface StartExecution extends StartOrder {
  readonly id: ExecutionId;
  readonly trigger: Trigger;
  readonly key?: string;
  readonly fingerprint: string;
}

export interface Started {
  readonly id: ExecutionId;
  readonly number: number;
  readonly version: number;
  /** Name of the stage that it is in or waits in front of. */
  readonly stage: string;
  readonly isNew: boolean;
}

export type Outcome<T, Code extends string> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly code: Code; readonly message: string; readonly executions?: readonly string[] };

/** The shell of one pipeline: stores what admission decides, and tells executions what they were granted. */
export class PipelineCore {
  readonly #parts: PipelineParts;
  readonly #alarm: Alarm;
  readonly #courier: Courier<ExecutionId | 'index'>;
  #head: Head | undefined;
  #rows: readonly LiveRow[];
  /** The last epoch that each execution is known to have heard. Forgotten with the object: saying it again does no harm. */
  readonly #heard = new Map<ExecutionId, number>();
  #publishedVersion = 0;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.durable, parts.armedAt);
    this.#courier = new Courier<ExecutionId | 'index'>({
      durable: parts.durable,
      clock: parts.clock,
      later: parts.later,
      deliver: (_, to) => (to === 'index' ? this.#publish() : this.#tell(to)),
      onFailure: (_, to, error, dueAt) => {
        parts.log.error('message failed', { pipeline: this.#head?.id, to }, error);
        parts.durable.transact(() => this.#alarm.arm(dueAt, parts.clock.now()))();
      },
    });
    this.#head = parts.store.head();
    this.#rows = this.#head === undefined ? [] : parts.store.live();
    // Whatever is unacknowledged has an alarm; without one, everything was heard before the object left memory.
    if (parts.armedAt !== undefined || this.#head === undefined) return;
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
    if (old !== undefined && store.version(latest)?.digest === order.digest) {
      return { ok: true, head: old, isNew: false };
    }
    const { tenant, id, name, ifVersion: _, ...saved } = order;
    const head: Head = {
      ...(old ?? { tenant, id, name, createdAt: now, number: 0, lastGood: {} }),
      mode: order.mode,
      version: latest + 1,
    };
    const commit = durable.transact(() => {
      store.putHead(head);
      store.putVersion({ ...saved, version: head.version, createdAt: now });
      return this.#alarm.arm(now + WATCHDOG_MS, now);
    });
    commit();
    this.#head = head;
    this.#post();
    this.#parts.onChange();
    return { ok: true, head, isNew: true };
  }

  start(order: StartExecution): Outcome<Started, StartRejection | 'pipeline_not_found' | 'idempotency_key_reused'> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const head = this.head;
    const version = head === undefined ? undefined : store.version(head.version);
    if (head === undefined || version === undefined) {
      return refuse('pipeline_not_found', 'There is no such pipeline.');
    }
    const earlier = this.#startedBefore(order);
    if (earlier !== undefined) {
      if (earlier.fingerprint !== order.fingerprint) {
        return refuse(
          'idempotency_key_reused',
          'This Idempotency-Key was used for another request; choose a new one.',
        );
      }
      const { execution, number, version: startedVersion } = earlier;
      const stage = version.plan.stages[0]?.name ?? '';
      return { ok: true, id: execution, number, version: startedVersion, stage, isNew: false };
    }
    const decision = decideStart(version.plan, version.variables, order, (action) => store.revisions(action));
    if (!decision.ok) return decision;
    const number = head.number + 1;
    const { id, trigger } = order;
    const { variables, revisions } = decision;
    const start: Start = { version: version.version, trigger, variables, revisions, at: now };
    const stages = version.plan.stages.map(({ name }) => name);
    const live = enter(this.#live(), { id, number, stages, mode: head.mode }, now);
    this.#commit(
      live,
      { ...head, number },
      () => {
        if (order.key === undefined) return;
        store.forgetStartKeys(now - START_KEYS_KEPT_MS);
        const key: StartKey = {
          execution: id,
          number,
          version: version.version,
          fingerprint: order.fingerprint,
          at: now,
        };
        store.putStartKey(order.key, key);
      },
      { id, start },
    );
    return { ok: true, id, number, version: version.version, stage: stages[0] ?? '', isNew: true };
  }

  /** An execution says where it stands. */
  report(id: ExecutionId, position: Position): PositionAnswer {
    const { clock } = this.#parts;
    const now = clock.now();
    const before = this.#rows.find(({ live }) => live.id === id);
    const head = this.#head;
    if (before === undefined || head === undefined) return { kind: 'Unknown' };
    this.#commit(move(this.#live(), id, position, now), withSuccesses(head, before.live, position, now));
    this.#clearIfGone();
    const row = this.#rows.find(({ live }) => live.id === id)?.live;
    if (row === undefined) return { kind: 'Unknown' };
    if (row.ending !== undefined) return { kind: 'Superseded' };
    this.#heard.set(id, row.epoch);
    return { kind: 'Grant', grant: { epoch: row.epoch, through: row.through } };
  }

  /** Ends an execution that still waits to be admitted. False: it has an object of its own, which must be asked. */
  withdraw(id: ExecutionId): boolean {
    const live = withdraw(this.#live(), id, this.#parts.clock.now());
    if (live === undefined || this.#head === undefined) return false;
    this.#commit(live, this.#head);
    return true;
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
      live.map((row) => ({ ...row, ending: row.ending ?? 'Stopped' })),
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
    return head === undefined || version === undefined ? undefined : board(version.plan, this.#live(), head.lastGood);
  }

  /** Says everything again that could have been lost; the sweeper's way in. */
  poke(): void {
    this.#assumeNothingHeard();
    this.#post();
  }

  ring(): void {
    const { clock, log } = this.#parts;
    this.#alarm.ring(
      (wasExpected) => {
        if (!wasExpected) this.#assumeNothingHeard();
        this.#post();
        this.#alarm.settle(this.#courier.nextDueAt(), clock.now());
      },
      () => clock.now(),
      (error) => log.error('alarm failed', { pipeline: this.#head?.id }, error),
    );
  }

  async settled(): Promise<void> {
    await this.#courier.settled();
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
    newcomer?: { readonly id: ExecutionId; readonly start: Start },
  ): void {
    const { durable, store, clock } = this.#parts;
    const now = clock.now();
    const before = new Map(this.#rows.map((row) => [row.live.id, row]));
    const rows = live.map((row): LiveRow => {
      const old = before.get(row.id);
      if (old !== undefined) return old.live === row ? old : { ...old, live: row };
      if (newcomer?.id !== row.id) throw new Error(`a live row without a start: ${row.id}`);
      return { live: row, start: newcomer.start };
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
      return this.#alarm.arm(owes ? now + WATCHDOG_MS : undefined, now);
    });
    commit();
    this.#head = head;
    this.#rows = rows;
    for (const row of gone) this.#heard.delete(row.live.id);
    this.#post();
    this.#parts.onChange();
  }

  #assumeNothingHeard(): void {
    this.#heard.clear();
    this.#publishedVersion = 0;
  }

  /** Is there something that this execution has not been told yet? */
  #owes(row: LiveExecution): boolean {
    return row.ending === undefined
      ? row.epoch > 0 && this.#heard.get(row.id) !== row.epoch
      : !this.#heard.has(ending(row));
  }

  #post(): void {
    for (const { live } of this.#rows) if (this.#owes(live)) this.#courier.put(live.id, live.id, { lane: live.id });
    if (this.#head !== undefined && this.#head.version > this.#publishedVersion) {
      this.#courier.put('index', 'index', { lane: 'index' });
    }
    this.#courier.kick();
  }

  async #tell(id: ExecutionId): Promise<void> {
    const { executions, index } = this.#parts;
    const row = this.#rows.find(({ live }) => live.id === id);
    const head = this.#head;
    if (row === undefined || head === undefined) return;
    const { live } = row;
    if (live.ending !== undefined) {
      if (live.epoch === 0) await index.publishSummary(neverAdmitted(head, row, this.#parts.clock.now()));
      else if (head.deletedBy === undefined) await executions.supersede(head.tenant, id);
      else await executions.stop(head.tenant, id, head.deletedBy);
      this.#heard.set(ending(live), 0);
      if (live.epoch === 0) this.#bury(id);
      return;
    }
    const grant = { epoch: live.epoch, through: live.through };
    if (!this.hasBegun(live) || !(await executions.admit(head.tenant, id, grant))) {
      await executions.begin(this.origin(head, row), grant);
    }
    this.#heard.set(id, grant.epoch);
    this.#parts.onBegun(id);
    // Another grant may have been decided while this one was on its way.
    queueMicrotask(() => this.#post());
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
      trigger: start.trigger,
      variables: start.variables,
      revisions: start.revisions,
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
    });
    this.#publishedVersion = Math.max(this.#publishedVersion, head.version);
  }
}

/** Keyed beside the executions' own epochs: that the end has been said. */
function ending(row: LiveExecution): ExecutionId {
  return `${row.id}/${row.ending ?? ''}` as ExecutionId;
}

function withSuccesses(head: Head, row: LiveExecution, position: Position, at: Instant): Head {
  if (position.kind !== 'Ended' || position.step <= row.step || position.succeeded === 0) return head;
  const succeeded = row.stages.slice(0, position.succeeded);
  const newer = succeeded.filter((stage) => (head.lastGood[stage]?.number ?? 0) < row.number);
  const lastGood = { ...head.lastGood };
  for (const stage of newer) lastGood[stage] = { id: row.id, number: row.number, at };
  return newer.length === 0 ? head : { ...head, lastGood };
}

export function neverAdmitted(head: Head, { live, start }: LiveRow, at: Instant): ExecutionSummary {
  return {
    tenant: head.tenant,
    id: live.id,
    pipeline: { id: head.id, name: head.name, version: start.version },
    number: live.number,
    seq: 1,
    status: live.ending ?? 'InProgress',
    trigger: start.trigger,
    stage: live.stages[0] ?? '',
    attention: null,
    revision: Object.values(start.revisions)[0]?.summary ?? null,
    startedAt: start.at,
    endedAt: live.ending === undefined ? null : at,
  };
}

function refuse<Code extends string>(code: Code, message: string): { ok: false; code: Code; message: string } {
  return { ok: false, code, message };
}
