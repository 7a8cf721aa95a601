import { type Live, type LiveExecution, settle, type Tracks } from './admission.ts';
import type { Instant } from './ids.ts';
import { ADMISSION_MAX_MS } from './timeouts.ts';

/**
 * An execution that was never admitted has no object with timers of its own: its pipeline gives it up when it has waited for as long
 * as any other execution may wait in front of a stage.
 */
export function expire(live: Live, tracks: Tracks, at: Instant): Live {
  const isOver = (row: LiveExecution): boolean => (expiryOf(row) ?? Infinity) <= at;
  if (!live.some(isOver)) return live;
  return settle(
    live.map((row) => (isOver(row) ? { ...row, ending: 'Cancelled' } : row)),
    tracks,
    at,
  );
}

/** When the pipeline must look next. Undefined: nobody waits who has no object. */
export function nextExpiryAt(live: Live): Instant | undefined {
  return live
    .map(expiryOf)
    .reduce((first, at) => (first === undefined || (at ?? first) < first ? at : first), undefined);
}

function expiryOf({ epoch, waiting, ending, since }: LiveExecution): Instant | undefined {
  return epoch === 0 && waiting && ending === undefined ? since + ADMISSION_MAX_MS : undefined;
}
