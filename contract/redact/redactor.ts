import { Automaton } from './automaton.ts';
import { type Patterns, patternsOf } from './encodings.ts';

const encoder = new TextEncoder();
const STAR = 0x2a;
const MASK = '***';

interface Finder {
  readonly automaton: Automaton;
  /** What a byte is taken for. */
  readonly fold: Uint8Array;
  /** Only between characters that belong to no word. */
  readonly isForWords: boolean;
}

/**
 * Takes secrets out of what a job writes. A byte is masked when some form of some value covers it: that depends on the bytes
 * alone and not on how they come, so two who mask the same text, each in pieces of his own, get the same.
 */
export class Redactor {
  readonly finders: readonly Finder[];
  /** No form of any value is longer than this. */
  readonly reach: number;

  constructor(values: readonly string[]) {
    const patterns = patternsOf(values);
    this.finders = findersOf(patterns);
    const all = [...patterns.exact, ...patterns.base64, ...patterns.hex, ...patterns.words];
    // A word's neighbours count too.
    this.reach = all.reduce((longest, text) => Math.max(longest, encoder.encode(text).length), 0) + 2;
  }

  get isEmpty(): boolean {
    return this.finders.length === 0;
  }

  /** For bytes: what is masked keeps its length, so that nothing that follows changes its place. */
  stream(): RedactedStream {
    return new RedactedStream(this);
  }

  /** For text that has no places to keep: each stretch becomes `***`, which does not even tell its length. */
  text(text: string): string {
    if (this.isEmpty || text === '') return text;
    const bytes = encoder.encode(text);
    const covered = new Uint8Array(bytes.length);
    const scan = new Scan(this, (from, to) => covered.fill(1, from, to));
    scan.over(bytes);
    scan.end();
    let clean = '';
    let from = 0;
    const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
    for (let at = covered.indexOf(1); at !== -1; at = covered.indexOf(1, from)) {
      clean += decoder.decode(bytes.subarray(from, at)) + MASK;
      const end = covered.indexOf(0, at);
      from = end === -1 ? bytes.length : end;
    }
    return clean + decoder.decode(bytes.subarray(from));
  }
}

/** What comes in comes out again, as soon as it is certain that it is no part of a secret. */
export class RedactedStream {
  readonly #scan: Scan;
  #held = new Uint8Array(0);
  /** Place in the stream of the first byte held. */
  #heldFrom = 0;

  constructor(redactor: Redactor) {
    this.#scan = new Scan(redactor, (from, to) => this.#held.fill(STAR, from - this.#heldFrom, to - this.#heldFrom));
  }

  push(bytes: Uint8Array): Uint8Array {
    const held = new Uint8Array(this.#held.length + bytes.length);
    held.set(this.#held);
    held.set(bytes, this.#held.length);
    this.#held = held;
    this.#scan.over(bytes);
    return this.#release(held.length - this.#scan.undecided);
  }

  /** Nothing follows: what looked like the beginning of a secret is none. */
  end(): Uint8Array {
    this.#scan.end();
    return this.#release(this.#held.length);
  }

  #release(count: number): Uint8Array {
    const released = this.#held.slice(0, count);
    this.#held = this.#held.slice(count);
    this.#heldFrom += count;
    return released;
  }
}

/** All finders abreast. `onFound` may be called for stretches that overlap. */
class Scan {
  readonly #finders: readonly Finder[];
  readonly #onFound: (from: number, to: number) => void;
  readonly #states: Int32Array;
  #at = 0;
  /** Whether the byte before each of the last ones belongs to a word: as many as the longest word has, and one more. */
  readonly #wordness = new Uint8Array(16);
  /** A word that ends here, if what follows does not belong to it. */
  #pending: { readonly from: number; readonly to: number } | undefined;

  constructor(redactor: Redactor, onFound: (from: number, to: number) => void) {
    this.#finders = redactor.finders;
    this.#onFound = onFound;
    this.#states = new Int32Array(this.#finders.length);
  }

  /** So many of the bytes seen may still turn out to belong to something. */
  get undecided(): number {
    const depths = this.#finders.map(({ automaton }, index) => automaton.depthOf(this.#states[index] ?? 0));
    const pending = this.#pending === undefined ? 0 : this.#at - this.#pending.from;
    return Math.max(0, pending, ...depths);
  }

  over(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte);
  }

  end(): void {
    this.#settle(false);
  }

  #take(byte: number): void {
    const isWord = belongsToWord(byte);
    this.#settle(isWord);
    this.#wordness[this.#at % 16] = isWord ? 1 : 0;
    this.#at += 1;
    for (let index = 0; index < this.#finders.length; index += 1) {
      const { automaton, fold, isForWords } = this.#finders[index] as Finder;
      const state = automaton.next(this.#states[index] ?? 0, fold[byte] ?? 0);
      this.#states[index] = state;
      const length = automaton.foundAt(state);
      if (length === 0) continue;
      const from = this.#at - length;
      if (!isForWords) this.#onFound(from, this.#at);
      else if (from === 0 || this.#wordness[(from - 1) % 16] === 0) this.#pending = { from, to: this.#at };
    }
  }

  #settle(isWordNext: boolean): void {
    if (this.#pending === undefined) return;
    if (!isWordNext) this.#onFound(this.#pending.from, this.#pending.to);
    this.#pending = undefined;
  }
}

function findersOf({ exact, base64, hex, words }: Patterns): readonly Finder[] {
  const finder = (texts: readonly string[], fold: Uint8Array, isForWords = false): readonly Finder[] => {
    if (texts.length === 0) return [];
    const patterns = [...new Set(texts)].map((text) => encoder.encode(text).map((byte) => fold[byte] ?? byte));
    return [{ automaton: new Automaton(patterns), fold, isForWords }];
  };
  return [
    ...finder(exact, folded('', '')),
    ...finder(base64, folded('-_', '+/')),
    ...finder(hex, folded('ABCDEF', 'abcdef')),
    ...finder(words, folded('', ''), true),
  ];
}

function folded(from: string, to: string): Uint8Array {
  const fold = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  for (let index = 0; index < from.length; index += 1) fold[from.charCodeAt(index)] = to.charCodeAt(index);
  return fold;
}

/** Letters, digits, the underscore, and all that is not ASCII. */
function belongsToWord(byte: number): boolean {
  return (
    byte >= 0x80 ||
    byte === 0x5f ||
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a)
  );
}
