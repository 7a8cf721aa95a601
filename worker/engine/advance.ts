import { advanceAtGate } from './gate.ts';
import type { Instant } from './ids.ts';
import { startActions } from './launch.ts';
import type { ExecutionEvent } from './messages.ts';
import type { ActionState, ExecutionState, StageState } from './model.ts';
import type { StagePlan } from './plan.ts';
import { abandonRules, evaluate, unmet } from './rules.ts';
import { advanceFailedStage, failStage } from './stage-failure.ts';
import { actionStatus, currentAttempt, currentStage, isTerminal, lastStage } from './stages.ts';
import { cancelDeadline } from './timeouts.ts';

/** What follows from what is now true, one consequence at a time; `step` asks until nothing follows any more. */
export function advance(state: ExecutionState, at: Instant): readonly ExecutionEvent[] {
  if (state.returning !== undefined) return advanceReturn(state);
  if (isTerminal(state)) return [];
  const { plan, stage } = currentStage(state);
  return stage.status === undefined ? advanceAtGate(state, plan, stage, at) : advanceInStage(state, plan, stage, at);
}

/** The pipeline has let it in again. */
function advanceReturn(state: ExecutionState): readonly ExecutionEvent[] {
  const { returning, admission } = state;
  if (returning === undefined || returning.stage > admission.through) return [];
  const { stage, order, by } = returning;
  const step = admission.step + 1;
  switch (order.kind) {
    case 'Retry':
      return [{ type: 'StageRetried', stage, mode: order.mode, actions: order.actions, by, step }];
    case 'Override':
      return [{ type: 'ConditionOverridden', stage, place: order.place, by, step }];
    case 'Resume':
      return [{ type: 'ExecutionResumed', stage, by, step }];
  }
}

function advanceInStage(
  state: ExecutionState,
  plan: StagePlan,
  stage: StageState,
  at: Instant,
): readonly ExecutionEvent[] {
  const stopping = [
    ...stage.actions.flatMap((action) => stopAction(state, action, at)),
    ...(state.stop === undefined ? [] : abandonRules(stage)),
  ];
  if (stopping.length > 0) return stopping;
  if (state.stop === undefined) {
    const entry = advanceEntry(state, plan, stage, at);
    if (entry !== undefined) return entry;
    const started = startActions(state, plan, stage, at);
    if (started.length > 0) return started;
  }
  const statuses = stage.actions.map(actionStatus);
  if (statuses.includes('InProgress')) return [];
  const index = state.admission.stage;
  // A stopping execution ends Stopped however its actions ended: CodePipeline knows no way from Stopping to Succeeded.
  if (state.stop !== undefined) return endStopped(state, index);
  return statuses.every((status) => status === 'Succeeded')
    ? advanceSuccess(state, plan, stage, at)
    : advanceFailedStage(state, plan, stage, at);
}

/** Conditions before entry that are evaluated inside the lock. Undefined: the actions may run. */
function advanceEntry(
  state: ExecutionState,
  plan: StagePlan,
  stage: StageState,
  at: Instant,
): readonly ExecutionEvent[] | undefined {
  const condition = plan.beforeEntry;
  if (condition === undefined || condition.otherwise === 'WAIT' || state.kind === 'ROLLBACK') return undefined;
  const outcome = evaluate(state, stage, 'beforeEntry', condition, at);
  if (outcome === 'Met') return undefined;
  if (outcome !== 'Unmet') return outcome;
  const index = state.admission.stage;
  if (condition.otherwise === 'SKIP') return leaveStage(state, { type: 'StageSkipped', stage: index });
  return failStage(state, index, unmet(stage, 'beforeEntry'));
}

function advanceSuccess(
  state: ExecutionState,
  plan: StagePlan,
  stage: StageState,
  at: Instant,
): readonly ExecutionEvent[] {
  const index = state.admission.stage;
  const condition = plan.onSuccess;
  const outcome = condition === undefined ? 'Met' : evaluate(state, stage, 'onSuccess', condition, at);
  if (outcome === 'Met') return leaveStage(state, { type: 'StageSucceeded', stage: index });
  if (outcome !== 'Unmet') return outcome;
  const rollback = condition?.otherwise === 'ROLLBACK' ? 'onSuccess' : undefined;
  return failStage(state, index, unmet(stage, 'onSuccess'), rollback);
}

function endStopped(state: ExecutionState, stage: number): readonly ExecutionEvent[] {
  const status = state.stop?.isCancel === true ? 'Cancelled' : 'Stopped';
  return [
    { type: `Stage${status}`, stage },
    { type: 'ExecutionEnded', status, step: state.admission.step + 1 },
  ];
}

function leaveStage(
  state: ExecutionState,
  left: Extract<ExecutionEvent, { type: 'StageSucceeded' | 'StageSkipped' }>,
): readonly ExecutionEvent[] {
  if (left.stage < lastStage(state)) return [left];
  return [left, { type: 'ExecutionEnded', status: 'Succeeded', step: state.admission.step + 1 }];
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
