import type { JobPayload, JobResult, PoolMessage } from '../../../contract/runner-protocol.ts';
import {
  assign,
  cancel,
  claim,
  enqueue,
  finishable,
  type Job,
  nextWatchAt,
  OFFER_EXPIRES_MS,
  over,
  returned,
  SILENT_AFTER_MS,
  TOMBSTONE_MS,
  UNREACHABLE_AFTER_MS,
  watch,
} from '../../engine/dispatch.ts';
import type { ExecutionId, Instant, JobId } from '../../engine/ids.ts';
import type { ActionReport } from '../../engine/messages.ts';
import type { ActionRun } from '../../engine/run.ts';
import { whyJob } from '../../engine/why/job.ts';
import type { Reason } from '../../engine/why/reason.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Courier } from '../courier.ts';
import { Alarm, type Durable, earliest } from '../durable.ts';
import type { ExecutionPeer } from '../peers.ts';
import type { JobRow, KnownRunner, PoolStore } from './pool-store.ts';
import { payloadOf, reportOf } from './job-wire.ts';

const CANCEL_GRACE_MS = 10_000;
const RUNNER_FORGOTTEN_MS = 7 * 24 * 60 * 60_000;

/** A runner whose socket is open. The socket itself belongs to the object around the core. */
export interface ConnectedRunner {
  readonly id: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly slots: number;
  readonly isDraining: boolean;
  readonly heardAt: Instant;
}

export interface PoolParts {
  readonly durable: Durable;
  readonly store: PoolStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly armedAt: Instant | undefined;
  readonly later: (ms: number, callback: () => void) => void;
  readonly executions: ExecutionPeer;
  readonly connected: () => readonly ConnectedRunner[];
  readonly send: (runner: string, message: PoolMessage) => void;
  /** The runner has been silent for too long, whatever its socket claims. */
  readonly disconnect: (runner: string) => void;
  /** For the attempt's own logs, artifacts and result. */
  readonly mintJobToken: (run: ActionRun) => Promise<string>;
  /** Without the secrets that the job had. */
  readonly cleanResult: (run: ActionRun, result: JobResult) => Promise<JobResult>;
}

type Notice = {
  readonly job: JobId;
  readonly kind: 'Claimed' | 'Unreachable' | 'Reachable' | 'NeverStarted' | 'Lost';
};

/** The shell of one pool: stores what dispatch decides, and speaks with runners and executions. */
export class PoolCore {
  readonly #parts: PoolParts;
  readonly #alarm: Alarm;
  readonly #courier: Courier<Notice>;
  readonly #rows: Map<JobId, JobRow>;
  readonly #offers = new Map<JobId, { readonly runner: string; readonly at: Instant }>();
  readonly #passedOver = new Map<string, JobId[]>();
  /** Runners that hold jobs and are not connected, and since when. */
  readonly #away = new Map<string, Instant>();

  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.durable, parts.armedAt);
    this.#courier = new Courier<Notice>({
      durable: parts.durable,
      clock: parts.clock,
      later: parts.later,
      deliver: (_, notice) => this.#tell(notice),
      onFailure: (_, notice, error, dueAt) => {
        parts.log.error('notice failed', { job: notice.job, kind: notice.kind }, error);
        parts.durable.transact(() => this.#alarm.arm(dueAt, parts.clock.now()))();
      },
    });
    this.#rows = new Map(parts.store.jobs().map((row) => [row.job.id, row]));
    this.#noticeAbsences();
  }

  jobs(): readonly Job[] {
    return [...this.#rows.values()].map(({ job }) => job);
  }

  enqueue(run: ActionRun, sentAt: Instant): 'Accepted' | 'Stale' {
    const now = this.#parts.clock.now();
    const existing = this.#rows.get(run.job)?.job;
    const { job: id, execution, labels } = run;
    const job = enqueue(existing, { id, execution, labels, queuedAt: now, phase: { kind: 'Queued' } }, sentAt, now);
    if (job === undefined) return 'Stale';
    if (job !== existing) this.#commit([{ job, run }]);
    this.#offer();
    return 'Accepted';
  }

  cancel(id: JobId, execution: ExecutionId, cause: string): 'NeverStarted' | 'Asked' | 'AlreadyOver' {
    const row = this.#rows.get(id);
    const outcome = cancel(row?.job, id, execution, cause, this.#parts.clock.now());
    if (outcome.kind === 'AlreadyOver') return outcome.kind;
    this.#offers.delete(id);
    if (outcome.kind === 'NeverStarted') {
      this.#commit([{ job: outcome.job }]);
      return outcome.kind;
    }
    this.#commit([{ ...row, job: outcome.job }]);
    this.#parts.send(outcome.runner, cancelMessage(id, cause));
    return outcome.kind;
  }

  /** A runner has connected and says which jobs are in its keeping. */
  hello(runner: KnownRunner, kept: readonly string[]): void {
    const { send, store, durable } = this.#parts;
    this.#away.delete(runner.id);
    durable.transact(() => store.putRunner(runner));
    const mine = [...this.#rows.values()].filter((row) => isClaimedBy(row.job, runner.id));
    this.#commit(mine.map((row) => ({ ...row, job: this.#watched(row.job) })));
    for (const { job } of mine) {
      switch (returned(job, kept.includes(job.id))) {
        case 'Offer':
          send(runner.id, { type: 'offer', job: job.id });
          break;
        case 'Over':
          this.#post({ job: job.id, kind: 'NeverStarted' });
          break;
        case 'Again':
          this.#repeatCancel(runner.id, job.id);
      }
    }
    const strange = kept.filter((id) => !mine.some(({ job }) => job.id === id));
    for (const job of strange) send(runner.id, { type: 'fenced', job });
    this.#offer();
  }

  /** Sends the answer itself, so that a cancel which came meanwhile follows it. */
  async claim(runner: { readonly id: string; readonly name: string }, id: JobId): Promise<void> {
    const { clock, mintJobToken, send } = this.#parts;
    const row = this.#rows.get(id);
    const job = claim(row?.job, runner, clock.now());
    if (row?.run === undefined || job === undefined) {
      send(runner.id, { type: 'gone', job: id });
      return;
    }
    this.#offers.delete(id);
    if (job !== row.job) {
      this.#commit([{ ...row, job }]);
      this.#post({ job: id, kind: 'Claimed' });
    }
    const payload: JobPayload = payloadOf(row.run);
    send(runner.id, { type: 'claimed', job: id, payload, token: await mintJobToken(row.run) });
    this.#repeatCancel(runner.id, id);
  }

  #repeatCancel(runner: string, id: JobId): void {
    const phase = this.#rows.get(id)?.job.phase;
    if (phase?.kind === 'Claimed' && phase.runner === runner && phase.cancel !== undefined) {
      this.#parts.send(runner, cancelMessage(id, phase.cancel));
    }
  }

  /** Takes a result to its execution; the runner may forget the job when it hears `finished`. */
  async finish(runner: string, id: JobId, result: JobResult): Promise<PoolMessage> {
    const { executions } = this.#parts;
    const row = this.#rows.get(id);
    const verdict = finishable(row?.job, runner);
    if (verdict === 'fenced' || row === undefined) return { type: 'fenced', job: id };
    if (verdict === 'repeated' || row.run === undefined) return { type: 'finished', job: id };
    this.#courier.drop(noticeKey({ job: id, kind: 'Claimed' }));
    const clean = await this.#parts.cleanResult(row.run, result);
    await executions.report(row.run.tenant, row.run.execution, reportOf(row.run, clean));
    const now = this.#rows.get(id);
    if (now !== undefined && finishable(now.job, runner) === 'accept') this.#end(now.job);
    this.#offer();
    return { type: 'finished', job: id };
  }

  draining(): void {
    this.#offer();
  }

  disconnected(runner: string, since: Instant = this.#parts.clock.now()): void {
    const { clock, durable, store } = this.#parts;
    for (const [job, offer] of this.#offers) if (offer.runner === runner) this.#offers.delete(job);
    this.#passedOver.delete(runner);
    const known = store.runners().find(({ id }) => id === runner);
    if (known !== undefined) durable.transact(() => store.putRunner({ ...known, seenAt: clock.now() }));
    if (this.jobs().some((job) => isClaimedBy(job, runner))) {
      this.#away.set(runner, since);
      const dueAt = clock.now() + UNREACHABLE_AFTER_MS;
      durable.transact(() => this.#alarm.arm(dueAt, clock.now()))();
    }
    this.#offer();
  }

  /** What the runner that holds the job is to do. Undefined: no runner holds it. */
  claimedRun(id: JobId): ActionRun | undefined {
    const row = this.#rows.get(id);
    return row?.job.phase.kind === 'Claimed' ? row.run : undefined;
  }

  /** May this attempt still write? */
  isClaimed(id: JobId): boolean {
    return this.#rows.get(id)?.job.phase.kind === 'Claimed';
  }

  /** Why nobody has taken this job. Empty: somebody has, or there is no such job. */
  why(pool: string, id: JobId): readonly Reason[] {
    const { clock, connected } = this.#parts;
    const job = this.#rows.get(id)?.job;
    if (job === undefined) return [];
    const runners = connected().map((runner) => ({ ...runner, busy: this.#load(runner.id) }));
    return whyJob({ name: pool, jobs: this.jobs(), runners }, job, clock.now());
  }

  knownRunners(): readonly (KnownRunner & { readonly busy: number })[] {
    return this.#parts.store.runners().map((runner) => ({
      ...runner,
      busy: this.jobs().filter((job) => isClaimedBy(job, runner.id)).length,
    }));
  }

  ring(): void {
    const { clock, log } = this.#parts;
    this.#alarm.ring(
      () => {
        this.#lookAround();
        this.#offer();
        this.#courier.kick();
        this.#alarm.settle(this.#nextDueAt(), clock.now());
      },
      () => clock.now(),
      (error) => log.error('alarm failed', { pool: 'alarm' }, error),
    );
  }

  async settled(): Promise<void> {
    await this.#courier.settled();
  }

  /** Everything that time alone does: silence, unreachable and lost runners, expired offers, old tombstones. */
  #lookAround(): void {
    const { clock, connected, disconnect, store, durable } = this.#parts;
    const now = clock.now();
    for (const runner of connected()) {
      if (now - runner.heardAt <= SILENT_AFTER_MS) continue;
      disconnect(runner.id);
      this.disconnected(runner.id, runner.heardAt);
    }
    this.#noticeAbsences();
    for (const [job, { runner, at }] of this.#offers) {
      if (now - at < OFFER_EXPIRES_MS) continue;
      this.#offers.delete(job);
      this.#passedOver.set(runner, [...(this.#passedOver.get(runner) ?? []), job]);
    }
    const rows = [...this.#rows.values()];
    this.#commit(rows.map((row) => ({ ...row, job: this.#watched(row.job) })));
    for (const { job } of this.#rows.values()) {
      if (job.phase.kind === 'Lost') this.#post({ job: job.id, kind: 'Lost' });
    }
    const isOld = ({ phase }: Job): boolean => phase.kind === 'Over' && now - phase.at >= TOMBSTONE_MS;
    const old = this.jobs().filter(isOld);
    const here = new Set(connected().map(({ id }) => id));
    const forgotten = store.runners().filter(({ id, seenAt }) => !here.has(id) && now - seenAt > RUNNER_FORGOTTEN_MS);
    if (old.length + forgotten.length === 0) return;
    durable.transact(() => {
      for (const job of old) store.deleteJob(job.id);
      for (const runner of forgotten) store.deleteRunner(runner.id);
    });
    for (const job of old) this.#rows.delete(job.id);
  }

  /** Runners that hold jobs but have no socket: after a restart nobody has told us that they went. */
  #noticeAbsences(): void {
    const { clock, connected } = this.#parts;
    const here = new Set(connected().map(({ id }) => id));
    for (const { job } of this.#rows.values()) {
      const { phase } = job;
      if (phase.kind !== 'Claimed' || here.has(phase.runner) || this.#away.has(phase.runner)) continue;
      this.#away.set(phase.runner, phase.unreachableSince ?? clock.now());
    }
  }

  #watched(job: Job): Job {
    const { phase } = job;
    if (phase.kind !== 'Claimed') return job;
    const watched = watch(job, this.#away.get(phase.runner), this.#parts.clock.now());
    const was = phase.unreachableSince !== undefined;
    const is = watched.phase.kind === 'Claimed' && watched.phase.unreachableSince !== undefined;
    if (!was && is) this.#post({ job: job.id, kind: 'Unreachable' });
    if (was && watched.phase.kind === 'Claimed' && !is) this.#post({ job: job.id, kind: 'Reachable' });
    return watched;
  }

  #offer(): void {
    const { clock, connected, durable, send } = this.#parts;
    const now = clock.now();
    const queued = this.jobs().filter(({ id, phase }) => phase.kind === 'Queued' && !this.#offers.has(id));
    if (queued.length === 0) return;
    const capacities = connected()
      .filter(({ isDraining }) => !isDraining)
      .map(({ id, labels, slots, heardAt }) => {
        const passedOver = this.#passedOver.get(id) ?? [];
        return { runner: id, labels, heardAt, passedOver, freeSlots: slots - this.#load(id) };
      });
    const offers = assign(queued, capacities);
    if (offers.length === 0) return;
    durable.transact(() => this.#alarm.arm(now + OFFER_EXPIRES_MS, now))();
    for (const { job, runner } of offers) {
      this.#offers.set(job, { runner, at: now });
      send(runner, { type: 'offer', job });
    }
  }

  #load(runner: string): number {
    const offered = [...this.#offers.values()].filter((offer) => offer.runner === runner).length;
    return offered + this.jobs().filter((job) => isClaimedBy(job, runner)).length;
  }

  #post(notice: Notice): void {
    this.#courier.put(noticeKey(notice), notice, { lane: notice.job });
    this.#courier.kick();
  }

  async #tell({ job: id, kind }: Notice): Promise<void> {
    const { executions } = this.#parts;
    const row = this.#rows.get(id);
    if (row?.run === undefined) return;
    const { phase } = row.job;
    const { tenant, execution, action, attempt } = row.run;
    const report = noticeReport(kind, phase);
    if (report === undefined) return;
    await executions.report(tenant, execution, { ...report, action, attempt });
    const now = this.#rows.get(id);
    if (now !== undefined && ENDINGS.includes(kind)) this.#end(now.job);
  }

  #end(job: Job): void {
    this.#commit([{ job: over(job, this.#parts.clock.now()) }]);
  }

  #commit(rows: readonly JobRow[]): void {
    const { clock, durable, store } = this.#parts;
    const now = clock.now();
    const changed = rows.filter((row) => this.#rows.get(row.job.id)?.job !== row.job);
    if (changed.length === 0) return;
    const commit = durable.transact(() => {
      for (const row of changed) store.putJob(row);
      return this.#alarm.arm(this.#watchDueAt(changed, now), now);
    });
    commit();
    for (const row of changed) this.#rows.set(row.job.id, row);
  }

  #nextDueAt(): Instant | undefined {
    const now = this.#parts.clock.now();
    const offers = [...this.#offers.values()].map(({ at }) => at + OFFER_EXPIRES_MS);
    return earliest(...offers, this.#watchDueAt([...this.#rows.values()], now), this.#courier.nextDueAt());
  }

  #watchDueAt(rows: readonly JobRow[], now: Instant): Instant | undefined {
    const due = rows.map(({ job }) => {
      const away = job.phase.kind === 'Claimed' ? this.#away.get(job.phase.runner) : undefined;
      // While its runner is there, a claimed job only needs somebody to look whether that is still so.
      return job.phase.kind === 'Claimed' && away === undefined ? now + SILENT_AFTER_MS : nextWatchAt(job, away);
    });
    return earliest(...due);
  }
}

/** After these notices, nothing is left of the job but its tombstone. */
const ENDINGS: readonly Notice['kind'][] = ['NeverStarted', 'Lost'];

function noticeReport(
  kind: Notice['kind'],
  phase: Job['phase'],
): DistributiveOmit<ActionReport, 'action' | 'attempt'> | undefined {
  switch (kind) {
    case 'Claimed':
      return phase.kind === 'Claimed' ? { type: 'ReportClaimed', runner: phase.runnerName } : undefined;
    case 'Unreachable':
      return { type: 'ReportUnreachable' };
    case 'Reachable':
      return { type: 'ReportReachable' };
    case 'NeverStarted':
      return { type: 'ReportCancelled' };
    case 'Lost':
      return phase.kind === 'Lost' ? { type: 'ReportLost', reason: phase.reason } : undefined;
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function noticeKey({ job, kind }: Notice): string {
  return `${job}#${kind}`;
}

function isClaimedBy({ phase }: Job, runner: string): boolean {
  return phase.kind === 'Claimed' && phase.runner === runner;
}

function cancelMessage(job: JobId, reason: string): PoolMessage {
  return { type: 'cancel', job, reason, graceMs: CANCEL_GRACE_MS };
}
