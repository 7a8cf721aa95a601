import { LogSearch, stepHit, type SearchHit } from './log-search.ts';
import type { LogState } from './log.svelte.ts';
import type { Match } from './styled-line.ts';

/** Few enough that no frame is late. */
const LINES_PER_SLICE = 4_000;

/** The search field of one log: what was found so far and which hit the reader is at. */
export class LogFinder {
  readonly #log: LogState;
  #query = $state('');
  #search = new LogSearch('');
  #forgotten = 0;
  /** Moves whenever more has been found. */
  #version = $state(0);
  #at = $state<number | undefined>(undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(log: LogState) {
    this.#log = log;
  }

  get query(): string {
    return this.#query;
  }

  set query(query: string) {
    this.#query = query;
    this.#restart();
  }

  get count(): number {
    return this.#version < 0 ? 0 : this.#search.hits.length;
  }

  get isCapped(): boolean {
    return this.#version >= 0 && this.#search.isCapped;
  }

  /** Counted from 1, for people. */
  get position(): number | undefined {
    return this.#at === undefined ? undefined : this.#at + 1;
  }

  get current(): SearchHit | undefined {
    return this.#at === undefined ? undefined : this.#search.hits[this.#at];
  }

  step(by: 1 | -1, lineInView: number): SearchHit | undefined {
    this.#at = stepHit(this.#search.hits, { from: this.#at, by, lineInView });
    return this.current;
  }

  matches(text: string, line: number): readonly Match[] {
    return this.#version < 0 || this.#query === '' ? [] : this.#search.matches(text, line, this.current);
  }

  /** To be run as an effect: searches on as the log grows. */
  watch(): () => void {
    // eslint-disable-next-line @typescript-eslint/no-meaningless-void-operator -- reading it makes the effect run again
    void this.#log.version;
    this.#schedule();
    return () => clearTimeout(this.#timer);
  }

  #restart(): void {
    this.#search = new LogSearch(this.#query);
    this.#forgotten = this.#log.lines.forgotten;
    this.#at = undefined;
    this.#version += 1;
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#slice(), 0);
  }

  #slice(): void {
    if (this.#search.query === '') return;
    if (this.#log.lines.forgotten !== this.#forgotten) {
      // Dropped lines have shifted every position.
      this.#restart();
      return;
    }
    const before = this.#search.hits.length;
    const hasMore = this.#search.advance(this.#log.lines, LINES_PER_SLICE, this.#log.phase === 'ended');
    if (this.#search.hits.length !== before) this.#version += 1;
    if (hasMore) this.#schedule();
  }
}
