import type { TransitionChange } from '../../../contract/pipelines.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from './find.ts';

/** Opens or closes the way into a stage. `unconfirmed`: executions that could still be on their way through, unreachable now. */
export async function setTransition(
  ctx: ServiceContext,
  name: string,
  stage: string,
  { enabled, reason }: TransitionChange,
): Promise<{ enabled: boolean; unconfirmed: string[] }> {
  const { object } = await findPipeline(ctx, name);
  const change = { enabled, by: actorName(ctx.actor), reason };
  ctx.note?.({ after: { enabled, reason } });
  const outcome = await object.setTransition(ctx.tenant.id, stage, change);
  if (!outcome.ok) throw new DomainError(outcome.code, outcome.message);
  return { enabled, unconfirmed: [...(outcome.unconfirmed ?? [])] };
}
