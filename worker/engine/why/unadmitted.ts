import { evolve } from '../evolve.ts';
import type { Instant } from '../ids.ts';
import type { ExecutionState, Origin } from '../model.ts';

/** An execution that waits to be admitted, as its own object would see it if there were one. */
export function unadmittedState(origin: Origin, startedAt: Instant): ExecutionState {
  const begun = evolve(undefined, { type: 'ExecutionBegun', origin, epoch: 0, through: -1 }, startedAt);
  return { ...begun, admission: { ...begun.admission, waiting: true } };
}
