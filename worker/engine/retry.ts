import type { FailureCode } from './failure-code.ts';
import type { ActionPlan } from './plan.ts';
import type { ActionState } from './model.ts';

const BACKOFF_MAX_MS = 60 * 60_000;
/** A machine that keeps vanishing under a job is not going to be better the fourth time. */
const LOSSES_MAX = 3;

/** How long to wait before the next attempt, or undefined when the failure is final. `failed` is the attempt that just failed. */
export function retryDelayMs(plan: ActionPlan, action: ActionState, code: FailureCode): number | undefined {
  if (code === 'Rejected' || code === 'ApprovalExpired' || code === 'ConfigurationError') return undefined;
  if (code === 'ConditionUnmet') return undefined;
  if (code === 'RunnerLost') return plan.onRunnerLoss === 'retry' && losses(action) < LOSSES_MAX ? 0 : undefined;
  const { on = [] } = plan.retry;
  if (on.length > 0 && !on.includes(code)) return undefined;
  const attempts = ownAttempts(action).length - losses(action);
  if (attempts >= plan.retry.attemptsMax) return undefined;
  return Math.min(plan.retry.backoffMs * 2 ** (attempts - 1), BACKOFF_MAX_MS);
}

/** Attempts that ended with their runner; they do not use up the attempts that the definition allows. */
function losses(action: ActionState): number {
  return ownAttempts(action).filter(
    ({ phase }) => phase.kind === 'Ended' && phase.status === 'Failed' && phase.failure.code === 'RunnerLost',
  ).length;
}

/** A retry of the stage begins to count anew. */
function ownAttempts(action: ActionState): ActionState['attempts'] {
  return action.attempts.filter(({ number }) => number > (action.previous ?? 0));
}
