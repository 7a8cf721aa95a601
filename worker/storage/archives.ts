import type { ExecutionId, TenantId } from '../engine/ids.ts';

/** Ended executions in R2, one object each: `objects/execution/archive.ts` says what is inside. */
export function archiveStore(bucket: R2Bucket) {
  return {
    async put(tenant: TenantId, id: ExecutionId, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
      await bucket.put(archiveKey(tenant, id), bytes, { httpMetadata: { contentType: 'application/gzip' } });
    },

    async get(tenant: TenantId, id: ExecutionId): Promise<Uint8Array<ArrayBuffer> | undefined> {
      const object = await bucket.get(archiveKey(tenant, id));
      return object === null ? undefined : new Uint8Array(await object.arrayBuffer());
    },

    async remove(tenant: TenantId, id: ExecutionId): Promise<void> {
      await bucket.delete(archiveKey(tenant, id));
    },
  };
}

function archiveKey(tenant: TenantId, id: ExecutionId): string {
  return `t/${tenant}/executions/${id}.json.gz`;
}
