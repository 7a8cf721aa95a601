import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternsOf } from '../../contract/redact/encodings.ts';
import { Redactor } from '../../contract/redact/redactor.ts';

const encoder = new TextEncoder();
const value = fc
  .oneof(
    fc.string({ minLength: 6, maxLength: 40 }),
    fc.string({ unit: 'grapheme', minLength: 6, maxLength: 20 }),
    fc.stringMatching(/^[ab]{6,12}$/),
    fc
      .array(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 5 })
      .map((lines) => lines.join('\n')),
  )
  // Shorter ones have rules of their own, below.
  .filter((text) => encoder.encode(text.trim()).length >= 6);
const values = fc.array(value, { minLength: 1, maxLength: 4 });
const noise = fc.oneof(fc.string({ maxLength: 30 }), fc.stringMatching(/^[ab]{0,30}$/), fc.constant("'\\%+/=-_"));

/** Text with forms of the values in it, some of them cut off. */
const written = values.chain((of) => {
  const { exact, base64, hex } = patternsOf(of);
  const forms = [...exact, ...base64, ...hex, ...of];
  const piece = fc.oneof(
    noise,
    fc.constantFrom(...forms),
    fc.tuple(fc.constantFrom(...forms), fc.nat(40)).map(([form, to]) => form.slice(0, to)),
  );
  return fc.record({ values: fc.constant(of), text: fc.array(piece, { maxLength: 12 }).map((all) => all.join('')) });
});

describe('a stream of a redactor', () => {
  it('masks what some form of a value covers, and nothing else, however it is cut', () => {
    fc.assert(
      fc.property(
        written,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        ({ values: of, text }, sizes) => {
          const bytes = encoder.encode(text);
          expect(asText(inPieces(new Redactor(of), bytes, sizes))).toBe(asText(naively(of, bytes)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps back no more than the longest form, and loses nothing', () => {
    fc.assert(
      fc.property(written, ({ values: of, text }) => {
        const redactor = new Redactor(of);
        const stream = redactor.stream();
        let [given, got] = [0, 0];
        for (const byte of encoder.encode(text)) {
          got += stream.push(Uint8Array.of(byte)).length;
          given += 1;
          expect(given - got).toBeLessThanOrEqual(redactor.reach);
        }
        expect(got + stream.end().length).toBe(given);
      }),
    );
  });

  it('can be taken up anywhere, a reach before', () => {
    fc.assert(
      fc.property(written, fc.nat(), ({ values: of, text }, place) => {
        const bytes = encoder.encode(text);
        const redactor = new Redactor(of);
        const from = bytes.length === 0 ? 0 : place % bytes.length;
        const start = Math.max(0, from - redactor.reach);
        const again = inPieces(redactor, bytes.subarray(start), [5]).subarray(from - start);
        expect(asText(again)).toBe(asText(naively(of, bytes).subarray(from)));
      }),
    );
  });
});

describe('a redactor', () => {
  it.each([
    ['short and plain', 'hunter2!'],
    ['with everything that is quoted', `~a'b"c<d>e&f%g h$i\\j/k\`l+m`],
    ['not ASCII', 'pässwörd-🔑-✓'],
    ['a key of several lines', `-----BEGIN KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQ\n'.repeat(5)}-----END KEY-----\n`],
    ['long', createHash('sha512').update('x').digest('hex').repeat(4)],
  ])('finds a value %s in all that tools make of it', (_, secret) => {
    const redactor = new Redactor([secret]);
    const bytes = Buffer.from(secret);
    const forms = [
      secret,
      `token=${secret};`,
      JSON.stringify({ secret }),
      JSON.stringify(secret).replaceAll('/', '\\/'),
      encodeURIComponent(secret),
      encodeURIComponent(secret).toLowerCase().includes('%') ? encodeURIComponent(secret) : secret,
      new URLSearchParams({ secret }).toString(),
      `'${secret.replaceAll("'", "'\\''")}'`,
      secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      Buffer.from(`x${secret}y`).toString('base64'),
      Buffer.from(`xx${secret}yy`).toString('base64'),
      Buffer.from(`xxx${secret}y`).toString('base64url'),
      (bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\n'),
      (bytes.toString('base64').match(/.{1,64}/g) ?? []).join('\n'),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      ...secret.split('\n').filter((line) => line.length >= 6),
    ];
    for (const form of forms) {
      const clean = redactor.text(form);
      expect(clean, form).toContain('***');
      const lines = secret.split('\n').filter((line) => line.length >= 6);
      for (const line of lines) {
        expect(clean).not.toContain(line);
        expect(clean).not.toContain(Buffer.from(line).toString('base64').slice(3, 9));
        expect(clean.toLowerCase()).not.toContain(Buffer.from(line).toString('hex').slice(0, 12));
      }
    }
  });

  it('finds a value of fewer than six bytes as a word alone', () => {
    const redactor = new Redactor(['1234', 'a-b']);
    expect(redactor.text('pin 1234, 12345, x1234, 1234')).toBe('pin ***, 12345, x1234, ***');
    expect(redactor.text('(a-b) a-bc xa-b')).toBe('(***) a-bc xa-b');
    const stream = redactor.stream();
    const pieces = ['12', '34', ' 12', '34', '5'].map((piece) => asText(stream.push(encoder.encode(piece))));
    expect([...pieces, asText(stream.end())].join('')).toBe('**** 12345');
  });

  it('tells neither how long a value is nor how many stand side by side', () => {
    const redactor = new Redactor(['first-secret', 'second-one']);
    expect(redactor.text('<first-secretsecond-one>')).toBe('<***>');
    expect(redactor.text('nothing here')).toBe('nothing here');
    expect(new Redactor([]).text('all of it')).toBe('all of it');
  });

  it('takes no longer for a text that is all beginnings', () => {
    const redactor = new Redactor(['a'.repeat(32_768) + 'b']);
    const text = new Uint8Array(2_000_000).fill(0x61);
    // Compared place by place, this would be sixty thousand million comparisons.
    expect(inPieces(redactor, text, [65_536])).toHaveLength(text.length);
  });
});

function inPieces(redactor: Redactor, bytes: Uint8Array, sizes: readonly number[]): Uint8Array {
  const stream = redactor.stream();
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(stream.push(bytes.subarray(at, at + size)));
    at += size;
  }
  pieces.push(stream.end());
  return Buffer.concat(pieces);
}

/** What a redactor is held against: every form looked for at every place. */
function naively(of: readonly string[], bytes: Uint8Array): Uint8Array {
  const { exact, base64, hex } = patternsOf(of);
  const clean = Uint8Array.from(bytes);
  const texts = [
    { forms: exact, text: Buffer.from(bytes).toString('latin1') },
    { forms: base64, text: Buffer.from(bytes).toString('latin1').replaceAll('-', '+').replaceAll('_', '/') },
    {
      forms: hex,
      text: Buffer.from(bytes)
        .toString('latin1')
        .replace(/[A-F]/g, (char) => char.toLowerCase()),
    },
  ];
  for (const { forms, text } of texts) {
    for (const form of forms) {
      const needle = Buffer.from(form).toString('latin1');
      for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) {
        clean.fill(0x2a, at, at + needle.length);
      }
    }
  }
  return clean;
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
