import type { ExecutionId, TenantId } from '../engine/ids.ts';

const EXTENSION = '.json.gz';

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

    /** In the order of their ids, from the one behind `after` on. */
    async list(
      tenant: TenantId,
      after: string,
      limit: number,
    ): Promise<{ readonly ids: readonly ExecutionId[]; readonly next: string | undefined }> {
      const prefix = folderOf(tenant);
      const startAfter = after === '' ? prefix : archiveKey(tenant, after as ExecutionId);
      const { objects, truncated } = await bucket.list({ prefix, startAfter, limit });
      const ids = objects.map(({ key }) => key.slice(prefix.length, -EXTENSION.length) as ExecutionId);
      return { ids, next: truncated ? ids.at(-1) : undefined };
    },

    async remove(tenant: TenantId, id: ExecutionId): Promise<void> {
      await bucket.delete(archiveKey(tenant, id));
    },
  };
}

function archiveKey(tenant: TenantId, id: ExecutionId): string {
  return `${folderOf(tenant)}${id}${EXTENSION}`;
}

function folderOf(tenant: TenantId): string {
  return `t/${tenant}/executions/`;
}
