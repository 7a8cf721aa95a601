import { PLAIN, type TextStyle } from './text-style.ts';

/** Gives every style that a log uses a small number, so that a hundred thousand lines can hold numbers. 0 is plain. */
export class StyleTable {
  readonly #styles: TextStyle[] = [PLAIN];
  readonly #numbers = new Map<string, number>([[nameOf(PLAIN), 0]]);

  numberOf(style: TextStyle): number {
    const name = nameOf(style);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#styles.push(style) - 1;
    this.#numbers.set(name, number);
    return number;
  }

  style(number: number): TextStyle {
    return this.#styles[number] ?? PLAIN;
  }
}

function nameOf(style: TextStyle): string {
  return JSON.stringify(Object.values(style).map((part: unknown) => part ?? null));
}
