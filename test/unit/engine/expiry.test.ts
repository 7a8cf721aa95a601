import { expect, it } from 'vitest';
import type { LiveExecution } from '../../../worker/engine/admission.ts';
import { expire, nextExpiryAt } from '../../../worker/engine/expiry.ts';

/** How long an execution waits that was never let in anywhere. */

const MAX = 30 * 24 * 60 * 60_000;
const tracks = { closed: new Set<string>(), entered: {} };

function waits(number: number, since: number, more: Partial<LiveExecution> = {}): LiveExecution {
  const at = { at: 0, waiting: true, through: -1, epoch: 0, step: 0, since };
  return { id: `e${number}` as never, number, rank: number, stages: ['A'], mode: 'QUEUED', ...at, ...more };
}
const inside = (number: number, since: number): LiveExecution =>
  waits(number, since, { waiting: false, through: 0, epoch: 1 });
// One that has an object counts for itself.
const live = [
  inside(1, 1),
  waits(2, 40),
  waits(3, 20, { ending: 'Stopped' }),
  waits(4, 10, { epoch: 2 }),
  waits(5, 30),
  waits(6, 50),
];

it('is looked at when the first of them has waited for thirty days', () => {
  expect(nextExpiryAt(live)).toBe(30 + MAX);
  expect(nextExpiryAt([waits(5, 30), waits(2, 40)])).toBe(30 + MAX);
  expect(nextExpiryAt([inside(1, 1), waits(3, 20, { ending: 'Stopped' })])).toBeUndefined();
  expect(nextExpiryAt([])).toBeUndefined();
});

it('ends Cancelled', () => {
  const endings = (at: number) => expire(live, tracks, at).map(({ ending }) => ending);
  expect(expire(live, tracks, 30 + MAX - 1)).toBe(live);
  expect(endings(30 + MAX)).toEqual([undefined, undefined, 'Stopped', undefined, 'Cancelled', undefined]);
  expect(endings(40 + MAX)).toEqual([undefined, 'Cancelled', 'Stopped', undefined, 'Cancelled', undefined]);
});
