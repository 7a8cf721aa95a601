import type { ExecutionId, TenantId } from '../engine/ids.ts';

/** As many as R2 lists and deletes at once. */
const PAGE = 1_000;

/** Deletes the logs of all attempts of an execution. How many bytes they had. */
export async function removeLogs(bucket: R2Bucket, tenant: TenantId, execution: ExecutionId): Promise<number> {
  let bytes = 0;
  for (;;) {
    // A job's name begins with its execution's.
    const { objects } = await bucket.list({ prefix: `t/${tenant}/logs/${execution}:`, limit: PAGE });
    if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
    bytes += objects.reduce((sum, { size }) => sum + size, 0);
    if (objects.length < PAGE) return bytes;
  }
}

/** Sealed stretches of logs in R2: `t/{tenant}/logs/{job}/{offset}`. */
export function logSegments(bucket: R2Bucket, tenant: string, job: string) {
  const prefix = `t/${tenant}/logs/${job}/`;
  const key = (offset: number): string => `${prefix}${String(offset).padStart(15, '0')}`;
  return {
    async list() {
      const objects: R2Object[] = [];
      let cursor: string | undefined;
      do {
        const page = await bucket.list({
          prefix,
          include: ['customMetadata'],
          ...(cursor === undefined ? {} : { cursor }),
        });
        objects.push(...page.objects);
        cursor = page.truncated ? page.cursor : undefined;
      } while (cursor !== undefined);
      return objects.map((object) => ({
        offset: Number(object.key.slice(prefix.length)),
        size: object.size,
        isLast: object.customMetadata?.['last'] === 'true',
      }));
    },

    async put(offset: number, bytes: Uint8Array, isLast: boolean): Promise<void> {
      await bucket.put(key(offset), bytes, { customMetadata: { last: String(isLast) } });
    },

    async read({ offset }: { readonly offset: number }, skip: number): Promise<ReadableStream | undefined> {
      const object = await bucket.get(key(offset), { range: { offset: skip } });
      return object?.body;
    },
  };
}
