import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PreparedUpload, THROUGH_WORKER_MAX_BYTES } from '../../../contract/artifacts.ts';
import type { Archive } from '../runner/archive.ts';
import type { Client } from './client.ts';
import { ApiError } from './problem.ts';

/** Stores a file under its digest, through the Worker or, when it is large, straight to R2. */
export async function uploadArtifact(client: Client, file: string, { digest, sizeBytes }: Archive): Promise<void> {
  if (sizeBytes <= THROUGH_WORKER_MAX_BYTES) {
    await client.fetch(`/artifacts/${digest}`, { method: 'PUT', ...fileBody(file, sizeBytes) });
    return;
  }
  const prepared = PreparedUpload.parse(await client.send('POST', '/uploads', { digest, sizeBytes }));
  if (prepared.upload !== null) {
    const { url, headers } = prepared.upload;
    const response = await fetch(url, { method: 'PUT', ...fileBody(file, sizeBytes), headers: { ...headers } });
    // 412: somebody put bytes there meanwhile; whether they are the right ones is what the confirmation finds out.
    if (!response.ok && response.status !== 412) {
      throw new ApiError(response.status, 'upload_failed', `R2 refused the upload: ${await response.text()}`);
    }
  }
  await client.send('POST', `/uploads/${digest}/confirm`, {});
}

/** Fetches an artifact and refuses bytes that do not have its digest. */
export async function downloadArtifact(client: Client, digest: string, target: string): Promise<void> {
  const response = await client.fetch(`/artifacts/${digest}`);
  if (response.body === null) throw new Error(`${digest}: an answer without a body`);
  const hash = createHash('sha256');
  const counted = new Transform({
    transform(bytes: Buffer, _, done) {
      hash.update(bytes);
      done(null, bytes);
    },
  });
  await pipeline(Readable.fromWeb(response.body as never), counted, createWriteStream(target));
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw new Error(`The artifact ${digest} arrived as ${found}.`);
}

/** A file as the body of a request: streamed, with its length announced. */
export function fileBody(
  file: string,
  sizeBytes: number,
): {
  readonly body: NonNullable<RequestInit['body']>;
  readonly duplex: 'half';
  readonly headers: Record<string, string>;
} {
  // Node's two kinds of web streams are one and the same; only their types differ.
  const body = Readable.toWeb(createReadStream(file)) as unknown as NonNullable<RequestInit['body']>;
  return { body, duplex: 'half', headers: { 'content-length': String(sizeBytes) } };
}
