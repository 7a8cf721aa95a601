import type { TenantId } from '../engine/ids.ts';
import { sha256 } from '../kernel/crypto.ts';

/** Compressed payloads of deliveries that are too large for the inbox. */
export function deliveryPayloads(bucket: R2Bucket) {
  return {
    /** Answers with what it is found by. The same delivery lies in the same place, however often it comes. */
    async put(tenant: TenantId, hook: string, delivery: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
      const key = `${hook}/${await sha256(delivery)}.gz`;
      await bucket.put(`${folderOf(tenant)}${key}`, bytes);
      return key;
    },

    async get(tenant: TenantId, key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
      const object = await bucket.get(`${folderOf(tenant)}${key}`);
      return object === null ? undefined : new Uint8Array(await object.arrayBuffer());
    },

    async remove(tenant: TenantId, keys: readonly string[]): Promise<void> {
      if (keys.length > 0) await bucket.delete(keys.map((key) => `${folderOf(tenant)}${key}`));
    },
  };
}

function folderOf(tenant: TenantId): string {
  return `t/${tenant}/deliveries/`;
}
