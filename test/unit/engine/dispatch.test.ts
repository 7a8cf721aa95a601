import { describe, expect, it } from 'vitest';
import {
  assign,
  cancel,
  claim,
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

const aJob = (overrides: Partial<Job> = {}): Job => ({
  id: 'e1:S/a:1' as JobId,
  execution: 'e1' as ExecutionId,
  labels: [],
  queuedAt: 0,
  phase: { kind: 'Queued' },
  ...overrides,
});
const r1 = { id: 'r1', name: 'one' };
const r2 = { id: 'r2', name: 'two' };
const claimed = claim(aJob(), r1, 10)!;

describe('a job', () => {
  it('is claimed by the first runner that asks, and by no other', () => {
    expect(claimed.phase).toMatchObject({ kind: 'Claimed', runner: 'r1' });
    expect(claim(claimed, r2, 11)).toBeUndefined();
  });

  it('may be claimed again by the runner that has it, which never got the answer', () => {
    expect(claim(claimed, r1, 12)).toBe(claimed);
  });

  it('is inserted once, however often it is sent', () => {
    expect(enqueue(claimed, aJob(), 5, 5)).toBe(claimed);
    expect(enqueue(undefined, aJob(), 5, 5)).toEqual(aJob());
  });

  it('is refused when the message is old, because its tombstone may be gone', () => {
    expect(enqueue(undefined, aJob(), 0, 60_001)).toBeUndefined();
  });

  it('never starts when the cancel comes before the enqueue', () => {
    const outcome = cancel(undefined, 'e1:S/a:1' as JobId, 'e1' as ExecutionId, 'Stopped', 5);
    expect(outcome.kind).toBe('NeverStarted');
    if (outcome.kind !== 'NeverStarted') return;
    expect(enqueue(outcome.job, aJob(), 6, 6)?.phase.kind).toBe('Over');
    expect(claim(outcome.job, r1, 7)).toBeUndefined();
  });

  it('never starts when it is cancelled in the queue', () => {
    expect(cancel(aJob(), aJob().id, aJob().execution, 'Stopped', 5).kind).toBe('NeverStarted');
  });

  it('is cancelled at its runner once claimed', () => {
    expect(cancel(claimed, claimed.id, claimed.execution, 'Stopped', 5)).toMatchObject({
      kind: 'Asked',
      runner: 'r1',
    });
  });

  it('takes a result only from its own runner', () => {
    expect(finishable(claimed, 'r1')).toBe('accept');
    expect(finishable(claimed, 'r2')).toBe('fenced');
    expect(finishable(aJob(), 'r1')).toBe('fenced');
    expect(finishable(undefined, 'r1')).toBe('fenced');
    expect(finishable(over(claimed, 20), 'r1')).toBe('repeated');
  });

  it('is remembered for a while after its end', () => {
    expect(nextWatchAt(over(claimed, 20), undefined)).toBe(20 + TOMBSTONE_MS);
  });
});

describe('a runner out of touch', () => {
  it('is first unreachable, then lost', () => {
    expect(watch(claimed, 100, 100 + UNREACHABLE_AFTER_MS - 1)).toBe(claimed);
    const unreachable = watch(claimed, 100, 100 + UNREACHABLE_AFTER_MS);
    expect(unreachable.phase).toMatchObject({ unreachableSince: 100 });
    expect(nextWatchAt(unreachable, 100)).toBe(100 + LOST_AFTER_MS);
    expect(watch(unreachable, 100, 100 + LOST_AFTER_MS).phase.kind).toBe('Lost');
  });

  it('keeps its job when it returns in time', () => {
    const unreachable = watch(claimed, 100, 100 + UNREACHABLE_AFTER_MS);
    expect(watch(unreachable, undefined, 50_000)).toEqual(claimed);
  });

  it('does not get more time because the pool restarted', () => {
    const unreachable = watch(claimed, 100, 100 + UNREACHABLE_AFTER_MS);
    expect(watch(unreachable, 90_000, 100 + LOST_AFTER_MS).phase.kind).toBe('Lost');
  });
});

describe('offers', () => {
  const runner = (id: string, freeSlots: number, heardAt: number, labels: readonly string[] = []) => ({
    runner: id,
    labels,
    freeSlots,
    heardAt,
    passedOver: [] as readonly JobId[],
  });
  const job = (id: string, queuedAt: number, labels: readonly string[] = []) =>
    aJob({ id: id as JobId, queuedAt, labels });

  it('go to the oldest job first and to the freshest runner', () => {
    expect(assign([job('new', 2), job('old', 1)], [runner('stale', 1, 5), runner('fresh', 1, 9)])).toEqual([
      { job: 'old', runner: 'fresh' },
      { job: 'new', runner: 'stale' },
    ]);
  });

  it('pass on to somebody else when they were not taken', () => {
    const deaf = { ...runner('deaf', 1, 9), passedOver: ['a' as JobId] };
    expect(assign([job('a', 1)], [deaf, runner('other', 1, 1)])).toEqual([{ job: 'a', runner: 'other' }]);
    expect(assign([job('a', 1)], [deaf])).toEqual([{ job: 'a', runner: 'deaf' }]);
  });

  it('respect labels and slots', () => {
    expect(
      assign(
        [job('gpu', 1, ['gpu']), job('any', 2), job('too many', 3)],
        [runner('plain', 1, 9), runner('g', 1, 1, ['gpu', 'x'])],
      ),
    ).toEqual([
      { job: 'gpu', runner: 'g' },
      { job: 'any', runner: 'plain' },
    ]);
  });

  it('do not let a job that nothing fits hold up the others', () => {
    expect(assign([job('gpu', 1, ['gpu']), job('any', 2)], [runner('plain', 1, 1)])).toEqual([
      { job: 'any', runner: 'plain' },
    ]);
  });
});

describe('a runner that returns', () => {
  const cancelled = cancel(claimed, claimed.id, claimed.execution, 'Stopped', 20);

  it('may claim once more what it never started', () => {
    expect(returned(claimed, false)).toBe('Offer');
    expect(returned(claimed, true)).toBe('Again');
  });

  it('is not offered again what was cancelled before it started', () => {
    if (cancelled.kind !== 'Asked') throw new Error('not asked');
    expect(returned(cancelled.job, false)).toBe('Over');
  });
});
