import { StyleTable } from './style-table.ts';
import { paint, type Runs } from './styled-line.ts';

/** Longer lines are broken, so that one line without end cannot fill the page. */
export const LINE_LENGTH_MAX = 4_000;
/** What a browser can hold with ease; the raw file has the rest. */
export const LINES_MAX = 500_000;
const FORGET_LINES = 50_000;
const TAB = 8;
/** A control sequence this long is not one. */
const SEQUENCE_LENGTH_MAX = 4_096;

export interface LogLine {
  readonly text: string;
  readonly runs: Runs | undefined;
  /** As a text editor would count it; undefined for the continuation of a broken line. */
  readonly number: number | undefined;
}

/**
 * Turns a stream of terminal output into lines: colours become style numbers, carriage return and backspace overwrite, erasing
 * in the line erases, every other control sequence is dropped. Sequences may be split between two writes.
 */
export class LogLines {
  readonly styles = new StyleTable();
  readonly #texts: string[] = [];
  readonly #runs: (Runs | undefined)[] = [];
  readonly #numbers: (number | undefined)[] = [];
  #forgotten = 0;
  #longest = 0;
  #finished = 0;

  #text = '';
  #lineRuns: number[] = [];
  #cursor = 0;
  #isContinuation = false;
  #styleNumber = 0;
  /** A control sequence whose end has not arrived. */
  #pending = '';

  /** Lines held, the unfinished last one included when it has content. */
  get count(): number {
    return this.#texts.length + (this.#hasOpenLine ? 1 : 0);
  }

  /** Lines that were dropped from the front to bound the memory. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Length of the longest line so far, in characters. */
  get longest(): number {
    return this.#longest;
  }

  line(index: number): LogLine | undefined {
    const text = this.#texts[index];
    if (text !== undefined) return { text, runs: this.#runs[index], number: this.#numbers[index] };
    if (index !== this.#texts.length || !this.#hasOpenLine) return undefined;
    return { text: this.#text, runs: this.#lineRuns, number: this.#openLineNumber };
  }

  text(index: number): string {
    return this.#texts[index] ?? (index === this.#texts.length ? this.#text : '');
  }

  /** The index of the line that carries this number, or undefined when it has not come or is forgotten. */
  indexOfNumber(number: number): number | undefined {
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#numberAtOrBefore(middle);
      if (found === number) return this.#startOf(middle);
      if (found < number) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  write(chunk: string): void {
    const input = this.#pending + chunk;
    this.#pending = '';
    let at = 0;
    while (at < input.length) {
      control.lastIndex = at;
      const next = control.exec(input)?.index ?? input.length;
      if (next > at) this.#print(input.slice(at, next));
      if (next === input.length) return;
      at = this.#control(input, next);
    }
  }

  /** Whatever still waits for the rest of a sequence will not get it. */
  end(): void {
    this.#pending = '';
  }

  get #hasOpenLine(): boolean {
    return this.#text.length > 0;
  }

  get #openLineNumber(): number | undefined {
    return this.#isContinuation ? undefined : this.#finished + 1;
  }

  #print(text: string): void {
    for (let from = 0; from < text.length;) {
      const room = LINE_LENGTH_MAX - this.#cursor;
      const part = text.slice(from, from + room);
      this.#put(part);
      from += part.length;
      if (this.#cursor >= LINE_LENGTH_MAX && from < text.length) this.#breakLine(true);
    }
  }

  #put(part: string): void {
    const start = this.#cursor;
    const end = start + part.length;
    this.#cursor = end;
    if (start === this.#text.length) {
      this.#text += part;
      if ((this.#lineRuns.at(-1) ?? 0) !== this.#styleNumber) this.#lineRuns.push(start, this.#styleNumber);
      return;
    }
    this.#text = this.#text.slice(0, start) + part + this.#text.slice(end);
    this.#lineRuns = paint(this.#lineRuns, {
      start,
      end,
      style: this.#styleNumber,
      length: this.#text.length,
    });
  }

  /** Handles the control character at `at`; answers where to go on. */
  #control(input: string, at: number): number {
    switch (input[at]) {
      case '\n':
        this.#breakLine(false);
        return at + 1;
      case '\r':
        this.#cursor = 0;
        return at + 1;
      case '\b':
        this.#cursor = Math.max(0, this.#cursor - 1);
        return at + 1;
      case '\t':
        this.#print(' '.repeat(TAB - (this.#cursor % TAB)));
        return at + 1;
      case '\u001b':
        return this.#escape(input, at);
      case '\u009b':
        return this.#sequence(input, at, at + 1);
      default:
        return at + 1;
    }
  }

  #escape(input: string, at: number): number {
    const kind = input[at + 1];
    if (kind === undefined) return this.#wait(input, at);
    if (kind === '[') return this.#sequence(input, at, at + 2);
    if (']PX^_'.includes(kind)) return this.#string(input, at);
    // Character set selections and the like take one more character.
    if ('()*+-./#% '.includes(kind)) return input[at + 2] === undefined ? this.#wait(input, at) : at + 3;
    return at + 2;
  }

  #sequence(input: string, at: number, from: number): number {
    sequenceEnd.lastIndex = from;
    const end = sequenceEnd.exec(input)?.index;
    if (end === undefined) return this.#wait(input, at);
    const parameters = input.slice(from, end);
    if (input[end] === 'm' && !/[<=>?]/.test(parameters)) this.#restyle(parameters);
    if (input[end] === 'K') this.#erase(parameters);
    // A control character inside a sequence ends it and counts for itself.
    return input.charCodeAt(end) < 0x20 ? end : end + 1;
  }

  #string(input: string, at: number): number {
    stringEnd.lastIndex = at + 2;
    const end = stringEnd.exec(input);
    if (end === null) return this.#wait(input, at);
    return end.index + end[0].length;
  }

  #wait(input: string, at: number): number {
    if (input.length - at > SEQUENCE_LENGTH_MAX) return at + 2;
    this.#pending = input.slice(at);
    return input.length;
  }

  #restyle(parameters: string): void {
    this.#styleNumber = this.styles.after(this.#styleNumber, parameters);
  }

  #erase(parameters: string): void {
    if (parameters === '' || parameters === '0') {
      this.#text = this.#text.slice(0, this.#cursor);
      this.#lineRuns = this.#lineRuns.filter((_, index, runs) => (runs[index - (index % 2)] ?? 0) < this.#cursor);
    } else if (parameters === '2') {
      this.#text = '';
      this.#lineRuns = [];
      this.#cursor = 0;
    } else if (parameters === '1') {
      this.#text = ' '.repeat(Math.min(this.#cursor, this.#text.length)) + this.#text.slice(this.#cursor);
    }
  }

  #breakLine(isBroken: boolean): void {
    this.#texts.push(this.#text);
    this.#runs.push(this.#lineRuns.length === 0 ? undefined : this.#lineRuns);
    this.#numbers.push(this.#openLineNumber);
    if (!this.#isContinuation) this.#finished += 1;
    this.#longest = Math.max(this.#longest, this.#text.length);
    this.#text = '';
    this.#lineRuns = [];
    this.#cursor = 0;
    this.#isContinuation = isBroken;
    if (this.#texts.length >= LINES_MAX + FORGET_LINES) this.#forget();
  }

  #forget(): void {
    this.#texts.splice(0, FORGET_LINES);
    this.#runs.splice(0, FORGET_LINES);
    this.#numbers.splice(0, FORGET_LINES);
    this.#forgotten += FORGET_LINES;
  }

  #numberAtOrBefore(index: number): number {
    return this.line(this.#startOf(index))?.number ?? 0;
  }

  #startOf(index: number): number {
    let at = index;
    while (at > 0 && this.line(at)?.number === undefined) at -= 1;
    return at;
  }
}

const control = /[\u0000-\u001f\u007f\u0080-\u009f]/g;
const sequenceEnd = /[\u0000-\u001f\u0040-\u007e]/g;
/** A line end closes a string that nobody closed. */
const stringEnd = /\u0007|\u001b\\|\u009c|(?=[\r\n])/g;
