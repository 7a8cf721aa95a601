import type { TenantId } from '../engine/ids.ts';

const FOLDERS = { artifactBytes: 'sha256', logBytes: 'logs' } as const;

/** The sizes of what a tenant has in R2, added up: one list operation for a thousand objects. */
export async function storedBytes(bucket: R2Bucket, tenant: TenantId, of: keyof typeof FOLDERS): Promise<number> {
  const prefix = `t/${tenant}/${FOLDERS[of]}/`;
  let total = 0;
  let cursor: string | undefined;
  do {
    const page = await bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
    total += page.objects.reduce((sum, { size }) => sum + size, 0);
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return total;
}
