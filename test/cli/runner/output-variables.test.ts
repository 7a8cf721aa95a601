import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTPUT_VARIABLES_MAX_BYTES, JobResult } from '../../../contract/runner-protocol.ts';
import { parseOutputVariables } from '../../../cli/src/runner/output-variables.ts';

function variablesIn(text: string): Readonly<Record<string, string>> {
  const parsed = parseOutputVariables(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.variables;
}

function refusalOf(text: string): string {
  const parsed = parseOutputVariables(text);
  if (parsed.ok) throw new Error(`taken: ${JSON.stringify(parsed.variables)}`);
  return parsed.message;
}

describe('output variables', () => {
  it.each([
    ['nothing', '', {}],
    ['a line', 'A=1\n', { A: '1' }],
    ['a last line without its end', 'A=1\nB=2', { A: '1', B: '2' }],
    ['empty lines between', '\nA=1\n  \n\nB=2\n\n', { A: '1', B: '2' }],
    ['an empty value', 'A=\n', { A: '' }],
    ['a value with equals signs and spaces', 'A= b = c \n', { A: ' b = c ' }],
    ['quotes, which are part of the value', `A="b"\nB='c'\n`, { A: '"b"', B: `'c'` }],
    ['a value that looks like a block', 'A=<<END\n', { A: '<<END' }],
    ['all that a name may hold', 'a-B_9@x=1\n', { 'a-B_9@x': '1' }],
    ['the later of two', 'A=1\nA=2\n', { A: '2' }],
    [
      'a name that objects know',
      '__proto__=1\nconstructor=2\n',
      Object.fromEntries([
        ['__proto__', '1'],
        ['constructor', '2'],
      ]),
    ],
    ['a block', 'A<<END\none\n two=2\n\nEND\nB=1\n', { A: 'one\n two=2\n', B: '1' }],
    ['an empty block', 'A<<END\nEND\n', { A: '' }],
    ['a block that holds a longer word than its end', 'A<<END\nENDING\nEND\n', { A: 'ENDING' }],
    ['a value with a carriage return', 'A=1\r\n', { A: '1\r' }],
    ['a value with an unusual line end in it', 'A=1\u20282\u20293\n', { A: '1\u20282\u20293' }],
  ])('are read from %s', (_, text, expected) => {
    expect(Object.entries(variablesIn(text))).toEqual(Object.entries(expected));
  });

  it.each([
    ['a line that assigns nothing', 'A=1\nhello\n', '$MILLRACE_OUTPUT, line 2: not NAME=value.'],
    ['a name with a space', 'A B=1\n', '$MILLRACE_OUTPUT, line 1: not NAME=value.'],
    ['a line without a name', '=1\n', '$MILLRACE_OUTPUT, line 1: not NAME=value.'],
    ['a name beyond ASCII', 'GRÖSSE=1\n', '$MILLRACE_OUTPUT, line 1: not NAME=value.'],
    ['a block that never ends', 'A<<END\none\n', '$MILLRACE_OUTPUT: "A" is never closed by END.'],
  ])('are refused with a clear word for %s', (_, text, message) => {
    expect(refusalOf(text)).toBe(message);
  });

  it('have names of 128 characters at most, as the protocol wants it', () => {
    const longest = 'N'.repeat(128);
    expect(variablesIn(`${longest}=1\n`)).toEqual({ [longest]: '1' });
    expect(refusalOf(`A=1\n${longest}N=1\n`)).toBe(
      '$MILLRACE_OUTPUT, line 2: the name has more than 128 characters.',
    );
    expect(refusalOf(`${longest}N<<E\nE\n`)).toBe('$MILLRACE_OUTPUT, line 1: the name has more than 128 characters.');
  });

  it('are limited in bytes, all together', () => {
    const text = (bytes: number): string => `A=${'ä'.repeat((bytes - 2) / 2)}`;
    expect(variablesIn(text(OUTPUT_VARIABLES_MAX_BYTES))['A']).toHaveLength((OUTPUT_VARIABLES_MAX_BYTES - 2) / 2);
    expect(refusalOf(text(OUTPUT_VARIABLES_MAX_BYTES + 2))).toBe('$MILLRACE_OUTPUT holds more than 122880 bytes.');
  });

  it('are refused with a word short enough for the protocol', () => {
    const message = refusalOf(`A<<${'E'.repeat(100_000)}\n`);
    expect(JobResult.safeParse({ outcome: 'failed', exitCode: 0, message }).success).toBe(true);
  });

  const anyName = fc.stringMatching(/^[A-Za-z0-9@_-]{1,128}$/);
  const anyValue = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\n', '=', '<', 'E', ' ', '\r') }),
  );

  it('are read as they were written, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyName, anyValue)), (written) => {
        const text = written.map(([name, value]) => blockOf(name, value)).join('');
        expect(Object.entries(variablesIn(text)).sort()).toEqual(Object.entries(lastOf(written)).sort());
      }),
    );
  });

  it('never throw, and what is taken fits the protocol, whatever the file holds', () => {
    const line = fc.oneof(
      fc.string(),
      fc.tuple(anyName, anyValue).map(([name, value]) => `${name}=${value}`),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const parsed = parseOutputVariables(lines.join('\n'));
        const result = parsed.ok
          ? { outcome: 'succeeded', exitCode: 0, message: '', variables: parsed.variables }
          : { outcome: 'failed', exitCode: 0, message: parsed.message };
        expect(JobResult.safeParse(result).success).toBe(true);
      }),
    );
  });
});

function blockOf(name: string, value: string): string {
  let end = 'END';
  while (value.split('\n').includes(end)) end += 'E';
  return value.includes('\n') ? `${name}<<${end}\n${value}\n${end}\n` : `${name}=${value}\n`;
}

function lastOf(written: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(written);
}
