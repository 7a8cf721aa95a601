import { actionKey } from '../../engine/ids.ts';
import type { ExecutionCommand } from '../../engine/messages.ts';
import { actorId, actorName, rolesOf, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { parseExecutionId } from './ids.ts';
import { executionNotFound, getExecution, type SeenExecution } from './read.ts';

/** Stops an execution wherever it is: in front of its first stage, between stages, or inside one. */
export async function stopExecution(
  ctx: ServiceContext,
  text: string,
  order: { readonly abandon: boolean; readonly reason: string },
): Promise<SeenExecution> {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  const { tenant, ports } = ctx;
  ctx.note?.({ after: order });
  const isWithdrawn = await ports.pipelines(tenant.id, parsed.pipeline).withdraw(tenant.id, parsed.id);
  if (isWithdrawn) return getExecution(ctx, text);
  return give(ctx, text, { type: 'Stop', ...order, by: actorName(ctx.actor) });
}

export function answerApproval(
  ctx: ServiceContext,
  text: string,
  place: { readonly stage: string; readonly action: string },
  answer: {
    readonly result: 'Approved' | 'Rejected';
    readonly summary: string;
    readonly token?: string | undefined;
  },
): Promise<SeenExecution> {
  const { result, summary, token } = answer;
  ctx.note?.({ after: { result, summary } });
  return give(ctx, text, {
    type: 'AnswerApproval',
    action: actionKey(place.stage, place.action),
    result,
    summary,
    by: actorName(ctx.actor),
    actor: actorId(ctx.actor),
    roles: rolesOf(ctx.actor),
    ...(token === undefined ? {} : { token }),
  });
}

export function resolveHold(
  ctx: ServiceContext,
  text: string,
  place: { readonly stage: string; readonly action: string },
  resolution: 'Retry' | 'Fail',
): Promise<SeenExecution> {
  const action = actionKey(place.stage, place.action);
  ctx.note?.({ after: { resolution } });
  return give(ctx, text, { type: 'ResolveHold', action, resolution, by: actorName(ctx.actor) });
}

async function give(ctx: ServiceContext, text: string, command: ExecutionCommand): Promise<SeenExecution> {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  const { tenant, ports } = ctx;
  const answer = await ports.executions(tenant.id, parsed.id).order(tenant.id, command);
  if (answer !== null) {
    if (answer.rejection !== null) throw new DomainError(answer.rejection.code, answer.rejection.message);
    return answer.execution;
  }
  // It has no object: it waits to be admitted, or ended before it was. Unknown ids end here.
  const { status, endedAt } = await getExecution(ctx, text);
  if (endedAt !== null) throw new DomainError('execution_ended', `The execution has already ended: ${status}.`);
  throw new DomainError('approval_not_pending', 'The execution has not entered its first stage yet.');
}
