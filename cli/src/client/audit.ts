import { createHash, createPublicKey, type KeyObject, verify as verifySignature } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { AuditKey } from '../../../contract/audit.ts';
import { type Broken, type Verified, verify } from '../../../worker/audit/verify.ts';

/** What a file or an answer holds, line by line, however large it is. */
export function linesOf(source: string | Response): AsyncIterable<string> {
  // The body of a fetch is the web stream that Node itself makes.
  const body = typeof source === 'string' ? undefined : (source.body as ReadableStream<Uint8Array> | null);
  const input = typeof source === 'string' ? createReadStream(source) : Readable.fromWeb(body ?? emptyStream());
  return createInterface({ input, crlfDelay: Infinity });
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
