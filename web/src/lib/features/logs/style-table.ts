import { applySgr, PLAIN, type TextStyle } from './text-style.ts';

/** Gives every style that a log uses a small number, so that a hundred thousand lines can hold numbers. 0 is plain. */
export class StyleTable {
  readonly #styles: TextStyle[] = [PLAIN];
  readonly #numbers = new Map<string, number>([[nameOf(PLAIN), 0]]);
  /** A log says the same few things over and over, so what they lead to is kept. */
  readonly #steps = new Map<string, number>();

  style(number: number): TextStyle {
    return this.#styles[number] ?? PLAIN;
  }

  /** The style after one SGR sequence. */
  after(number: number, parameters: string): number {
    const step = `${number} ${parameters}`;
    const known = this.#steps.get(step);
    if (known !== undefined) return known;
    const next = this.#numberOf(applySgr(this.style(number), parameters));
    // Logs that draw gradients would fill the memory with steps that never come again.
    if (this.#steps.size >= STEPS_MAX) this.#steps.clear();
    this.#steps.set(step, next);
    return next;
  }

  #numberOf(style: TextStyle): number {
    const name = nameOf(style);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#styles.push(style) - 1;
    this.#numbers.set(name, number);
    return number;
  }
}

const STEPS_MAX = 10_000;

function nameOf(style: TextStyle): string {
  return JSON.stringify(Object.values(style).map((part: unknown) => part ?? null));
}
