import type { Instant } from './ids.ts';
import type { ExecutionEvent } from './messages.ts';
import type { ActionState, ExecutionState, StageState } from './model.ts';
import type { ActionPlan, StagePlan } from './plan.ts';
import { resolveRun } from './run.ts';
import { actionStatus, currentAttempt, currentStage, isTerminal, readyActions } from './stages.ts';
import { cancelDeadline, startDeadline } from './timeouts.ts';

/** What follows from what is now true, one consequence at a time; `step` asks until nothing follows any more. */
export function advance(state: ExecutionState, at: Instant): readonly ExecutionEvent[] {
  if (isTerminal(state)) return [];
  const { plan, stage } = currentStage(state);
  if (stage.status === undefined) return advanceAtGate(state);
  const statuses = stage.actions.map(actionStatus);
  const stopping = stage.actions.flatMap((action) => stopAction(state, action, at));
  if (stopping.length > 0) return stopping;
  if (state.stop === undefined) {
    const started = startActions(state, plan, stage, at);
    if (started.length > 0) return started;
  }
  if (statuses.includes('InProgress')) return [];
  const index = state.admission.stage;
  // A stopping execution ends Stopped however its actions ended: CodePipeline knows no way from Stopping to Succeeded.
  if (state.stop !== undefined) return endWith('Stopped', state, index);
  return statuses.every((status) => status === 'Succeeded')
    ? succeedStage(state, index)
    : endWith('Failed', state, index);
}

function advanceAtGate(state: ExecutionState): readonly ExecutionEvent[] {
  const { stage, through, waiting, step } = state.admission;
  if (state.stop !== undefined) return [{ type: 'ExecutionEnded', status: 'Stopped', step: step + 1 }];
  if (stage <= through) return [{ type: 'StageEntered', stage, step: step + 1 }];
  return waiting ? [] : [{ type: 'AdmissionAwaited', stage, step: step + 1 }];
}

function endWith(status: 'Failed' | 'Stopped', state: ExecutionState, stage: number): readonly ExecutionEvent[] {
  return [
    { type: `Stage${status}`, stage },
    { type: 'ExecutionEnded', status, step: state.admission.step + 1 },
  ];
}

function succeedStage(state: ExecutionState, stage: number): readonly ExecutionEvent[] {
  const succeeded: ExecutionEvent = { type: 'StageSucceeded', stage };
  if (stage + 1 < state.plan.stages.length) return [succeeded];
  return [succeeded, { type: 'ExecutionEnded', status: 'Succeeded', step: state.admission.step + 1 }];
}

/** Once stopping, waits without work in flight end at once; running work ends by itself or, when abandoned, is cancelled. */
function stopAction(state: ExecutionState, action: ActionState, at: Instant): readonly ExecutionEvent[] {
  const attempt = currentAttempt(action);
  if (state.stop === undefined || attempt === undefined) return [];
  const of = { action: action.key, attempt: attempt.number };
  const { phase } = attempt;
  switch (phase.kind) {
    case 'Running':
      if (!state.stop.abandon) return [];
      return [{ type: 'ActionCancelling', ...of, cause: 'Stopped', deadline: cancelDeadline(at) }];
    case 'AwaitingApproval':
    case 'Held':
      return [{ type: 'ActionAbandoned', ...of }];
    case 'Ended':
      return action.retryAt === undefined ? [] : [{ type: 'ActionAbandoned', ...of }];
    case 'Cancelling':
      return [];
  }
}

function startActions(
  state: ExecutionState,
  plan: StagePlan,
  stage: StageState,
  at: Instant,
): readonly ExecutionEvent[] {
  const retries = plan.actions.filter((action) => isRetryDue(stage, action, at));
  return [...retries, ...readyActions(plan, stage)].flatMap((action) => startAction(state, stage, action, at));
}

function startAction(
  state: ExecutionState,
  stage: StageState,
  plan: ActionPlan,
  at: Instant,
): readonly ExecutionEvent[] {
  const attempt = (stage.actions.find(({ key }) => key === plan.key)?.attempts.length ?? 0) + 1;
  const of = { action: plan.key, attempt };
  const deadline = startDeadline(plan, at);
  const resolution = resolveRun(state, plan, attempt);
  if (!resolution.ok) return [{ type: 'ActionFailed', ...of, failure: resolution.failure }];
  if (plan.carrier !== 'person') return [{ type: 'ActionStarted', ...of, deadline }];
  return [{ type: 'ApprovalRequested', ...of, deadline, token: resolution.run.job }];
}

function isRetryDue(stage: StageState, plan: ActionPlan, at: Instant): boolean {
  const retryAt = stage.actions.find(({ key }) => key === plan.key)?.retryAt;
  return retryAt !== undefined && retryAt <= at;
}
