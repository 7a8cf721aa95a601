import type { Instant } from './ids.ts';
import type { ExecutionEvent } from './messages.ts';
import type { ActionState, ExecutionState, StageState } from './model.ts';
import type { ActionPlan, StagePlan } from './plan.ts';
import { covered, resolveRun } from './run.ts';
import { readyActions } from './stages.ts';
import { startDeadline } from './timeouts.ts';

/** Everything in the stage that may start now: further attempts that are due, then the next run order. */
export function startActions(
  state: ExecutionState,
  plan: StagePlan,
  stage: StageState,
  at: Instant,
): readonly ExecutionEvent[] {
  const known = (action: ActionPlan): ActionState | undefined => stage.actions.find(({ key }) => key === action.key);
  const retries = plan.actions.filter((action) => isRetryDue(known(action), at));
  return [...retries, ...readyActions(plan, stage)].flatMap((action) =>
    startAction(state, known(action), action, at),
  );
}

export function startAction(
  state: ExecutionState,
  known: ActionState | undefined,
  plan: ActionPlan,
  at: Instant,
): readonly ExecutionEvent[] {
  const attempt = (known?.attempts.at(-1)?.number ?? 0) + 1;
  const of = { action: plan.key, attempt };
  const deadline = startDeadline(plan, at);
  const resolution = resolveRun(state, plan, attempt);
  if (!resolution.ok) return [{ type: 'ActionFailed', ...of, failure: resolution.failure }];
  if (plan.carrier !== 'person') return [{ type: 'ActionStarted', ...of, deadline }];
  const covers = covered(state);
  const step = plan.approval?.yields === true ? { step: state.admission.step + 1 } : {};
  return [{ type: 'ApprovalRequested', ...of, deadline, token: resolution.run.job, covers, ...step }];
}

export function isRetryDue(action: ActionState | undefined, at: Instant): boolean {
  return action?.retryAt !== undefined && action.retryAt <= at;
}
