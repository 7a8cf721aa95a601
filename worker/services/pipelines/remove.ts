import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from './find.ts';

/** Deletes a pipeline and frees its name. Answers with the executions that are being stopped for it. */
export async function removePipeline(ctx: ServiceContext, name: string, stop: boolean): Promise<readonly string[]> {
  const { id, object } = await findPipeline(ctx, name);
  const outcome = await object.remove(ctx.tenant.id, actorName(ctx.actor), stop);
  if (!outcome.ok) {
    throw new DomainError(outcome.code, outcome.message, { executions: [...(outcome.executions ?? [])] });
  }
  ctx.note?.({ before: { id }, after: { stopping: [...outcome.stopping] } });
  await ctx.ports.pipelineIndex.remove(ctx.tenant.id, id);
  await ctx.ports.connections.watches.removePipeline(ctx.tenant.id, id);
  await ctx.ports.follows.remove(ctx.tenant.id, id);
  await ctx.ports.secrets.removeAll(ctx.tenant.id, id, ctx.ports.clock.now());
  return outcome.stopping;
}
