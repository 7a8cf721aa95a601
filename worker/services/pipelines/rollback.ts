import type { ExecutionSummary } from '../../../contract/executions.ts';
import type { ExecutionId } from '../../engine/ids.ts';
import { actorId, actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { justStarted } from '../executions/start.ts';
import { detailsOf } from '../quotas.ts';
import { assertOpen } from '../tenants/life.ts';
import { findPipeline } from './find.ts';

/** Deploys through one stage again what an earlier execution deployed through it; without a target, the last good one. */
export async function rollbackStage(
  ctx: ServiceContext,
  name: string,
  stage: string,
  order: { readonly target?: string | undefined; readonly reason?: string | undefined },
  key: string | undefined,
): Promise<ExecutionSummary> {
  const [{ object }] = await Promise.all([findPipeline(ctx, name), assertOpen(ctx.ports, ctx.tenant.id)]);
  const { clock, newId } = ctx.ports;
  const { target, reason } = order;
  const trigger = {
    type: 'ManualRollback',
    by: actorName(ctx.actor),
    actor: actorId(ctx.actor),
    ...(reason === undefined ? {} : { detail: reason }),
  };
  const outcome = await object.rollback(ctx.tenant.id, {
    key: key ?? newId(24),
    stage,
    trigger,
    ...(target === undefined ? {} : { target: target as ExecutionId }),
  });
  if (!outcome.ok) throw new DomainError(outcome.code, outcome.message, detailsOf(outcome));
  ctx.note?.({ after: { execution: outcome.id, target: target ?? null, reason: reason ?? null } });
  const started = justStarted(name, { ...outcome, stage }, trigger, clock.now());
  return { ...started, kind: 'ROLLBACK', origin: target ?? null };
}
