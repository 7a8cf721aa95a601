/** From `from` on and before `to`; milliseconds since the Unix epoch. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The same moments in as few intervals as they take, ascending. */
export function merged(intervals: readonly Interval[]): readonly Interval[] {
  const done: Interval[] = [];
  for (const interval of [...intervals].sort((one, other) => one.from - other.from)) {
    const last = done.at(-1);
    if (last === undefined || interval.from > last.to) done.push(interval);
    else if (interval.to > last.to) done[done.length - 1] = { from: last.from, to: interval.to };
  }
  return done;
}

/** What of them lies within `bounds`. */
export function clipped(intervals: readonly Interval[], bounds: Interval): readonly Interval[] {
  return intervals
    .map(({ from, to }) => ({ from: Math.max(from, bounds.from), to: Math.min(to, bounds.to) }))
    .filter(({ from, to }) => from < to);
}
