import type { TenantId } from '../engine/ids.ts';
import { hexOf } from '../kernel/crypto.ts';

/**
 * Artifacts in R2, one object per content and tenant. A digest is visible when R2 has checked the bytes itself (it refuses a
 * `put` whose SHA-256 differs), or, where a direct upload left no checksum with the object, when we have read it through once
 * and left a mark beside it.
 */
export class ArtifactStore {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  static key(tenant: TenantId, digest: string): string {
    return `t/${tenant}/sha256/${hex(digest)}`;
  }

  /** Undefined: nothing visible under this digest. */
  async size(tenant: TenantId, digest: string): Promise<number | undefined> {
    const head = await this.#bucket.head(ArtifactStore.key(tenant, digest));
    if (head === null) return undefined;
    return (await this.#isChecked(tenant, digest, head)) ? head.size : undefined;
  }

  async read(tenant: TenantId, digest: string): Promise<R2ObjectBody | undefined> {
    const object = await this.#bucket.get(ArtifactStore.key(tenant, digest));
    if (object === null) return undefined;
    if (await this.#isChecked(tenant, digest, object)) return object;
    await object.body.cancel();
    return undefined;
  }

  /** Streams; R2 itself refuses bytes of another digest. `body` must be of a known length. */
  async write(tenant: TenantId, digest: string, body: ReadableStream): Promise<'Stored' | 'Mismatch'> {
    try {
      await this.#bucket.put(ArtifactStore.key(tenant, digest), body, { sha256: hex(digest) });
      return 'Stored';
    } catch (error) {
      if (isChecksumError(error)) return 'Mismatch';
      throw error;
    }
  }

  /** Takes bytes whose digest nobody has said yet: they go through a place of their own while they are counted. */
  async writeUnknown(
    tenant: TenantId,
    id: string,
    body: ReadableStream<Uint8Array>,
    sizeBytes: number,
  ): Promise<{ readonly digest: string; readonly isNew: boolean }> {
    const incoming = `t/${tenant}/incoming/${id}`;
    try {
      const { readable, writable } = new FixedLengthStream(sizeBytes);
      const digester = new crypto.DigestStream('SHA-256');
      await Promise.all([body.pipeThrough(through(digester)).pipeTo(writable), this.#bucket.put(incoming, readable)]);
      const digest = `sha256:${hexOf(await digester.digest)}`;
      const again = await this.#bucket.get(incoming);
      if (again === null) throw new Error('an upload vanished while it was being stored');
      const isNew = (await this.size(tenant, digest)) === undefined;
      await this.write(tenant, digest, again.body);
      return { digest, isNew };
    } finally {
      await this.#bucket.delete(incoming);
    }
  }

  /** After a direct upload: checks the bytes unless R2 has. What does not match is thrown away. */
  async confirm(tenant: TenantId, digest: string): Promise<'Confirmed' | 'Missing' | 'Mismatch'> {
    const key = ArtifactStore.key(tenant, digest);
    const object = await this.#bucket.get(key);
    if (object === null) return 'Missing';
    if (await this.#isChecked(tenant, digest, object)) {
      await object.body.cancel();
      return 'Confirmed';
    }
    const digester = new crypto.DigestStream('SHA-256');
    await object.body.pipeTo(digester);
    if (hexOf(await digester.digest) !== hex(digest)) {
      await this.#bucket.delete(key);
      return 'Mismatch';
    }
    await this.#bucket.put(markKey(tenant, digest), object.etag);
    return 'Confirmed';
  }

  async #isChecked(tenant: TenantId, digest: string, object: R2Object): Promise<boolean> {
    const { sha256 } = object.checksums;
    if (sha256 !== undefined) return hexOf(sha256) === hex(digest);
    const mark = await this.#bucket.get(markKey(tenant, digest));
    // The mark names the very object that was read; bytes put over it later are not covered.
    return mark !== null && (await mark.text()) === object.etag;
  }
}

/** Passes bytes on as they are and shows each of them to `digester`, without holding more than one piece. */
function through(digester: DigestStream): TransformStream<Uint8Array, Uint8Array> {
  const writer = digester.getWriter();
  return new TransformStream({
    async transform(bytes, controller) {
      await writer.write(bytes);
      controller.enqueue(bytes);
    },
    flush: () => writer.close(),
  });
}

function markKey(tenant: TenantId, digest: string): string {
  return `t/${tenant}/checked/${hex(digest)}`;
}

function hex(digest: string): string {
  return digest.slice('sha256:'.length);
}

function isChecksumError(error: unknown): boolean {
  // R2's binding has no error codes; 10037 is its number for a checksum that did not match.
  return error instanceof Error && /\(10037\)|checksum/i.test(error.message);
}
