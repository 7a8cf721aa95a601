/** As many bits as are set for the shapes that were seen; shared by all threads. */
const BITS = 2 ** 28;

export type Counts = Readonly<Record<string, number>>;

export function newSight(): SharedArrayBuffer {
  return new SharedArrayBuffer(BITS / 8);
}

/** What a run has come to, counted by name, and the situations that it has seen. */
export class Tally {
  readonly counts: Record<string, number> = {};
  readonly #sight: Uint32Array;

  constructor(sight: SharedArrayBuffer) {
    this.#sight = new Uint32Array(sight);
  }

  add(counts: Counts): void {
    for (const [name, count] of Object.entries(counts)) this.counts[name] = (this.counts[name] ?? 0) + count;
  }

  see(shape: number): void {
    const bit = shape % BITS;
    const word = bit >>> 5;
    const mask = 1 << (bit & 31);
    if (((this.#sight[word] ?? 0) & mask) === 0) Atomics.or(this.#sight, word, mask);
  }

  /** How many different shapes set so many bits: linear counting, good to a fraction of a percent. */
  get shapes(): number {
    let set = 0;
    for (const word of this.#sight) if (word !== 0) set += ones(word);
    return Math.round(-BITS * Math.log(1 - set / BITS));
  }
}

function ones(word: number): number {
  let [rest, count] = [word, 0];
  while (rest !== 0) {
    rest &= rest - 1;
    count += 1;
  }
  return count;
}
