/** A deterministic world: one queue of events in virtual time, one seeded source of chance. */
export class World {
  now = Date.UTC(2026, 0, 5, 9, 0, 0);
  readonly chance: Chance;
  readonly #queue: Scheduled[] = [];
  #order = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }

  /** Runs `callback` after `ms` of virtual time, after everything scheduled for the same instant before. */
  after(ms: number, callback: () => void): void {
    this.at(this.now + Math.max(ms, 0), callback);
  }

  at(instant: number, callback: () => void): void {
    this.#order += 1;
    push(this.#queue, { at: Math.max(instant, this.now), order: this.#order, callback });
  }

  /** Runs the next event and everything that follows from it without time passing. False: nothing is left to happen. */
  async next(until: number): Promise<boolean> {
    const first = this.#queue[0];
    if (first === undefined || first.at > until) return false;
    pop(this.#queue);
    this.now = Math.max(this.now, first.at);
    first.callback();
    await microtasks();
    return true;
  }
}

interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Lets every promise that can go on do so, however long its chain. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(one: Scheduled, other: Scheduled): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}

function push(heap: Scheduled[], item: Scheduled): void {
  heap.push(item);
  let child = heap.length - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!swapIf(heap, child, parent)) return;
    child = parent;
  }
}

function pop(heap: Scheduled[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  let parent = 0;
  for (;;) {
    const [left, right] = [2 * parent + 1, 2 * parent + 2];
    const smaller = heap[right] !== undefined && isBefore(heap[right], heap[left] ?? heap[right]) ? right : left;
    if (heap[smaller] === undefined || !swapIf(heap, smaller, parent)) return;
    parent = smaller;
  }
}

function swapIf(heap: Scheduled[], child: number, parent: number): boolean {
  const [low, high] = [heap[child], heap[parent]];
  if (low === undefined || high === undefined || !isBefore(low, high)) return false;
  heap[child] = high;
  heap[parent] = low;
  return true;
}

/** mulberry32: small, fast, and the same everywhere. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to just under 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  is(probability: number): boolean {
    return this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}
