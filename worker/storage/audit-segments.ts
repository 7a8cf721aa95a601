import type { TenantId } from '../engine/ids.ts';

/**
 * Sealed segments of audit chains in R2: `t/{tenant}/audit/{first entry}`, each with the checkpoint that signs it. Written once:
 * a second writing of the same is no harm, and of anything else is refused.
 */
export function auditSegments(bucket: R2Bucket) {
  return {
    async seal(tenant: TenantId, first: number, lines: string, checkpoint: string): Promise<void> {
      const bytes = await new Response(streamOf(lines).pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
      if (!(await putOnce(segmentKey(tenant, first), bytes)) && (await this.lines(tenant, first)) !== lines) {
        throw new Error(`segment ${first} of an audit chain lies there already, and is another one`);
      }
      // A checkpoint over the same entries says the same, even if it has been signed with an older key.
      await putOnce(checkpointKey(tenant, first), checkpoint);
    },

    /** As they were sealed, one entry a line. Undefined: there is no such segment. */
    async lines(tenant: TenantId, first: number): Promise<string | undefined> {
      const object = await bucket.get(segmentKey(tenant, first));
      return object === null
        ? undefined
        : new Response(object.body.pipeThrough(new DecompressionStream('gzip'))).text();
    },

    async checkpoint(tenant: TenantId, first: number): Promise<string | undefined> {
      return (await bucket.get(checkpointKey(tenant, first)))?.text();
    },
  };

  /** False: something lies there. */
  async function putOnce(key: string, value: ArrayBuffer | string): Promise<boolean> {
    return (await bucket.put(key, value, { onlyIf: { etagDoesNotMatch: '*' } })) !== null;
  }
}

export type AuditSegments = ReturnType<typeof auditSegments>;

function streamOf(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([text]).stream() as ReadableStream<Uint8Array<ArrayBuffer>>;
}

function segmentKey(tenant: TenantId, first: number): string {
  return `${prefix(tenant, first)}.ndjson.gz`;
}

function checkpointKey(tenant: TenantId, first: number): string {
  return `${prefix(tenant, first)}.checkpoint.json`;
}

function prefix(tenant: TenantId, first: number): string {
  return `t/${tenant}/audit/${String(first).padStart(12, '0')}`;
}
