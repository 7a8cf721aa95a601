import type { Tenant } from '../../../contract/tenant.ts';
import type { TenantId } from '../../engine/ids.ts';
import { actorName, type Ports, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';

export async function getTenant({ tenant, ports }: ServiceContext): Promise<Tenant> {
  const [row, closing] = await Promise.all([ports.life.find(tenant.id), ports.life.closing(tenant.id)]);
  if (row === undefined) throw new DomainError('tenant_not_found', 'The tenant is gone.');
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    closing:
      closing === undefined
        ? null
        : {
            deleteAt: new Date(closing.deleteAt).toISOString(),
            requestedAt: new Date(closing.requestedAt).toISOString(),
            requestedBy: closing.requestedBy,
          },
  };
}

export async function renameTenant(ctx: ServiceContext, name: string): Promise<Tenant> {
  const before = await getTenant(ctx);
  ctx.note?.({ before: { name: before.name }, after: { name } });
  await ctx.ports.life.rename(ctx.tenant.id, name);
  return getTenant(ctx);
}

/** From now on nothing starts; when the grace period is over, everything is deleted. */
export async function closeTenant(ctx: ServiceContext, slug: string): Promise<Tenant> {
  const { tenant, ports, actor } = ctx;
  if (slug !== tenant.slug) {
    throw new DomainError('validation_failed', `To delete this tenant, name it: its slug is "${tenant.slug}".`, {
      errors: [{ path: 'slug', message: `must be "${tenant.slug}"` }],
    });
  }
  const requestedAt = ports.clock.now();
  const deleteAt = requestedAt + ports.tenantGraceMs;
  ctx.note?.({ after: { deleteAt: new Date(deleteAt).toISOString() } });
  await ports.life.close({ tenantId: tenant.id, deleteAt, requestedAt, requestedBy: actorName(actor) });
  return getTenant(ctx);
}

export async function restoreTenant(ctx: ServiceContext): Promise<Tenant> {
  await ctx.ports.life.restore(ctx.tenant.id, ctx.ports.clock.now());
  const tenant = await getTenant(ctx);
  if (tenant.closing !== null) throw closingProblem(Date.parse(tenant.closing.deleteAt));
  return tenant;
}

/** What is about to be deleted starts nothing more. */
export async function assertOpen({ life }: Pick<Ports, 'life'>, tenant: TenantId): Promise<void> {
  const closing = await life.closing(tenant);
  if (closing !== undefined) throw closingProblem(closing.deleteAt);
}

function closingProblem(deleteAt: number): DomainError {
  const at = new Date(deleteAt).toISOString();
  const detail = `This tenant is to be deleted after ${at}. Until then, an owner can restore it; nothing starts meanwhile.`;
  return new DomainError('tenant_closing', detail);
}
