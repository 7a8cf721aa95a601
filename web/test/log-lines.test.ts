import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINE_LENGTH_MAX, LogLines } from '#lib/features/logs/log-lines.ts';
import { segments } from '#lib/features/logs/styled-line.ts';

function read(...chunks: readonly string[]): LogLines {
  const lines = new LogLines();
  for (const chunk of chunks) lines.write(chunk);
  return lines;
}

function texts(lines: LogLines): readonly string[] {
  return Array.from({ length: lines.count }, (_, index) => lines.text(index));
}

/** Text with its foreground: `red:1`, plain text alone. */
function coloured(lines: LogLines, index = 0): readonly (string | readonly [string, unknown])[] {
  const line = lines.line(index);
  return segments(line?.text ?? '', line?.runs).map(({ text, style }) =>
    style === 0 ? text : [text, lines.styles.style(style).foreground],
  );
}

const red = { index: 1 };
const green = { index: 2 };

describe('lines', () => {
  it('are split at line feeds, and the open last one counts', () => {
    expect(texts(read('one\ntwo\nthr'))).toEqual(['one', 'two', 'thr']);
  });

  it('may be split between chunks anywhere', () => {
    expect(texts(read('o', 'ne\nt', 'wo\n'))).toEqual(['one', 'two']);
  });

  it('that are empty still have a number', () => {
    const lines = read('a\n\nb\n');
    expect(texts(lines)).toEqual(['a', '', 'b']);
    expect(lines.line(2)?.number).toBe(3);
  });

  it('ending in carriage return and line feed hold neither', () => {
    expect(texts(read('one\r\ntwo\r\n'))).toEqual(['one', 'two']);
  });

  it('longer than any screen are broken, and only the first part is numbered', () => {
    const lines = read(`${'x'.repeat(LINE_LENGTH_MAX + 10)}\nnext\n`);
    expect(lines.line(0)?.text).toHaveLength(LINE_LENGTH_MAX);
    expect([0, 1, 2].map((index) => lines.line(index)?.number)).toEqual([1, undefined, 2]);
    expect(lines.text(1)).toBe('x'.repeat(10));
  });

  it('are found by their number behind broken ones', () => {
    const lines = read(`${'x'.repeat(LINE_LENGTH_MAX * 3)}\nsecond\nthird\n`);
    expect(lines.text(lines.indexOfNumber(2) ?? -1)).toBe('second');
    expect(lines.indexOfNumber(1)).toBe(0);
    expect(lines.indexOfNumber(4)).toBeUndefined();
  });

  it('show tabs as spaces up to the next stop', () => {
    expect(texts(read('a\tb'))).toEqual(['a       b']);
  });
});

describe('carriage returns', () => {
  it('let later text overwrite earlier text', () => {
    expect(texts(read('10%\r20%\r100%\n'))).toEqual(['100%']);
  });

  it('leave what is not overwritten', () => {
    expect(texts(read('abcdef\rXY'))).toEqual(['XYcdef']);
  });

  it('followed by an erase leave nothing', () => {
    expect(texts(read('a long message\r\u001b[Kshort'))).toEqual(['short']);
  });

  it('overwrite colours together with the text', () => {
    expect(coloured(read('\u001b[31mabcd\u001b[0m\r\u001b[32mXY\u001b[0m'))).toEqual([
      ['XY', green],
      ['cd', red],
    ]);
  });

  it('and backspaces move back one character', () => {
    expect(texts(read('ab\bX'))).toEqual(['aX']);
  });
});

describe('colours', () => {
  it('begin and end where they are said to', () => {
    expect(coloured(read('a\u001b[31mb\u001b[39mc'))).toEqual(['a', ['b', red], 'c']);
  });

  it('go on in the next line until they are reset', () => {
    const lines = read('\u001b[31mone\ntwo\u001b[0m three\n');
    expect(coloured(lines, 1)).toEqual([['two', red], ' three']);
  });

  it('survive a sequence that is split between two chunks', () => {
    expect(coloured(read('a\u001b', '[3', '1mb'))).toEqual(['a', ['b', red]]);
  });

  it('may be of the 256', () => {
    expect(coloured(read('\u001b[38;5;208mx'))).toEqual([['x', { index: 208 }]]);
  });

  it('may be any red, green and blue', () => {
    expect(coloured(read('\u001b[38;2;1;2;3mx'))).toEqual([['x', { rgb: 0x010203 }]]);
  });

  it('may be bright', () => {
    expect(coloured(read('\u001b[91mx'))).toEqual([['x', { index: 9 }]]);
  });

  it('come together with weight and underline in one sequence', () => {
    const lines = read('\u001b[1;4;31mx');
    const style = lines.styles.style(segments(lines.text(0), lines.line(0)?.runs)[0]?.style ?? 0);
    expect(style).toMatchObject({ isBold: true, isUnderlined: true, foreground: red });
  });

  it('that are equal share one number, however they came about', () => {
    const lines = read('\u001b[31m\u001b[1ma\u001b[0m \u001b[1;31mb');
    const numbers = segments(lines.text(0), lines.line(0)?.runs).map(({ style }) => style);
    expect(numbers[0]).toBe(numbers[2]);
  });
});

describe('other sequences', () => {
  it.each([
    ['cursor movement', 'a\u001b[2Ab'],
    ['a private mode', 'a\u001b[?25lb'],
    ['a window title', 'a\u001b]0;title\u0007b'],
    ['a title closed by ST', 'a\u001b]0;title\u001b\\b'],
    ['a character set', 'a\u001b(Bb'],
    ['a reset', 'a\u001bcb'],
    ['a bell', 'a\u0007b'],
    ['an eight-bit CSI', 'a\u009b31mb'],
  ])('like %s are dropped', (_, text) => {
    expect(texts(read(text))).toEqual(['ab']);
  });

  it('keep the text of a hyperlink', () => {
    expect(texts(read('\u001b]8;;https://example.com\u001b\\here\u001b]8;;\u001b\\'))).toEqual(['here']);
  });

  it('that never end do not swallow the next line', () => {
    expect(texts(read('a\u001b]0;never closed\nb\n'))).toEqual(['a', 'b']);
  });

  it('that are absurdly long give up instead of hiding the log', () => {
    const lines = read(`\u001b]0;${'y'.repeat(5_000)}`, 'visible\n');
    expect(texts(lines).join('')).toContain('visible');
  });

  it('never turn text into markup', () => {
    expect(texts(read('<img src=x onerror=alert(1)>'))).toEqual(['<img src=x onerror=alert(1)>']);
  });
});

describe('any log', () => {
  const piece = fc.constantFrom(
    'a',
    'bc',
    '\n',
    '\r',
    '\b',
    '\t',
    '\u001b',
    '[',
    ']',
    'm',
    'K',
    '3',
    '1',
    ';',
    '\u0007',
    '\\',
    'é',
  );

  it('reads the same, however it is cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(100), { maxLength: 8 }), (pieces, cuts) => {
        const log = pieces.join('');
        const at = [0, ...cuts.map((cut) => Math.min(cut, log.length)).sort((one, other) => one - other), log.length];
        const chunks = at.slice(1).map((end, index) => log.slice(at[index], end));
        const whole = read(log);
        const cut = read(...chunks);
        const lines = (of: LogLines) => Array.from({ length: of.count }, (_, index) => coloured(of, index));
        expect(lines(cut)).toEqual(lines(whole));
      }),
    );
  });

  it('holds no control character in any line', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
        expect(texts(read(pieces.join(''))).join('')).not.toMatch(/[\u0000-\u001f]/);
      }),
    );
  });
});
