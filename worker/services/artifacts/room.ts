import type { ServiceContext } from '../context.ts';
import { quotaExceeded } from '../quotas.ts';

type Room = Pick<ServiceContext, 'tenant' | 'ports'>;

/** Sets room for an artifact aside before its bytes are taken in; refused, nothing of it is stored. */
export async function reserveArtifact({ tenant, ports }: Room, sizeBytes: number): Promise<void> {
  if (sizeBytes === 0) return;
  const order = { name: 'artifactBytes', least: sizeBytes, want: sizeBytes } as const;
  const { granted, quota } = await ports.tenants(tenant.id).reserveBytes(tenant.id, order);
  if (granted === 0) throw quotaExceeded(quota, ` This one has ${sizeBytes} bytes.`);
}

/** `store` says whether the bytes are new there. What takes no room after all is given back; what a crash leaves is counted again. */
export async function withinQuota<Stored extends { readonly isNew: boolean }>(
  ctx: Room,
  sizeBytes: number,
  store: () => Promise<Stored>,
): Promise<Stored> {
  const { tenant, ports } = ctx;
  await reserveArtifact(ctx, sizeBytes);
  let isKept = false;
  try {
    const stored = await store();
    isKept = stored.isNew;
    return stored;
  } finally {
    if (!isKept) await ports.tenants(tenant.id).giveBackBytes(tenant.id, 'artifactBytes', sizeBytes);
  }
}
