import type { AttemptOrigin } from '../../engine/attempt-origin.ts';
import type { ActionRun } from '../../engine/run.ts';
import type { Ports } from '../context.ts';

/** Who brought about the attempt that a runner holds; null: it runs no more. */
export async function standingOf(
  { executions }: Pick<Ports, 'executions'>,
  { tenant, execution, action, attempt }: Pick<ActionRun, 'tenant' | 'execution' | 'action' | 'attempt'>,
): Promise<AttemptOrigin | null> {
  return executions(tenant, execution).attemptOrigin(tenant, action, attempt);
}
