import { expect, it } from 'vitest';
import type { Job } from '../../../../worker/engine/dispatch.ts';
import type { ExecutionId, JobId } from '../../../../worker/engine/ids.ts';
import { type PoolRunner, whyJob } from '../../../../worker/engine/why/job.ts';
import type { Reason } from '../../../../worker/engine/why/reason.ts';

/** What people read when nobody takes a job, and how many are before it. */

const NOW = 1_000_000;
const DAY = 24 * 60 * 60_000;

function aJob(id: string, queuedAt: number, labels: readonly string[] = [], phase?: Job['phase']): Job {
  const execution = `exec-${id}` as ExecutionId;
  return { id: id as JobId, execution, labels, queuedAt, phase: phase ?? { kind: 'Queued' } };
}

function taken(id: string, queuedAt: number, runner: string): Job {
  return aJob(id, queuedAt, [], { kind: 'Claimed', runner, runnerName: runner, at: queuedAt });
}

function aRunner(name: string, of: Partial<PoolRunner> = {}): PoolRunner {
  return { id: name, name, labels: [], slots: 1, busy: 0, isDraining: false, heardAt: NOW, ...of };
}

const why = (job: Job, runners: readonly PoolRunner[], others: readonly Job[] = []): readonly Reason[] =>
  whyJob({ name: 'gpu', jobs: [...others, job], runners }, job, NOW);
const place = (...args: Parameters<typeof why>): number | undefined => why(...args)[0]?.place;

const pool = { type: 'pool', id: 'gpu', href: '/runners' } as const;
const queued = { subject: { type: 'job', job: 'j' }, place: 1, since: 7, deadline: 7 + DAY } as const;
const connect = (what: string) => [{ what: `Connect ${what}`, who: 'Whoever has a runner token' }];
const busy = aRunner('box', { busy: 1 });

it.each<[string, Job, readonly PoolRunner[], readonly Job[], Reason]>([
  [
    'there is no runner',
    aJob('j', 7, ['linux', 'a100']),
    [aRunner('box', { heardAt: NOW - 60_001 })],
    [],
    {
      ...queued,
      kind: 'NoRunner',
      owner: 'pool',
      message: 'No runner is connected to the pool gpu.',
      holder: pool,
      until: 'A runner connects.',
      may: connect('A runner with linux, a100'),
    },
  ],
  [
    'there is one runner, and it lacks two labels',
    aJob('j', 7, ['linux', 'a100', 'big']),
    [aRunner('box', { labels: ['linux'], heardAt: NOW - 60_000 })],
    [],
    {
      ...queued,
      kind: 'NoMatchingRunner',
      owner: 'pool',
      message: 'There is one runner of the pool gpu, and none carries a100, big.',
      holder: pool,
      until: 'A runner with linux, a100, big connects.',
      may: connect('A runner with linux, a100, big'),
    },
  ],
  [
    'it is on offer',
    aJob('j', 7),
    [aRunner('pc'), busy, aRunner('mac')],
    [],
    {
      ...queued,
      kind: 'Offered',
      owner: 'runner',
      message: 'It is being offered to pc, box, mac.',
      holder: pool,
      until: 'One of them takes it, or has no slot left.',
    },
  ],
  [
    'every slot is taken, by the oldest for the longest',
    aJob('j', 7),
    [busy, aRunner('mac', { slots: 2, busy: 2, isDraining: true })],
    [taken('new', 3, 'box'), taken('old', 2, 'mac'), taken('elsewhere', 1, 'other')],
    {
      ...queued,
      kind: 'RunnersBusy',
      owner: 'runner',
      message: 'All slots of box, mac are taken.',
      holder: { type: 'execution', id: 'exec-old', href: '/executions/exec-old' },
      until: 'One of their jobs ends, or another runner that fits connects.',
      may: connect('A runner'),
    },
  ],
  [
    'the only ones that fit are about to leave',
    aJob('j', 7),
    [aRunner('box', { isDraining: true }), aRunner('mac', { isDraining: true })],
    [aJob('lost', 1, [], { kind: 'Lost', at: 2, reason: '' })],
    {
      ...queued,
      kind: 'RunnersBusy',
      owner: 'runner',
      message: 'box, mac would fit, but takes nothing more before it leaves.',
      holder: pool,
      until: 'One of their jobs ends, or another runner that fits connects.',
      may: connect('A runner'),
    },
  ],
  [
    'its runner is out of touch',
    aJob('j', 7, [], { kind: 'Claimed', runner: 'r-1', runnerName: 'box', at: 8, unreachableSince: 9 }),
    [],
    [],
    {
      kind: 'RunnerUnreachable',
      subject: queued.subject,
      owner: 'runner',
      message: 'box has it and is out of touch.',
      holder: { type: 'runner', id: 'r-1', href: '/runners' },
      since: 9,
      deadline: 9 + 120_000,
      until: 'The runner reconnects, or is given up for lost.',
    },
  ],
])('because %s', (_, job, runners, others, reason) => {
  expect(why(job, runners, others)).toStrictEqual([reason]);
});

it('is not said of a job that runs, is lost or over', () => {
  const phases: readonly Job['phase'][] = [
    { kind: 'Claimed', runner: 'r', runnerName: 'box', at: 8 },
    { kind: 'Lost', at: 8, reason: '' },
    { kind: 'Over', at: 8 },
  ];
  for (const phase of phases) expect(why(aJob('j', 7, [], phase), [busy])).toEqual([]);
});

it('counts those before it that wait for a runner which this one waits for, too', () => {
  const linux = aRunner('box', { busy: 1, labels: ['linux'] });
  const arm = aRunner('mac', { busy: 1, labels: ['arm'] });
  const job = aJob('j', 7);
  expect(place(job, [linux, arm], [aJob('1', 1, ['linux']), aJob('2', 2, ['arm']), aJob('3', 3, ['gpu'])])).toBe(3);
  expect(place(job, [linux], [aJob('1', 7), aJob('2', 8), taken('3', 3, 'box')])).toBe(1);
  expect(place(aJob('j', 7, ['arm']), [linux, arm], [aJob('1', 1, ['linux']), aJob('2', 2)])).toBe(2);
});

it('counts those before it that want the same, as long as nobody fits', () => {
  const others = [aJob('1', 1, ['b', 'a']), aJob('2', 2, ['a']), aJob('3', 3, ['a', 'c']), aJob('4', 4)];
  expect(place(aJob('j', 7, ['a', 'b']), [], others)).toBe(2);
  expect(place(aJob('j', 7), [], others)).toBe(2);
});
