import { createHash, createPublicKey, type KeyObject, verify as verifySignature } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import type { AuditKey } from '../../../contract/audit.ts';
import { type Broken, type Verified, verify } from '../../../worker/audit/verify.ts';

/** What a file or an answer holds, line by line, however large it is. */
export function linesOf(source: string | Response): AsyncIterable<string> {
  // The body of a fetch is the web stream that Node itself makes.
  const body = typeof source === 'string' ? undefined : (source.body as ReadableStream<Uint8Array> | null);
  const input = typeof source === 'string' ? createReadStream(source) : Readable.fromWeb(body ?? emptyStream());
  return ofTheLog(createInterface({ input: Readable.from(unpacked(input)), crlfDelay: Infinity }));
}

/** An export of a whole tenant is packed; an export of its log is not. */
async function* unpacked(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = input[Symbol.asyncIterator]();
  const { value: first } = (await chunks.next()) as { readonly value?: Uint8Array };
  if (first === undefined) return;
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield first as Uint8Array;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  const isPacked = first[0] === 0x1f && first[1] === 0x8b;
  yield* isPacked ? (Readable.from(whole()).pipe(createGunzip()) as AsyncIterable<Uint8Array>) : whole();
}

/** Of an export of a whole tenant, its log alone. */
async function* ofTheLog(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let isWhole: boolean | undefined;
  for await (const line of lines) {
    isWhole ??= /^\{"type":"tenant"/.test(line);
    if (!isWhole) yield line;
    else if (line.startsWith('{"type":"audit"')) yield JSON.stringify((JSON.parse(line) as { line: unknown }).line);
  }
}

/** Needs nothing but the public keys: neither the server nor anything secret. */
export function verifyExport(lines: AsyncIterable<string>, keys: readonly AuditKey[]): Promise<Verified | Broken> {
  const known = new Map(keys.map((key) => [key.id, publicKeyOf(key)]));
  return verify(lines, {
    digest: (text) => Promise.resolve(createHash('sha256').update(text).digest('hex')),
    isSigned: (text, signature, id) => {
      const key = known.get(id);
      const bytes = Buffer.from(signature, 'base64url');
      return Promise.resolve(key === undefined ? undefined : verifySignature(null, Buffer.from(text), key, bytes));
    },
  });
}

function publicKeyOf({ publicKey }: AuditKey): KeyObject {
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: publicKey } });
}

function emptyStream(): ReadableStream<Uint8Array> {
  return Readable.toWeb(Readable.from([])) as ReadableStream<Uint8Array>;
}
