import { QUOTAS, QuotaName, quotaMessage, type QuotaUse } from '../../contract/quotas.ts';
import type { Usage } from '../../contract/usage.ts';
import type { SlotRefusal } from '../objects/peers.ts';
import type { CountedQuota } from '../storage/usage.ts';
import type { Ports, ServiceContext, Tenant } from './context.ts';
import { DomainError } from './domain-error.ts';

type QuotaContext = Pick<ServiceContext, 'tenant' | 'ports'>;

interface CountContext {
  readonly tenant: Pick<Tenant, 'id'>;
  readonly ports: Pick<Ports, 'usage' | 'limits' | 'clock'>;
}

/** Before one more is made. Several that are made at once may all get in: a quota is a fence, not a price. */
export async function refuseAboveQuota(ctx: CountContext, name: CountedQuota): Promise<void> {
  const use = await useOf(ctx, name);
  if (use.used >= use.limit) throw quotaExceeded(use);
}

/** For where a refusal is said in other words. */
export async function hasRoom(ctx: CountContext, name: CountedQuota): Promise<boolean> {
  const { used, limit } = await useOf(ctx, name);
  return used < limit;
}

async function useOf({ tenant, ports }: CountContext, name: CountedQuota): Promise<QuotaUse> {
  const [used, limits] = await Promise.all([
    ports.usage.count(tenant.id, name, ports.clock.now()),
    ports.limits(tenant.id),
  ]);
  return { name, used, limit: limits[name] };
}

export function quotaExceeded(quota: QuotaUse, more = ''): DomainError {
  return new DomainError('quota_exceeded', quotaMessage(quota) + more, { quota });
}

/** Before an execution comes back that the tenant may have no place for; whoever takes the last one meanwhile has it. */
export async function refuseWithoutPlace({ tenant, ports }: QuotaContext): Promise<void> {
  const refusal = await ports.tenants(tenant.id).roomForOne(tenant.id);
  if (refusal !== null) throw executionQuotaExceeded(refusal);
}

/** What a pipeline says of the quota that it has been refused for, if it has. */
export function detailsOf({ quota, retryAfterSeconds }: Partial<SlotRefusal>): Partial<SlotRefusal> {
  return quota === undefined || retryAfterSeconds === undefined ? {} : { quota, retryAfterSeconds };
}

function executionQuotaExceeded({ quota, retryAfterSeconds }: SlotRefusal): DomainError {
  return new DomainError('execution_quota_exceeded', quotaMessage(quota), { quota, retryAfterSeconds });
}

export async function getUsage({ tenant, ports }: QuotaContext): Promise<Usage> {
  const counted = (name: CountedQuota): Promise<number> => ports.usage.count(tenant.id, name, ports.clock.now());
  const [limits, ledger, pipelines, runners, members, tokens] = await Promise.all([
    ports.limits(tenant.id),
    ports.tenants(tenant.id).ledgerUsage(tenant.id),
    counted('pipelines'),
    counted('runners'),
    counted('members'),
    counted('tokens'),
  ]);
  const used: Readonly<Record<QuotaName, number>> = { ...ledger, pipelines, runners, members, tokens };
  const items = QuotaName.options.map((name) => {
    const { title, unit } = QUOTAS[name];
    return { name, title, unit, used: used[name], limit: limits[name] };
  });
  return { items };
}
