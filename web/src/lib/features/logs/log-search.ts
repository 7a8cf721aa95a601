import type { Match } from './styled-line.ts';

export interface SearchHit {
  readonly line: number;
  readonly start: number;
}

export interface SearchableLines {
  readonly count: number;
  text(index: number): string;
}

/** More than anyone will step through. */
export const HITS_MAX = 20_000;

/** Finds a text in a log bit by bit, so that a search in a long log never holds up the page; goes on when lines are added. */
export class LogSearch {
  readonly query: string;
  readonly #pattern: RegExp | undefined;
  readonly #hits: SearchHit[] = [];
  #searched = 0;

  constructor(query: string) {
    this.query = query;
    this.#pattern = query === '' ? undefined : new RegExp(query.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
  }

  get hits(): readonly SearchHit[] {
    return this.#hits;
  }

  get isCapped(): boolean {
    return this.#hits.length >= HITS_MAX;
  }

  /** Looks through at most `linesMax` further lines; answers whether there is more to do. The open last line is left for later. */
  advance(lines: SearchableLines, linesMax: number, isComplete: boolean): boolean {
    if (this.#pattern === undefined) return false;
    const available = isComplete ? lines.count : Math.max(0, lines.count - 1);
    const until = Math.min(available, this.#searched + linesMax);
    for (; this.#searched < until && !this.isCapped; this.#searched += 1) {
      for (const { start } of this.#find(lines.text(this.#searched))) {
        this.#hits.push({ line: this.#searched, start });
      }
    }
    return !this.isCapped && this.#searched < available;
  }

  /** What to highlight in one line. */
  matches(text: string, line: number, current: SearchHit | undefined): readonly Match[] {
    return this.#find(text).map(({ start, end }) => ({
      start,
      end,
      isCurrent: current !== undefined && current.line === line && current.start === start,
    }));
  }

  #find(text: string): readonly { start: number; end: number }[] {
    if (this.#pattern === undefined) return [];
    return [...text.matchAll(this.#pattern)].map(({ index, 0: found }) => ({
      start: index,
      end: index + found.length,
    }));
  }
}

/** The next or previous hit, round and round; the first step goes to the first hit at or after the line in view. */
export function stepHit(
  hits: readonly SearchHit[],
  { from, by, lineInView }: { readonly from: number | undefined; readonly by: 1 | -1; readonly lineInView: number },
): number | undefined {
  if (hits.length === 0) return undefined;
  if (from !== undefined) return (from + by + hits.length) % hits.length;
  const next = hits.findIndex(({ line }) => line >= lineInView);
  return by === 1 ? Math.max(0, next) : (Math.max(next, 0) - 1 + hits.length) % hits.length;
}
