import { describe, expect, it } from 'vitest';
import {
  cancel,
  claim,
  ENQUEUE_FRESH_MS,
  enqueue,
  finishable,
  type Job,
  LOST_AFTER_MS,
  nextWatchAt,
  over,
  returned,
  TOMBSTONE_MS,
  UNREACHABLE_AFTER_MS,
  watch,
} from '../../../worker/engine/dispatch.ts';
import type { ExecutionId, JobId } from '../../../worker/engine/ids.ts';

/** Everything that may be asked of a job, at every point of its life. */

const base = { id: 'e1:S/a:1' as JobId, execution: 'e1' as ExecutionId, labels: ['linux'], queuedAt: 5 };
const aJob = (phase: Job['phase']): Job => ({ ...base, phase });
const held = { kind: 'Claimed', runner: 'r1', runnerName: 'one', at: 10 } as const;

const queued = aJob({ kind: 'Queued' });
const claimed = aJob(held);
const away = aJob({ ...held, unreachableSince: 100 });
const cancelled = aJob({ ...held, cancel: 'Stopped' });
const lost = aJob({ kind: 'Lost', at: 20, reason: 'gone' });
const done = aJob({ kind: 'Over', at: 20 });

const ask = (job: Job | undefined) => ({
  own: claim(job, { id: 'r1', name: 'one' }, 10),
  other: claim(job, { id: 'r2', name: 'two' }, 11),
  result: finishable(job, 'r1'),
  foreign: finishable(job, 'r2'),
  stop: cancel(job, base.id, base.execution, 'Stopped', 30),
});
const taken = aJob({ kind: 'Claimed', runner: 'r2', runnerName: 'two', at: 11 });
const asked = (job: Job) => ({
  kind: 'Asked',
  runner: 'r1',
  job: { ...job, phase: { ...job.phase, cancel: 'Stopped' } },
});
const never = { kind: 'NeverStarted', job: { ...queued, phase: { kind: 'Over', at: 30 } } };
const tombstone = { kind: 'NeverStarted', job: { ...never.job, labels: [], queuedAt: 30 } };
const late = { own: undefined, other: undefined, stop: { kind: 'AlreadyOver' } };

it.each<[string, Job | undefined, object]>([
  ['queued', queued, { own: claimed, other: taken, result: 'fenced', foreign: 'fenced', stop: never }],
  ['claimed', claimed, { own: claimed, other: undefined, result: 'accept', foreign: 'fenced', stop: asked(claimed) }],
  ['out of touch', away, { own: away, other: undefined, result: 'accept', foreign: 'fenced', stop: asked(away) }],
  [
    'being cancelled',
    cancelled,
    { own: cancelled, other: undefined, result: 'accept', foreign: 'fenced', stop: asked(cancelled) },
  ],
  ['lost', lost, { ...late, result: 'fenced', foreign: 'fenced' }],
  ['over', done, { ...late, result: 'repeated', foreign: 'repeated' }],
  ['unknown', undefined, { ...late, result: 'fenced', foreign: 'fenced', stop: tombstone }],
])('a job that is %s answers claims, results and cancels', (_, job, answers) => {
  expect(ask(job)).toEqual(answers);
});

it('is put into the queue once, by a message that is fresh', () => {
  expect(enqueue(undefined, queued, 1_000, 1_000 + ENQUEUE_FRESH_MS)).toBe(queued);
  expect(enqueue(undefined, queued, 1_000, 1_000 + ENQUEUE_FRESH_MS + 1)).toBeUndefined();
  for (const job of [queued, claimed, done]) expect(enqueue(job, queued, 0, 10 * ENQUEUE_FRESH_MS)).toBe(job);
});

it('is over with nothing left of its claim', () => {
  expect(over(cancelled, 40)).toEqual({ ...base, phase: { kind: 'Over', at: 40 } });
});

it('is offered again to its runner only if that never began it, and may', () => {
  const answers = [queued, claimed, cancelled, lost, done].map((job) => returned(job, false));
  expect(answers).toEqual(['Again', 'Offer', 'Over', 'Again', 'Again']);
  expect([claimed, cancelled].map((job) => returned(job, true))).toEqual(['Again', 'Again']);
});

describe('the passing of time', () => {
  const REASON = 'Runner one has been out of touch for';

  it('changes nothing but jobs whose runner is out of touch', () => {
    for (const job of [queued, lost, done, claimed]) expect(watch(job, undefined, 10 * LOST_AFTER_MS)).toBe(job);
    for (const job of [queued, lost, done]) expect(watch(job, 0, 10 * LOST_AFTER_MS)).toBe(job);
    expect(watch(cancelled, 50, 50 + UNREACHABLE_AFTER_MS - 1)).toBe(cancelled);
  });

  it('makes them unreachable, then lost, counted from the first silence', () => {
    expect(watch(claimed, 50, 50 + UNREACHABLE_AFTER_MS)).toEqual(aJob({ ...held, unreachableSince: 50 }));
    expect(watch(away, 150, 150 + UNREACHABLE_AFTER_MS)).toBe(away);
    expect(watch(away, 150, 100 + LOST_AFTER_MS - 1)).toBe(away);
    const at = 100 + LOST_AFTER_MS;
    expect(watch(away, 150, at)).toEqual(aJob({ kind: 'Lost', at, reason: `${REASON} 120 s.` }));
    expect(watch(claimed, 5_000, 185_000).phase).toMatchObject({ reason: `${REASON} 180 s.` });
    expect(watch(away, 50, 180_050).phase).toMatchObject({ reason: `${REASON} 180 s.` });
  });

  it('gives them back as they were', () => {
    expect(watch(away, undefined, 200)).toStrictEqual(claimed);
  });

  it('is waited for until the next thing that it does', () => {
    const next = (since?: number) => [queued, claimed, away, lost, done].map((job) => nextWatchAt(job, since));
    const over = 20 + TOMBSTONE_MS;
    expect(next()).toEqual([undefined, undefined, undefined, 20, over]);
    expect(next(150)).toEqual([undefined, 150 + UNREACHABLE_AFTER_MS, 100 + LOST_AFTER_MS, 20, over]);
    expect(next(50)).toEqual([undefined, 50 + UNREACHABLE_AFTER_MS, 50 + LOST_AFTER_MS, 20, over]);
  });
});
