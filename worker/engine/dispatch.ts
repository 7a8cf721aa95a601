import type { ExecutionId, Instant, JobId } from './ids.ts';

/**
 * Who carries out which job: the pool's own decisions. The pool alone owns leases; an attempt is claimed at most once, so the
 * job's id (execution, action, attempt) is also its fence.
 */
export interface Job {
  readonly id: JobId;
  readonly execution: ExecutionId;
  readonly labels: readonly string[];
  readonly queuedAt: Instant;
  readonly phase: JobPhase;
}

export type JobPhase =
  | { readonly kind: 'Queued' }
  | {
      readonly kind: 'Claimed';
      readonly runner: string;
      readonly runnerName: string;
      readonly at: Instant;
      /** Set once the runner has been out of touch for longer than a reconnect takes. */
      readonly unreachableSince?: Instant;
      /** Somebody wants it to end; said again whenever the runner reconnects. */
      readonly cancel?: string;
    }
  /** Its runner never came back. Remembered until the execution has been told. */
  | { readonly kind: 'Lost'; readonly at: Instant; readonly reason: string }
  /** A tombstone: refuses late copies of its enqueue, and answers a repeated finish. */
  | { readonly kind: 'Over'; readonly at: Instant };

/** An enqueue message older than this may be a ghost from before a cancel whose tombstone is gone. */
export const ENQUEUE_FRESH_MS = 60_000;
export const TOMBSTONE_MS = 10 * 60_000;
/** A restart or a deploy reconnects well within this; nothing is said about the runner before. */
export const UNREACHABLE_AFTER_MS = 15_000;
/** A lease of 60 s and as much grace again: `lost` is not said of a runner that merely lost its network. */
export const LOST_AFTER_MS = 120_000;
/** A runner that has not answered a ping for this long is not there, whatever the socket claims. */
export const SILENT_AFTER_MS = 60_000;
export const OFFER_EXPIRES_MS = 5_000;

/** Undefined: refuse, the message is too old to be trusted. A job that exists already is answered unchanged. */
export function enqueue(existing: Job | undefined, job: Job, sentAt: Instant, at: Instant): Job | undefined {
  if (existing !== undefined) return existing;
  return at - sentAt > ENQUEUE_FRESH_MS ? undefined : job;
}

/** Undefined: gone, or somebody else's. A runner that never got the answer claims its own job again. */
export function claim(
  job: Job | undefined,
  runner: { readonly id: string; readonly name: string },
  at: Instant,
): Job | undefined {
  if (job === undefined) return undefined;
  if (job.phase.kind === 'Claimed') return job.phase.runner === runner.id ? job : undefined;
  if (job.phase.kind !== 'Queued') return undefined;
  return { ...job, phase: { kind: 'Claimed', runner: runner.id, runnerName: runner.name, at } };
}

export type CancelOutcome =
  /** It never ran and never will. */
  | { readonly kind: 'NeverStarted'; readonly job: Job }
  /** A runner has it and is told. */
  | { readonly kind: 'Asked'; readonly job: Job; readonly runner: string }
  | { readonly kind: 'AlreadyOver' };

export function cancel(
  existing: Job | undefined,
  id: JobId,
  execution: ExecutionId,
  cause: string,
  at: Instant,
): CancelOutcome {
  const over = { kind: 'Over', at } as const;
  if (existing === undefined) {
    const tombstone: Job = { id, execution, labels: [], queuedAt: at, phase: over };
    return { kind: 'NeverStarted', job: tombstone };
  }
  switch (existing.phase.kind) {
    case 'Queued':
      return { kind: 'NeverStarted', job: { ...existing, phase: over } };
    case 'Claimed':
      return {
        kind: 'Asked',
        job: { ...existing, phase: { ...existing.phase, cancel: cause } },
        runner: existing.phase.runner,
      };
    case 'Lost':
    case 'Over':
      return { kind: 'AlreadyOver' };
  }
}

/**
 * A runner has connected and says whether the job is in its keeping. `Again`: it is, nothing to do. `Offer`: the job was
 * claimed but never started, so the same runner may claim it once more. `Over`: it never started, and is wanted no more.
 */
export function returned(job: Job, isKept: boolean): 'Again' | 'Offer' | 'Over' {
  if (isKept || job.phase.kind !== 'Claimed') return 'Again';
  return job.phase.cancel === undefined ? 'Offer' : 'Over';
}

/** A result counts only from the runner that holds the claim. `repeated`: it was taken before, so just say so again. */
export function finishable(job: Job | undefined, runner: string): 'accept' | 'repeated' | 'fenced' {
  if (job?.phase.kind === 'Claimed') return job.phase.runner === runner ? 'accept' : 'fenced';
  return job?.phase.kind === 'Over' ? 'repeated' : 'fenced';
}

export function over(job: Job, at: Instant): Job {
  return { ...job, phase: { kind: 'Over', at } };
}

/** What the passing of time does to a claimed job whose runner has been away since `awaySince` (undefined: it is here). */
export function watch(job: Job, awaySince: Instant | undefined, at: Instant): Job {
  const { phase } = job;
  if (phase.kind !== 'Claimed') return job;
  if (awaySince === undefined) {
    if (phase.unreachableSince === undefined) return job;
    const { unreachableSince: _, ...back } = phase;
    return { ...job, phase: back };
  }
  const since = Math.min(awaySince, phase.unreachableSince ?? awaySince);
  if (at - since >= LOST_AFTER_MS) {
    const reason = `Runner ${phase.runnerName} has been out of touch for ${Math.round((at - since) / 1000)} s.`;
    return { ...job, phase: { kind: 'Lost', at, reason } };
  }
  if (at - since < UNREACHABLE_AFTER_MS || phase.unreachableSince !== undefined) return job;
  return { ...job, phase: { ...phase, unreachableSince: since } };
}

/** When time will next do something to this job. */
export function nextWatchAt(job: Job, awaySince: Instant | undefined): Instant | undefined {
  switch (job.phase.kind) {
    case 'Queued':
      return undefined;
    case 'Claimed': {
      if (awaySince === undefined) return undefined;
      const since = Math.min(awaySince, job.phase.unreachableSince ?? awaySince);
      return since + (job.phase.unreachableSince === undefined ? UNREACHABLE_AFTER_MS : LOST_AFTER_MS);
    }
    case 'Lost':
      return job.phase.at;
    case 'Over':
      return job.phase.at + TOMBSTONE_MS;
  }
}

export interface Capacity {
  readonly runner: string;
  readonly labels: readonly string[];
  readonly freeSlots: number;
  /** When the runner was last heard of; the freshest is the likeliest to be there. */
  readonly heardAt: Instant;
  /** Jobs that it was offered and did not take; it is asked again only when nobody else fits. */
  readonly passedOver: readonly JobId[];
}

export interface Offer {
  readonly job: JobId;
  readonly runner: string;
}

/** Oldest job first; each to the freshest runner that carries all its labels and has a slot left. */
export function assign(queued: readonly Job[], runners: readonly Capacity[]): readonly Offer[] {
  const free = runners.map((runner) => ({ ...runner, slots: runner.freeSlots }));
  const byAge = [...queued].sort((one, other) => one.queuedAt - other.queuedAt);
  const offers: Offer[] = [];
  for (const job of byAge) {
    const fitting = free.filter(
      ({ slots, labels }) => slots > 0 && job.labels.every((label) => labels.includes(label)),
    );
    const best = [...fitting].sort(
      (one, other) => Number(passed(one, job)) - Number(passed(other, job)) || other.heardAt - one.heardAt,
    )[0];
    if (best === undefined) continue;
    best.slots -= 1;
    offers.push({ job: job.id, runner: best.runner });
  }
  return offers;
}

function passed(runner: Capacity, job: Job): boolean {
  return runner.passedOver.includes(job.id);
}
