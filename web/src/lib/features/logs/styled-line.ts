/** Where each style begins: position, style number, position, style number … in order; before the first one it is plain. */
export type Runs = readonly number[];

export interface Segment {
  readonly text: string;
  readonly style: number;
  /** Part of a search match; the current one is the one the reader has jumped to. */
  readonly match: 'none' | 'match' | 'current';
}

export interface Match {
  readonly start: number;
  readonly end: number;
  readonly isCurrent: boolean;
}

/** Cuts a line wherever its style changes or a match begins or ends. Matches are in order and do not overlap. */
export function segments(text: string, runs: Runs | undefined, matches: readonly Match[] = []): readonly Segment[] {
  const cuts = new Set<number>([0, text.length]);
  for (let at = 0; at < (runs?.length ?? 0); at += 2) cuts.add(Math.min(runs?.[at] ?? 0, text.length));
  for (const { start, end } of matches) cuts.add(start).add(end);
  const positions = [...cuts].sort((one, other) => one - other);
  return positions.slice(0, -1).map((start, index) => {
    const match = matches.find((each) => each.start <= start && start < each.end);
    return {
      text: text.slice(start, positions[index + 1]),
      style: styleAt(runs, start),
      match: match === undefined ? 'none' : match.isCurrent ? 'current' : 'match',
    };
  });
}

export function styleAt(runs: Runs | undefined, position: number): number {
  let style = 0;
  for (let at = 0; at < (runs?.length ?? 0); at += 2) {
    if ((runs?.[at] ?? 0) > position) break;
    style = runs?.[at + 1] ?? 0;
  }
  return style;
}

/** The runs after `[start, end)` was painted with one style; `length` is the length of the line afterwards. */
export function paint(runs: Runs, { start, end, style, length }: Paint): number[] {
  const after = styleAt(runs, end);
  const painted: number[] = [];
  const push = (position: number, number: number) => {
    if ((painted.at(-1) ?? 0) !== number) painted.push(position, number);
  };
  for (let at = 0; at < runs.length; at += 2) {
    if ((runs[at] ?? 0) < start) push(runs[at] ?? 0, runs[at + 1] ?? 0);
  }
  push(start, style);
  if (end < length) {
    push(end, after);
    for (let at = 0; at < runs.length; at += 2) {
      if ((runs[at] ?? 0) > end) push(runs[at] ?? 0, runs[at + 1] ?? 0);
    }
  }
  return painted;
}

interface Paint {
  readonly start: number;
  readonly end: number;
  readonly style: number;
  readonly length: number;
}
