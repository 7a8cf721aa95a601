import type { TenantId } from '../engine/ids.ts';
import { hexOf } from '../kernel/crypto.ts';
import { PermanentFailure, RetryableFailure } from '../kernel/failure.ts';
import type { ArtifactStore } from './artifacts.ts';
import { packed, tarEntries, type TreeEntry } from './repack.ts';
import { zipEntries } from './zip-entries.ts';

/** Bytes as a host or a bucket hands them out. */
export interface SourceBytes {
  readonly body: ReadableStream<Uint8Array>;
  readonly format: 'zip' | 'tar.gz' | 'file';
  /** Everything lies in one folder that the host has named. */
  readonly topFolder?: boolean;
  /** Of a single file: what it is called in the tree, and its length if that is known. */
  readonly name?: string;
  readonly sizeBytes?: number;
}

export interface Taken {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Sets room for an artifact aside, or says in a failure that the tenant has none. */
export type ReserveRoom = (tenant: TenantId, sizeBytes: number) => Promise<void>;

/** R2 takes parts of one size, 5 MiB at least; the last one may be smaller. */
const PART_BYTES = 8 * 1024 * 1024;

/**
 * Takes in what sources fetch. Whatever it was packed in, it becomes the gzipped tar that runners unpack, and is streamed: no more of it
 * is in memory than a part. What is larger than `maxBytes`, packed, is refused.
 */
export class SourceArchives {
  readonly #bucket: R2Bucket;
  readonly #artifacts: ArtifactStore;
  readonly #newId: () => string;
  readonly #reserve: ReserveRoom;

  constructor(
    bucket: R2Bucket,
    artifacts: ArtifactStore,
    newId: () => string,
    reserve: ReserveRoom = () => Promise.resolve(),
  ) {
    this.#bucket = bucket;
    this.#artifacts = artifacts;
    this.#newId = newId;
    this.#reserve = reserve;
  }

  async take(tenant: TenantId, source: SourceBytes, maxBytes: number): Promise<Taken> {
    if (source.format !== 'zip') return this.takeTree(tenant, this.#entries(source), maxBytes);
    // The directory of a ZIP is at its end: it has to be there as a whole before it can be read.
    const key = incomingKey(tenant, this.#newId());
    try {
      await this.#spool(key, source.body, maxBytes);
      return await this.takeTree(tenant, zipEntries(this.#bucket, key, source.topFolder === true), maxBytes);
    } finally {
      await this.#bucket.delete(key);
    }
  }

  /** A tree that nobody has packed: each of its entries is read before the next one is asked for. */
  async takeTree(tenant: TenantId, entries: AsyncIterable<TreeEntry>, maxBytes: number): Promise<Taken> {
    const causes: unknown[] = [];
    try {
      return await this.#store(
        tenant,
        packed(entries, (cause) => causes.push(cause)),
        maxBytes,
      );
    } catch (error) {
      // What has gone through streams is no failure of ours any more, and would be tried again for ever.
      throw isFailure(error) ? error : (causes.find(isFailure) ?? error);
    }
  }

  #entries({ body, format, topFolder = false, name = 'file', sizeBytes }: SourceBytes): AsyncIterable<TreeEntry> {
    return format === 'tar.gz' ? tarEntries(body, topFolder) : single(name, body, sizeBytes);
  }

  async #store(tenant: TenantId, body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Taken> {
    const incoming = incomingKey(tenant, this.#newId());
    try {
      const { digest, sizeBytes } = await this.#spool(incoming, body, maxBytes);
      if ((await this.#artifacts.size(tenant, digest)) !== undefined) return { digest, sizeBytes };
      const again = await this.#bucket.get(incoming);
      if (again === null) throw new Error('a source vanished while it was being stored');
      await this.#reserve(tenant, sizeBytes);
      const outcome = await this.#artifacts.write(tenant, digest, again.body);
      if (outcome === 'Mismatch') throw new Error('a source was stored with other bytes than were sent');
      return { digest, sizeBytes };
    } finally {
      await this.#bucket.delete(incoming);
    }
  }

  /** Bytes whose number nobody knows yet, under a key of their own; nothing is left of them if they are too many. */
  async #spool(key: string, body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Taken> {
    const digester = new crypto.DigestStream('SHA-256');
    const digest = digester.getWriter();
    const upload = await this.#bucket.createMultipartUpload(key);
    const parts: R2UploadedPart[] = [];
    let sizeBytes = 0;
    try {
      for await (const part of inParts(body)) {
        sizeBytes += part.byteLength;
        if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
        await digest.write(part);
        parts.push(await upload.uploadPart(parts.length + 1, part));
      }
      await digest.close();
      await upload.complete(parts);
    } catch (error) {
      await Promise.allSettled([digest.abort(error), digester.digest, upload.abort()]);
      throw error;
    }
    return { digest: `sha256:${hexOf(await digester.digest)}`, sizeBytes };
  }
}

/** Pieces of exactly the size of a part, but for the last one, which may be smaller and is never left out. */
async function* inParts(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let part = new Uint8Array(PART_BYTES);
  let filled = 0;
  let isFirst = true;
  for await (const chunk of body) {
    let from = 0;
    while (from < chunk.byteLength) {
      const piece = chunk.subarray(from, from + PART_BYTES - filled);
      part.set(piece, filled);
      filled += piece.byteLength;
      from += piece.byteLength;
      if (filled < PART_BYTES) continue;
      yield part;
      isFirst = false;
      part = new Uint8Array(PART_BYTES);
      filled = 0;
    }
  }
  if (filled > 0 || isFirst) yield part.slice(0, filled);
}

/** A file that is no archive, as a tree of one. Its length has to be known before it can be packed. */
async function* single(
  name: string,
  body: ReadableStream<Uint8Array>,
  sizeBytes: number | undefined,
): AsyncGenerator<TreeEntry> {
  if (sizeBytes !== undefined) {
    yield { path: name, kind: 'file', mode: 0o644, sizeBytes, body };
    return;
  }
  const bytes = new Uint8Array(await new Response(body).arrayBuffer());
  const whole = new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
  yield { path: name, kind: 'file', mode: 0o644, sizeBytes: bytes.byteLength, body: whole };
}

function isFailure(error: unknown): boolean {
  return error instanceof PermanentFailure || error instanceof RetryableFailure;
}

function incomingKey(tenant: TenantId, id: string): string {
  return `t/${tenant}/incoming/${id}`;
}

function tooLarge(maxBytes: number): PermanentFailure {
  const limit = `${Math.round(maxBytes / 2 ** 20)} MiB`;
  const remedy = 'Let a runner clone it instead: OutputArtifactFormat: CLONE_REF.';
  return new PermanentFailure('RevisionUnavailable', `The source is larger than ${limit}. ${remedy}`);
}
