import type { ActionKey } from './ids.ts';
import type { ActionState, ActionStatus, Attempt, ConditionState, ExecutionState, StageState } from './model.ts';
import type { ActionPlan, ConditionPlace, ConditionPlan, StagePlan } from './plan.ts';

/** Questions about the state that more than one of decide, advance and view ask. */

/** Nothing can happen to it any more, unless somebody orders it to come back. */
export function isTerminal(state: ExecutionState): boolean {
  return state.endedAt !== undefined && state.returning === undefined;
}

/** Undefined until the action is reached in this run of its stage. */
export function currentAttempt(action: ActionState): Attempt | undefined {
  const last = action.attempts.at(-1);
  return last === undefined || last.number <= (action.previous ?? 0) ? undefined : last;
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

export function firstStage(state: ExecutionState): number {
  return state.span?.first ?? 0;
}

export function lastStage(state: ExecutionState): number {
  return state.span?.last ?? state.plan.stages.length - 1;
}

export const conditionPlaces: readonly ConditionPlace[] = ['beforeEntry', 'onSuccess', 'onFailure'];

export function conditionPlan(plan: StagePlan, place: ConditionPlace): ConditionPlan | undefined {
  return place === 'onFailure' ? plan.onFailure?.condition : plan[place];
}

export function conditionState(stage: StageState, place: ConditionPlace): ConditionState | undefined {
  return stage.conditions?.[place];
}

/** The gate in front of the stage that the execution is in front of. A rollback does not wait for gates. */
export function gatePlan(state: ExecutionState, plan: StagePlan): ConditionPlan | undefined {
  return state.kind !== 'ROLLBACK' && plan.beforeEntry?.otherwise === 'WAIT' ? plan.beforeEntry : undefined;
}

export interface LocatedAction {
  readonly stage: number;
  /** Set for the rule of a condition. */
  readonly place?: ConditionPlace;
  readonly plan: ActionPlan;
  readonly action: ActionState;
}

export function findAction(state: ExecutionState, key: ActionKey): LocatedAction | undefined {
  for (const [index, stage] of state.stages.entries()) {
    const stagePlan = state.plan.stages[index];
    if (stagePlan === undefined) continue;
    const action = stage.actions.find((candidate) => candidate.key === key);
    const plan = stagePlan.actions.find((candidate) => candidate.key === key);
    if (action !== undefined && plan !== undefined) return { stage: index, plan, action };
    for (const place of conditionPlaces) {
      const rule = conditionState(stage, place)?.rules.find((candidate) => candidate.key === key);
      const rulePlan = conditionPlan(stagePlan, place)?.rules.find((candidate) => candidate.key === key);
      if (rule !== undefined && rulePlan !== undefined) return { stage: index, place, plan: rulePlan, action: rule };
    }
  }
  return undefined;
}

/** All that can have an attempt in this stage: its actions and the rules of its conditions. */
export function everyAction(stage: StageState): readonly ActionState[] {
  const rules = Object.values(stage.conditions ?? {}).flatMap((condition) => condition.rules);
  return rules.length === 0 ? stage.actions : [...stage.actions, ...rules];
}

/** The actions that may start now: the lowest run order that has not succeeded, as far as it has not been started. */
export function readyActions(plan: StagePlan, stage: StageState): readonly ActionPlan[] {
  const unfinished = plan.actions.filter((action) => statusIn(stage, action.key) !== 'Succeeded');
  const hasFailed = unfinished.some((action) => isOver(statusIn(stage, action.key)));
  const runOrder = Math.min(...unfinished.map((action) => action.runOrder));
  return unfinished.filter(
    (action) =>
      action.runOrder === runOrder &&
      statusIn(stage, action.key) === undefined &&
      // Beside one that has failed, only what somebody wants to run again.
      (!hasFailed || isRunAgain(stage, action.key)),
  );
}

function isRunAgain(stage: StageState, key: ActionKey): boolean {
  return (stage.actions.find((candidate) => candidate.key === key)?.previous ?? 0) > 0;
}

/** The actions of the stage that a retry of the failed ones would run again. */
export function failedActions(stage: StageState): readonly ActionKey[] {
  return stage.actions.filter((action) => isOver(actionStatus(action))).map(({ key }) => key);
}

function statusIn(stage: StageState, key: ActionKey): ActionStatus | undefined {
  const action = stage.actions.find((candidate) => candidate.key === key);
  return action === undefined ? undefined : actionStatus(action);
}

function isOver(status: ActionStatus | undefined): boolean {
  return status === 'Failed' || status === 'Abandoned';
}

/** Nothing has run in the stage yet but approvals that make way for newer executions, and they are not answered. */
export function mayYield(state: ExecutionState): boolean {
  const { plan, stage } = currentStage(state);
  if (state.stop !== undefined || stage.status !== 'InProgress') return false;
  const begun = stage.actions.filter((action) => action.attempts.length > 0);
  return (
    begun.length > 0 &&
    begun.every((action) => {
      const policy = plan.actions.find(({ key }) => key === action.key)?.approval;
      return policy?.yields === true && currentAttempt(action)?.phase.kind === 'AwaitingApproval';
    })
  );
}
