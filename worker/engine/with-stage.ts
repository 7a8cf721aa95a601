import type { ActionState, ConditionState, ExecutionState, StageState } from './model.ts';
import type { ConditionPlace, StagePlan } from './plan.ts';
import { conditionPlan, conditionState } from './stages.ts';

/** The state with one stage, or one condition of a stage, changed. */
export function withStage(
  state: ExecutionState,
  index: number,
  change: (stage: StageState, plan: StagePlan) => StageState,
): ExecutionState {
  const plan = state.plan.stages[index];
  if (plan === undefined) throw new Error(`no stage ${index}`);
  return { ...state, stages: state.stages.map((stage, at) => (at === index ? change(stage, plan) : stage)) };
}

export function withCondition(
  stage: StageState,
  place: ConditionPlace,
  plan: StagePlan,
  change: (condition: ConditionState) => ConditionState,
): StageState {
  const rules = conditionPlan(plan, place)?.rules ?? [];
  const known = conditionState(stage, place) ?? {
    rules: rules.map(({ key, name }): ActionState => ({ key, name, attempts: [] })),
  };
  return { ...stage, conditions: { ...stage.conditions, [place]: change(known) } };
}
