import { actionKey } from '../../engine/ids.ts';
import type { ExecutionCommand } from '../../engine/messages.ts';
import type { ConditionPlace, StageRetryMode } from '../../engine/plan.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { refuseWithoutPlace } from '../quotas.ts';
import { assertOpen } from '../tenants/life.ts';
import { parseExecutionId } from './ids.ts';
import { executionNotFound, getExecution, type SeenExecution } from './read.ts';
import { ensureRestored } from './restore.ts';

/** Runs the failed actions of a stage again, or one of them, or all of its actions. */
export function retryStage(
  ctx: ServiceContext,
  text: string,
  stage: string,
  order: { readonly mode: StageRetryMode; readonly action?: string | undefined },
): Promise<SeenExecution> {
  const { mode, action } = order;
  ctx.note?.({ after: { mode, ...(action === undefined ? {} : { action }) } });
  return bringBack(ctx, text, {
    type: 'RetryStage',
    stage,
    mode,
    by: actorName(ctx.actor),
    ...(action === undefined ? {} : { action: actionKey(stage, action) }),
  });
}

/** Lets the stage go on as if its condition were met. */
export function overrideCondition(
  ctx: ServiceContext,
  text: string,
  stage: string,
  place: ConditionPlace,
): Promise<SeenExecution> {
  ctx.note?.({ after: { place } });
  return bringBack(ctx, text, { type: 'OverrideCondition', stage, place, by: actorName(ctx.actor) });
}

/** Runs everything from a stage on again; what came before is kept. */
export function resumeExecution(ctx: ServiceContext, text: string, stage: string): Promise<SeenExecution> {
  ctx.note?.({ after: { stage } });
  return bringBack(ctx, text, { type: 'Resume', stage, by: actorName(ctx.actor) });
}

async function bringBack(ctx: ServiceContext, text: string, command: ExecutionCommand): Promise<SeenExecution> {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  const { tenant, ports } = ctx;
  await Promise.all([assertOpen(ports, tenant.id), refuseWithoutPlace(ctx)]);
  const object = ports.executions(tenant.id, parsed.id);
  const answer =
    (await object.bringBack(tenant.id, command)) ??
    // Its object may have been emptied, long after its end.
    ((await ensureRestored(ports, tenant.id, parsed.id)) ? await object.bringBack(tenant.id, command) : null);
  if (answer !== null) {
    if (answer.rejection !== null) throw new DomainError(answer.rejection.code, answer.rejection.message);
    return answer.execution;
  }
  // It has no object: it waits to be admitted, or ended before it was. Unknown ids end here.
  const { status, endedAt } = await getExecution(ctx, text);
  const message =
    'The execution has not entered a stage, so there is nothing to run again. Start or fork one instead.';
  if (endedAt === null) throw new DomainError('execution_not_ended', message);
  throw new DomainError('stage_not_retryable', `The execution is ${status}. ${message}`);
}
