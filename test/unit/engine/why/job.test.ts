import { describe, expect, it } from 'vitest';
import type { Job } from '../../../../worker/engine/dispatch.ts';
import type { ExecutionId, JobId } from '../../../../worker/engine/ids.ts';
import { type PoolRunner, whyJob } from '../../../../worker/engine/why/job.ts';

const NOW = 1_000_000;

function aJob(id: string, queuedAt: number, of: Partial<Job> = {}): Job {
  return {
    id: id as JobId,
    execution: `exec-${id}` as ExecutionId,
    labels: [],
    queuedAt,
    phase: { kind: 'Queued' },
    ...of,
  };
}

function aRunner(name: string, of: Partial<PoolRunner> = {}): PoolRunner {
  return { id: name, name, labels: [], slots: 1, busy: 0, isDraining: false, heardAt: NOW, ...of };
}

function why(job: Job, runners: readonly PoolRunner[], others: readonly Job[] = []): ReturnType<typeof whyJob> {
  return whyJob({ name: 'default', jobs: [...others, job], runners }, job, NOW);
}

describe('why nobody takes a job', () => {
  it('because no runner is connected, or only one that is silent', () => {
    const expected = { kind: 'NoRunner', owner: 'pool', place: 1, since: 7, deadline: 7 + 24 * 3_600_000 };
    expect(why(aJob('j', 7), [])).toMatchObject([expected]);
    expect(why(aJob('j', 7), [aRunner('box', { heardAt: NOW - 60_001 })])).toMatchObject([expected]);
  });

  it('because no runner carries its labels, and which ones are missing', () => {
    const runners = [aRunner('box', { labels: ['linux'] }), aRunner('mac', { labels: ['arm'] })];
    expect(why(aJob('j', 0, { labels: ['linux', 'gpu'] }), runners)).toMatchObject([
      { kind: 'NoMatchingRunner', message: 'There are 2 runners of the pool default, and none carries gpu.' },
    ]);
    expect(why(aJob('j', 0, { labels: ['linux', 'arm'] }), runners)).toMatchObject([
      {
        kind: 'NoMatchingRunner',
        message: 'There are 2 runners of the pool default, and none carries all of linux, arm.',
      },
    ]);
  });

  it('because the slots of the runners that fit are taken, by whom, and how many are before it', () => {
    const running = aJob('one', 1, { phase: { kind: 'Claimed', runner: 'box', runnerName: 'box', at: 2 } });
    const older = [aJob('two', 2), aJob('elsewhere', 3, { labels: ['gpu'] })];
    expect(why(aJob('j', 4), [aRunner('box', { busy: 1 })], [running, ...older])).toMatchObject([
      { kind: 'RunnersBusy', owner: 'runner', place: 2, holder: { type: 'execution', id: 'exec-one' } },
    ]);
  });

  it('because the only runner that fits is about to leave', () => {
    expect(why(aJob('j', 0), [aRunner('box', { isDraining: true })])).toMatchObject([
      { kind: 'RunnersBusy', message: 'box would fit, but takes nothing more before it leaves.' },
    ]);
  });

  it('only because it is just being offered', () => {
    expect(why(aJob('j', 0), [aRunner('box')])).toMatchObject([{ kind: 'Offered', owner: 'runner' }]);
  });

  it('or because the runner that has taken it is out of touch; one that works has no reason', () => {
    const claimed = { kind: 'Claimed', runner: 'box', runnerName: 'box', at: 5 } as const;
    expect(why(aJob('j', 0, { phase: claimed }), [])).toEqual([]);
    expect(why(aJob('j', 0, { phase: { ...claimed, unreachableSince: 10 } }), [])).toMatchObject([
      { kind: 'RunnerUnreachable', since: 10, deadline: 10 + 120_000 },
    ]);
  });
});
