/**
 * Waits before the next try: anywhere in a window that doubles from `firstMs` to `maxMs`. The jitter is the point: after a
 * deploy of the server, all runners come back, and not all at once.
 */
export class Backoff {
  readonly #first: number;
  readonly #max: number;
  #window: number;

  constructor(firstMs: number, maxMs: number) {
    this.#first = firstMs;
    this.#max = maxMs;
    this.#window = firstMs;
  }

  reset(): void {
    this.#window = this.#first;
  }

  next(random: number = Math.random()): number {
    const waitMs = random * this.#window;
    this.#window = Math.min(this.#window * 2, this.#max);
    return waitMs;
  }
}
