/**
 * Aho and Corasick's: finds all of many patterns in one pass, whatever they are, in time that grows with the text alone. Kept
 * in flat arrays: a large secret in all its encodings makes a million nodes.
 */
export class Automaton {
  readonly #root = new Int32Array(256);
  readonly #byte: Uint8Array;
  readonly #child: Int32Array;
  readonly #sibling: Int32Array;
  readonly #fail: Int32Array;
  readonly #depth: Int32Array;
  /** Length of the longest pattern that ends here; 0: none. */
  readonly #found: Int32Array;
  #nodes = 1;

  constructor(patterns: readonly Uint8Array[]) {
    const nodesMax = patterns.reduce((sum, { length }) => sum + length, 1);
    this.#byte = new Uint8Array(nodesMax);
    this.#child = new Int32Array(nodesMax);
    this.#sibling = new Int32Array(nodesMax);
    this.#fail = new Int32Array(nodesMax);
    this.#depth = new Int32Array(nodesMax);
    this.#found = new Int32Array(nodesMax);
    for (const pattern of patterns) this.#add(pattern);
    this.#link();
  }

  /** Where one goes from `state` when this byte follows. 0 is the beginning. */
  next(state: number, byte: number): number {
    let at = state;
    for (;;) {
      const child = this.#childOf(at, byte);
      if (child !== 0 || at === 0) return child;
      at = this.#fail[at] ?? 0;
    }
  }

  foundAt(state: number): number {
    return this.#found[state] ?? 0;
  }

  /** So many of the last bytes may be the beginning of something. */
  depthOf(state: number): number {
    return this.#depth[state] ?? 0;
  }

  #childOf(state: number, byte: number): number {
    if (state === 0) return this.#root[byte] ?? 0;
    let child = this.#child[state] ?? 0;
    while (child !== 0 && this.#byte[child] !== byte) child = this.#sibling[child] ?? 0;
    return child;
  }

  #add(pattern: Uint8Array): void {
    let at = 0;
    for (const byte of pattern) {
      let child = this.#childOf(at, byte);
      if (child === 0) {
        child = this.#nodes;
        this.#nodes += 1;
        this.#byte[child] = byte;
        this.#depth[child] = this.depthOf(at) + 1;
        if (at === 0) this.#root[byte] = child;
        this.#sibling[child] = this.#child[at] ?? 0;
        this.#child[at] = child;
      }
      at = child;
    }
    this.#found[at] = pattern.length;
  }

  /** Breadth first, so that what a node falls back to has been linked before it. */
  #link(): void {
    const queue = new Int32Array(this.#nodes);
    let end = 1;
    for (let index = 0; index < end; index += 1) {
      const at = queue[index] ?? 0;
      for (let child = this.#child[at] ?? 0; child !== 0; child = this.#sibling[child] ?? 0) {
        const fallback = at === 0 ? 0 : this.next(this.#fail[at] ?? 0, this.#byte[child] ?? 0);
        this.#fail[child] = fallback;
        this.#found[child] = Math.max(this.foundAt(child), this.foundAt(fallback));
        queue[end] = child;
        end += 1;
      }
    }
  }
}
