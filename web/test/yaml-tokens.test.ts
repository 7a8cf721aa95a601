import { describe, expect, it } from 'vitest';
import { yamlTokens } from '#lib/features/pipelines/yaml-tokens.ts';

describe('yamlTokens', () => {
  const kinds = (line: string) =>
    yamlTokens(line)
      .filter(({ text }) => text.trim() !== '')
      .map(({ kind, text }) => [kind, text]);

  it.each([
    '  - { name: a, default: "x # y" } # note',
    'a: #{variables.who}',
    "'it''s': |",
    'key:value',
    '#{a}#b',
    '"open',
  ])('lose nothing of %j', (line) => {
    expect(
      yamlTokens(line)
        .map(({ text }) => text)
        .join(''),
    ).toBe(line);
  });

  it('tell a reference from a comment', () => {
    expect(kinds('who: #{variables.who} # really')).toEqual([
      ['key', 'who'],
      ['punctuation', ':'],
      ['reference', '#{variables.who}'],
      ['comment', '# really'],
    ]);
  });
});
