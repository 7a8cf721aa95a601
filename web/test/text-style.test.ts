import { describe, expect, it } from 'vitest';
import { segments } from '#lib/features/logs/styled-line.ts';
import { paintOf } from '#lib/features/logs/text-paint.ts';
import { applySgr, cssColour, PLAIN } from '#lib/features/logs/text-style.ts';

describe('applySgr', () => {
  it('resets on an empty parameter', () => {
    expect(applySgr({ ...PLAIN, isBold: true }, '')).toEqual(PLAIN);
  });

  it('ends bold and dim together', () => {
    expect(applySgr({ ...PLAIN, isBold: true, isDim: true }, '22')).toEqual(PLAIN);
  });

  it('reads on behind an extended colour', () => {
    expect(applySgr(PLAIN, '48;5;17;1')).toMatchObject({ background: { index: 17 }, isBold: true });
  });

  it('passes over a palette colour that does not exist', () => {
    expect(applySgr(PLAIN, '38;5;999')).toEqual(PLAIN);
  });
});

describe('cssColour', () => {
  it('leaves the first sixteen to the theme', () => {
    expect(cssColour({ index: 9 })).toBe('var(--ansi-9)');
  });

  it.each([
    [16, '#000000'],
    [208, '#ff8700'],
    [231, '#ffffff'],
    [232, '#080808'],
    [255, '#eeeeee'],
  ])('computes palette colour %i as %s', (index, css) => {
    expect(cssColour({ index })).toBe(css);
  });
});

describe('paintOf', () => {
  it('swaps the colours of inverse text', () => {
    const paint = paintOf({ ...PLAIN, foreground: { rgb: 0x010203 }, isInverse: true });
    expect(paint).toMatchObject({ colour: 'var(--log-canvas)', background: '#010203' });
  });

  it('takes a background deeper under light text', () => {
    expect(paintOf({ ...PLAIN, foreground: { index: 15 }, background: { index: 1 } }).background).toBe(
      'var(--ansi-deep-1)',
    );
    expect(paintOf({ ...PLAIN, foreground: { index: 0 }, background: { index: 1 } })).toMatchObject({
      colour: 'var(--log-canvas)',
      background: 'var(--ansi-1)',
    });
  });
});

describe('segments', () => {
  it('cut a line at styles and matches alike', () => {
    const cut = segments('abcdef', [2, 7], [{ start: 1, end: 4, isCurrent: true }]);
    expect(cut).toEqual([
      { text: 'a', style: 0, match: 'none' },
      { text: 'b', style: 0, match: 'current' },
      { text: 'cd', style: 7, match: 'current' },
      { text: 'ef', style: 7, match: 'none' },
    ]);
  });

  it('of an empty line are none', () => {
    expect(segments('', undefined)).toEqual([]);
  });
});
