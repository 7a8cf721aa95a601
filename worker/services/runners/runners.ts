import type { Runner } from '../../../contract/runner-protocol.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';

/** Every runner that has been here lately, pool by pool. */
export async function listRunners(ctx: ServiceContext): Promise<Runner[]> {
  const { tenant, ports } = ctx;
  const pools = await ports.poolIndex.list(tenant.id);
  const runners = await Promise.all(pools.map((pool) => ports.pools(tenant.id, pool).runners(tenant.id, pool)));
  return runners.flat();
}

/** A runner's socket to its pool. */
export async function connectRunner(ctx: ServiceContext, pool: string): Promise<Response> {
  const { actor, tenant, ports } = ctx;
  if (actor.kind !== 'token' || actor.tokenKind !== 'runner') {
    throw new DomainError('forbidden', 'Runners connect with a token of kind "runner".');
  }
  await ports.poolIndex.remember(tenant.id, pool);
  return ports.live.runner(tenant.id, pool, actor.runnerId);
}
