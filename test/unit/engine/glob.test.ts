import fc from 'fast-check';
import { minimatch } from 'minimatch';
import { describe, expect, it } from 'vitest';
import { glob, globProblem } from '../../../worker/engine/glob.ts';

const FITS: readonly (readonly [pattern: string, text: string])[] = [
  ['main', 'main'],
  ['release/**', 'release/1/2'],
  ['release/*', 'release/1'],
  ['release/*', 'release/'],
  ['**', 'any/thing'],
  ['**/*.ts', 'src/deep/a.ts'],
  ['{**/,}*.md', 'README.md'],
  ['v?.[0-9]', 'v1.4'],
  ['[!a-c]x', 'dx'],
  ['[-a]', '-'],
  ['[a-]', '-'],
  ['{dev,test}/{a,b*}', 'test/bc'],
  ['{one,}', ''],
  ['\\*', '*'],
  ['a\\{b', 'a{b'],
  ['a}b,c', 'a}b,c'],
  ['.*', '.env'],
  ['*', '.env'],
  ['grüße-*', 'grüße-🎉'],
  ['?', '🎉'],
];

const DOES_NOT: readonly (readonly [pattern: string, text: string])[] = [
  ['main', 'maine'],
  ['main', 'domain'],
  ['main', ''],
  ['Main', 'main'],
  ['release/*', 'release/1/2'],
  ['release/**', 'release'],
  ['**/*.ts', 'a.ts'],
  ['v?', 'v/'],
  ['[!a]', '/'],
  ['[!a-c]x', 'bx'],
  ['a.c', 'abc'],
  ['{dev,test}', 'dev,test'],
  ['\\*', 'x'],
  ['main|dev', 'main'],
  ['(a)+', 'aa'],
];

describe('a glob', () => {
  it.each(FITS)('%s covers "%s"', (pattern, text) => expect(glob(pattern)(text)).toBe(true));
  it.each(DOES_NOT)('%s does not cover "%s"', (pattern, text) => expect(glob(pattern)(text)).toBe(false));

  it.each([
    ['a\\', 'backslash'],
    ['[ab', 'without its ]'],
    ['[]', 'nothing between'],
    ['[a/b]', 'never fits'],
    ['[z-a]', 'backwards'],
    ['{a,{b}}', 'braces within braces'],
    ['{a,b', 'without its }'],
  ])('is told what is wrong with it: %s', (pattern, problem) => {
    expect(globProblem(pattern)).toContain(problem);
    expect(glob(pattern)('ab')).toBe(false);
  });

  // An engine full of mutants takes its time.
  it.skipIf(process.env['MUTANTS'] === '1')(
    'takes no longer for what would lead a backtracking matcher astray',
    () => {
      const pattern = `${'{a,a*,**}'.repeat(28)}b`;
      const startedAt = performance.now();
      expect(glob(pattern)('a'.repeat(4_000))).toBe(false);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    },
  );
});

const literal = fc.constantFrom('a', 'b', 'c', '-', '.', '1', '^', '$', '+', '(', '|', ' ', '!', '🎉');
const one = fc.oneof(
  { weight: 4, arbitrary: literal },
  fc.constantFrom('*', '?', '\\*', '\\?', '[ab]', '[!ab]', '[a-c1]', '[!-a]', '[-b]', '[a^]'),
);
const inGroup = fc.array(one, { maxLength: 3 }).map((parts) => parts.join(''));
const group = fc.array(inGroup, { minLength: 1, maxLength: 3 }).map((alternatives) => `{${alternatives.join(',')}}`);
const part = fc.oneof({ weight: 5, arbitrary: one }, { weight: 1, arbitrary: group });
const segment = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
const pattern = fc
  .array(fc.oneof({ weight: 3, arbitrary: segment }, fc.constantFrom('**', '**/', '/', '***')), { maxLength: 5 })
  .map((parts) => parts.join(''));
const text = fc
  .array(fc.oneof({ weight: 5, arbitrary: literal }, fc.constantFrom('/', '*', '?', ',')), { maxLength: 8 })
  .map((characters) => characters.join(''));

/** As the JDK makes a regular expression of it (sun.nio.fs.Globs), for patterns that are right. */
function javaPattern(from: string): RegExp {
  let out = '^';
  let isInGroup = false;
  const characters = Array.from(from);
  for (let at = 0; at < characters.length; at += 1) {
    const c = characters[at] ?? '';
    const escaped = (of: string): string => of.replace(/[\\^$.|?*+()[\]{}/]/u, '\\$&');
    if (c === '\\') out += escaped(characters[(at += 1)] ?? '');
    else if (c === '[') {
      let set = '';
      if (characters[at + 1] === '!') {
        set += '^';
        at += 1;
      } else if (characters[at + 1] === '^') {
        set += '\\^';
        at += 1;
      }
      if (characters[at + 1] === '-') {
        set += '\\-';
        at += 1;
      }
      for (at += 1; characters[at] !== ']'; at += 1) set += (characters[at] ?? '').replace(/[\\[&^]/u, '\\$&');
      out += `[[^\\/]&&[${set}]]`;
    } else if (c === '{') {
      out += '(?:(?:';
      isInGroup = true;
    } else if (c === '}' && isInGroup) {
      out += '))';
      isInGroup = false;
    } else if (c === ',' && isInGroup) out += ')|(?:';
    else if (c === '*') {
      const crosses = characters[at + 1] === '*';
      if (crosses) at += 1;
      out += crosses ? '.*' : '[^\\/]*';
    } else out += c === '?' ? '[^\\/]' : escaped(c);
  }
  return new RegExp(`${out}$`, 'sv');
}

describe('of globs and texts made at random', () => {
  it('the same fit as in Java', () => {
    fc.assert(
      fc.property(pattern, text, (from, of) => {
        expect(glob(from)(of)).toBe(javaPattern(from).test(of));
      }),
      { numRuns: 5_000 },
    );
  });

  it('the same fit as for minimatch, within one segment', () => {
    const oneSegment = fc.array(
      fc.oneof(
        literal.filter((c) => !/[!(+|^]/.test(c)),
        fc.constantFrom('*', '?', '[ab]', '[a-c1]', '{a,b1}'),
      ),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    const name = fc.array(fc.constantFrom('a', 'b', 'c', '-', '1', '.'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(oneSegment, name, (parts, characters) => {
        const from = parts.join('').replace(/\*+/g, '*');
        const of = characters.join('');
        fc.pre(of !== '.' && of !== '..');
        const options = { dot: true, noext: true, nocomment: true, nonegate: true, nocase: false };
        expect(glob(from)(of)).toBe(minimatch(of, from, options));
      }),
      { numRuns: 5_000 },
    );
  });

  it('no name that merely holds an allowed one, or lies within it, passes', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '1', '0', '-', '/'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(name, name, (allowed, other) => {
        const fits = glob(allowed);
        expect(fits(allowed)).toBe(true);
        expect(fits(allowed + other)).toBe(false);
        expect(fits(other + allowed)).toBe(false);
        expect(fits(allowed.slice(1))).toBe(false);
        expect(fits(allowed.slice(0, -1))).toBe(false);
      }),
    );
  });
});
