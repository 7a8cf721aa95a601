import type { Grant, GrantRole } from '../../../contract/members.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from '../pipelines/find.ts';
import { assertWithinOwn } from './ceiling.ts';
import { disconnect } from './disconnect.ts';
import { findMember } from './members.ts';

export async function listGrants(ctx: ServiceContext, id: string): Promise<Grant[]> {
  await findMember(ctx, id);
  return (await ctx.ports.grants.of(ctx.tenant.id, id)).map(({ pipeline, role, createdAt, createdBy }) => ({
    pipeline,
    role: role as GrantRole,
    createdAt: new Date(createdAt).toISOString(),
    createdBy,
  }));
}

export async function setGrant(ctx: ServiceContext, id: string, name: string, role: GrantRole): Promise<Grant> {
  const { tenant, ports, actor } = ctx;
  assertWithinOwn(ctx, role);
  await findMember(ctx, id);
  const pipeline = await findPipeline(ctx, name);
  const createdAt = ports.clock.now();
  const createdBy = actorName(actor);
  const before = await ports.grants.roleFor(tenant.id, id, pipeline.id);
  ctx.note?.({ ...(before === undefined ? {} : { before: { role: before } }), after: { role } });
  await ports.grants.set(tenant.id, { userId: id, pipelineId: pipeline.id, role, createdAt, createdBy });
  await disconnect(ports, tenant.id, id);
  return { pipeline: name, role, createdAt: new Date(createdAt).toISOString(), createdBy };
}

export async function removeGrant(ctx: ServiceContext, id: string, name: string): Promise<void> {
  const { tenant, ports } = ctx;
  await findMember(ctx, id);
  const pipeline = await findPipeline(ctx, name);
  const before = await ports.grants.roleFor(tenant.id, id, pipeline.id);
  if (before !== undefined) ctx.note?.({ before: { role: before } });
  if (!(await ports.grants.remove(tenant.id, id, pipeline.id))) {
    throw new DomainError('grant_not_found', `There is no grant for "${name}".`);
  }
  await disconnect(ports, tenant.id, id);
}
