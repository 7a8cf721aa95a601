import type { ActionPlan, StagePlan } from './plan.ts';
import type { ActionKey } from './ids.ts';
import type { ActionState, ActionStatus, Attempt, ExecutionState, StageState } from './model.ts';

/** Questions about the state that more than one of decide, advance and view ask. */

export function isTerminal(state: ExecutionState): boolean {
  return state.endedAt !== undefined;
}

export function currentAttempt(action: ActionState): Attempt | undefined {
  return action.attempts.at(-1);
}

/** Undefined until the action is reached; InProgress while an attempt is open or another one is due. */
export function actionStatus(action: ActionState): ActionStatus | undefined {
  const attempt = currentAttempt(action);
  if (attempt === undefined) return undefined;
  return attempt.phase.kind === 'Ended' && action.retryAt === undefined ? attempt.phase.status : 'InProgress';
}

export function currentStage(state: ExecutionState): { plan: StagePlan; stage: StageState } {
  const plan = state.plan.stages[state.admission.stage];
  const stage = state.stages[state.admission.stage];
  if (plan === undefined || stage === undefined) throw new Error(`no stage ${state.admission.stage}`);
  return { plan, stage };
}

export function findAction(
  state: ExecutionState,
  key: ActionKey,
): { plan: ActionPlan; action: ActionState } | undefined {
  for (const [index, stage] of state.stages.entries()) {
    const action = stage.actions.find((candidate) => candidate.key === key);
    const plan = state.plan.stages[index]?.actions.find((candidate) => candidate.key === key);
    if (action !== undefined && plan !== undefined) return { plan, action };
  }
  return undefined;
}

/** The actions that may start now: the lowest run order that has not succeeded, as far as it has not been started. */
export function readyActions(plan: StagePlan, stage: StageState): readonly ActionPlan[] {
  const unfinished = plan.actions.filter((action) => statusIn(stage, action.key) !== 'Succeeded');
  if (unfinished.some((action) => isOver(statusIn(stage, action.key)))) return [];
  const runOrder = Math.min(...unfinished.map((action) => action.runOrder));
  return unfinished.filter((action) => action.runOrder === runOrder && statusIn(stage, action.key) === undefined);
}

function statusIn(stage: StageState, key: ActionKey): ActionStatus | undefined {
  const action = stage.actions.find((candidate) => candidate.key === key);
  return action === undefined ? undefined : actionStatus(action);
}

function isOver(status: ActionStatus | undefined): boolean {
  return status === 'Failed' || status === 'Abandoned';
}
