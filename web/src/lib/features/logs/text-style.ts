/** A colour as SGR knows it: one of the palette's 256, or red, green and blue. */
export type Colour = { readonly index: number } | { readonly rgb: number };

export interface TextStyle {
  readonly foreground: Colour | undefined;
  readonly background: Colour | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isItalic: boolean;
  readonly isUnderlined: boolean;
  readonly isStruck: boolean;
  readonly isInverse: boolean;
}

export const PLAIN: TextStyle = {
  foreground: undefined,
  background: undefined,
  isBold: false,
  isDim: false,
  isItalic: false,
  isUnderlined: false,
  isStruck: false,
  isInverse: false,
};

/** Applies the parameters of one `ESC [ … m`. Unknown ones are passed over, as terminals do. */
export function applySgr(style: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(/[;:]/).map((part) => (part === '' ? 0 : Number(part)));
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, used } = extendedColour(codes, at + 1);
      if (colour !== undefined) next = { ...next, [code === 38 ? 'foreground' : 'background']: colour };
      at += used;
    } else {
      next = applyCode(next, code);
    }
  }
  return next;
}

function applyCode(style: TextStyle, code: number): TextStyle {
  if (code >= 30 && code <= 37) return { ...style, foreground: { index: code - 30 } };
  if (code >= 40 && code <= 47) return { ...style, background: { index: code - 40 } };
  if (code >= 90 && code <= 97) return { ...style, foreground: { index: code - 82 } };
  if (code >= 100 && code <= 107) return { ...style, background: { index: code - 92 } };
  switch (code) {
    case 0:
      return PLAIN;
    case 1:
      return { ...style, isBold: true };
    case 2:
      return { ...style, isDim: true };
    case 3:
      return { ...style, isItalic: true };
    case 4:
    case 21:
      return { ...style, isUnderlined: true };
    case 7:
      return { ...style, isInverse: true };
    case 9:
      return { ...style, isStruck: true };
    case 22:
      return { ...style, isBold: false, isDim: false };
    case 23:
      return { ...style, isItalic: false };
    case 24:
      return { ...style, isUnderlined: false };
    case 27:
      return { ...style, isInverse: false };
    case 29:
      return { ...style, isStruck: false };
    case 39:
      return { ...style, foreground: undefined };
    case 49:
      return { ...style, background: undefined };
    default:
      return style;
  }
}

/** `5;n` or `2;r;g;b` after a 38 or 48; `used` says how many codes that took. */
function extendedColour(codes: readonly number[], at: number): { colour: Colour | undefined; used: number } {
  if (codes[at] === 5) {
    const index = codes[at + 1] ?? -1;
    return { colour: index >= 0 && index <= 255 ? { index } : undefined, used: 2 };
  }
  if (codes[at] === 2) {
    const [red = 0, green = 0, blue = 0] = codes.slice(at + 1, at + 4).map((part) => Math.min(255, part));
    return { colour: { rgb: (red << 16) | (green << 8) | blue }, used: 4 };
  }
  return { colour: undefined, used: 0 };
}

/** The first sixteen belong to the theme; the rest is xterm's cube and grey ramp. */
export function cssColour(colour: Colour): string {
  if ('rgb' in colour) return hex(colour.rgb);
  const { index } = colour;
  if (index < 16) return `var(--ansi-${index})`;
  if (index >= 232) {
    const level = 8 + (index - 232) * 10;
    return hex((level << 16) | (level << 8) | level);
  }
  const cube = index - 16;
  const red = cubeLevel(Math.floor(cube / 36));
  const green = cubeLevel(Math.floor(cube / 6) % 6);
  return hex((red << 16) | (green << 8) | cubeLevel(cube % 6));
}

function cubeLevel(step: number): number {
  return step === 0 ? 0 : 55 + step * 40;
}

function hex(rgb: number): string {
  return `#${rgb.toString(16).padStart(6, '0')}`;
}
