import { type Job, SILENT_AFTER_MS } from '../dispatch.ts';
import type { Instant } from '../ids.ts';
import { LOST_AFTER_MS } from '../dispatch.ts';
import { QUEUED_MAX_MS } from '../timeouts.ts';
import { executionHolder, type Reason } from './reason.ts';

/** A pool as its jobs meet it. */
export interface Pool {
  readonly name: string;
  readonly jobs: readonly Job[];
  readonly runners: readonly PoolRunner[];
}

/** A runner that is connected. */
export interface PoolRunner {
  readonly id: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly slots: number;
  /** Jobs that it holds or is being offered. */
  readonly busy: number;
  readonly isDraining: boolean;
  readonly heardAt: Instant;
}

/** Why nobody has taken this job, or why it is not heard of. Empty: it runs, or is over. */
export function whyJob(pool: Pool, job: Job, at: Instant): readonly Reason[] {
  const { phase } = job;
  if (phase.kind === 'Queued') return [queued(pool, job, at)];
  if (phase.kind !== 'Claimed' || phase.unreachableSince === undefined) return [];
  return [
    {
      kind: 'RunnerUnreachable',
      subject: { type: 'job', job: job.id },
      owner: 'runner',
      message: `${phase.runnerName} has it and is out of touch.`,
      holder: { type: 'runner', id: phase.runner, href: '/runners' },
      since: phase.unreachableSince,
      deadline: phase.unreachableSince + LOST_AFTER_MS,
      until: 'The runner reconnects, or is given up for lost.',
    },
  ];
}

function queued(pool: Pool, job: Job, at: Instant): Reason {
  const here = pool.runners.filter(({ heardAt }) => at - heardAt <= SILENT_AFTER_MS);
  const fitting = here.filter((runner) => fits(runner, job));
  const common = {
    subject: { type: 'job', job: job.id },
    place: placeInPool(pool, fitting, job),
    since: job.queuedAt,
    deadline: job.queuedAt + QUEUED_MAX_MS,
  } as const;
  const connect = [{ what: `Connect ${described(job)}`, who: 'Whoever has a runner token' }];
  const holder = { type: 'pool', id: pool.name, href: '/runners' } as const;
  if (here.length === 0) {
    const message = `No runner is connected to the pool ${pool.name}.`;
    return { ...common, kind: 'NoRunner', owner: 'pool', message, holder, until: 'A runner connects.', may: connect };
  }
  if (fitting.length === 0) {
    const message = `${countOf(here.length, 'runner')} of the pool ${pool.name}, and none ${wanting(here, job)}.`;
    const until = `${described(job)} connects.`;
    return { ...common, kind: 'NoMatchingRunner', owner: 'pool', message, holder, until, may: connect };
  }
  const names = fitting.map(({ name }) => name).join(', ');
  const free = fitting.filter(({ isDraining, busy, slots }) => !isDraining && busy < slots);
  if (free.length > 0) {
    const until = 'One of them takes it, or has no slot left.';
    return {
      ...common,
      kind: 'Offered',
      owner: 'runner',
      message: `It is being offered to ${names}.`,
      holder,
      until,
    };
  }
  const oldest = oldestOn(pool, fitting);
  const message = fitting.every(({ isDraining }) => isDraining)
    ? `${names} would fit, but takes nothing more before it leaves.`
    : `All slots of ${names} are taken.`;
  return {
    ...common,
    kind: 'RunnersBusy',
    owner: 'runner',
    message,
    holder: oldest === undefined ? holder : executionHolder({ id: oldest.execution }),
    until: 'One of their jobs ends, or another runner that fits connects.',
    may: connect,
  };
}

function fits(runner: Pick<PoolRunner, 'labels'>, job: Job): boolean {
  return job.labels.every((label) => runner.labels.includes(label));
}

/** Among the older ones that want a runner which this one wants, too. */
function placeInPool({ jobs }: Pool, fitting: readonly PoolRunner[], job: Job): number {
  const competes = (other: Job): boolean =>
    fitting.length === 0 ? sameLabels(other, job) : fitting.some((runner) => fits(runner, other));
  const older = jobs.filter(
    (other) => other.phase.kind === 'Queued' && other.queuedAt < job.queuedAt && competes(other),
  );
  return older.length + 1;
}

function sameLabels(one: Job, other: Job): boolean {
  return one.labels.length === other.labels.length && fits(one, other);
}

function oldestOn({ jobs }: Pool, runners: readonly PoolRunner[]): Job | undefined {
  const ids = runners.map(({ id }) => id);
  return jobs
    .filter(({ phase }) => phase.kind === 'Claimed' && ids.includes(phase.runner))
    .sort((one, other) => one.queuedAt - other.queuedAt)[0];
}

/** Labels that no runner has at all say more than that no single one has them all. */
function wanting(runners: readonly PoolRunner[], { labels }: Job): string {
  const missing = labels.filter((label) => !runners.some((runner) => runner.labels.includes(label)));
  return missing.length > 0 ? `carries ${missing.join(', ')}` : `carries all of ${labels.join(', ')}`;
}

function described({ labels }: Job): string {
  return labels.length === 0 ? 'A runner' : `A runner with ${labels.join(', ')}`;
}

function countOf(count: number, noun: string): string {
  return count === 1 ? `There is one ${noun}` : `There are ${count} ${noun}s`;
}
