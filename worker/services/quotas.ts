import { QuotaName, type Usage } from '../../contract/usage.ts';
import type { ServiceContext } from './context.ts';
import { DomainError } from './domain-error.ts';

type QuotaContext = Pick<ServiceContext, 'tenant' | 'ports'>;

/** So much that nobody honest notices, and so little that nobody can fill the installation. */
const LIMITS: Readonly<Record<QuotaName, number>> = { pipelines: 1000, tokens: 1000 };

const REMEDY: Readonly<Record<QuotaName, string>> = {
  pipelines: 'Delete pipelines that nobody needs',
  tokens: 'Revoke tokens that nobody uses',
};

/** Before one more is made. Several that are made at once may all get in: a quota is a fence, not a price. */
export async function refuseAboveQuota(ctx: QuotaContext, name: QuotaName): Promise<void> {
  const { used, limit } = await usageOf(ctx, name);
  if (used < limit) return;
  const detail = `This tenant has ${used} ${name}, and may have ${limit}. ${REMEDY[name]}, or ask the operator for more.`;
  throw new DomainError('quota_exceeded', detail);
}

export async function getUsage(ctx: QuotaContext): Promise<Usage> {
  return { items: await Promise.all(QuotaName.options.map((name) => usageOf(ctx, name))) };
}

async function usageOf({ tenant, ports }: QuotaContext, name: QuotaName): Promise<Usage['items'][number]> {
  const [used, limit] = await Promise.all([ports.usage.count(tenant.id, name), ports.usage.limit(tenant.id, name)]);
  return { name, used, limit: limit ?? LIMITS[name] };
}
