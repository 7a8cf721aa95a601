import type { RuleDefinition } from '../../contract/pipeline-conditions.ts';
import type { ActionDefinition, PipelineDefinition, StageDefinition } from '../../contract/pipeline-definition.ts';
import type { ConditionPlace } from '../engine/plan.ts';
import { type ActionType, actionType } from './action-types.ts';

/** An action, or a rule seen as one, with its place in the pipeline's course. */
export interface Placed {
  readonly action: ActionDefinition;
  readonly kind: 'action' | 'rule';
  readonly type: ActionType | undefined;
  readonly path: string;
  readonly stage: number;
  /** Within the stage: rules of `beforeEntry` come before every action, those of the other conditions after. */
  readonly order: number;
}

export const PLACES: readonly ConditionPlace[] = ['beforeEntry', 'onSuccess', 'onFailure'];

export function typeName({ type, commands }: ActionDefinition): string | undefined {
  return type ?? (commands === undefined ? undefined : 'Compute/Commands');
}

export function typeOf(action: ActionDefinition): ActionType | undefined {
  const name = typeName(action);
  return name === undefined ? undefined : actionType(name);
}

/** A rule has fewer members than an action, and is carried out like one. */
export function ruleAsAction({
  type,
  configuration,
  environment,
  inputs,
  ...rule
}: RuleDefinition): ActionDefinition {
  const named = type ?? (rule.commands === undefined ? undefined : 'Rule/Commands');
  return {
    ...rule,
    ...(named === undefined ? {} : { type: named }),
    runOrder: 1,
    configuration: configuration ?? {},
    environment: environment ?? {},
    inputs: inputs ?? [],
    outputs: [],
    outputVariables: [],
  };
}

export function rulesIn(stage: StageDefinition, place: ConditionPlace): readonly RuleDefinition[] {
  return stage[place]?.rules ?? [];
}

export function inRunningOrder({ stages }: PipelineDefinition): readonly Placed[] {
  return stages
    .flatMap((stage, index) => placedIn(stage, index))
    .sort((one, other) => one.stage - other.stage || one.order - other.order);
}

function placedIn(stage: StageDefinition, index: number): readonly Placed[] {
  const actions = stage.actions.map((action, at): Placed => ({
    action,
    kind: 'action',
    type: typeOf(action),
    path: `stages[${index}].actions[${at}]`,
    stage: index,
    order: action.runOrder,
  }));
  const rules = PLACES.flatMap((place) =>
    rulesIn(stage, place).map((rule, at): Placed => {
      const action = ruleAsAction(rule);
      return {
        action,
        kind: 'rule',
        type: typeOf(action),
        path: `stages[${index}].${place}.rules[${at}]`,
        stage: index,
        order: place === 'beforeEntry' ? 0 : Number.MAX_SAFE_INTEGER,
      };
    }),
  );
  return [...actions, ...rules];
}

/** Is the producer sure to have run when the consumer begins? */
export function runsBefore(producer: Placed, consumer: Placed): boolean {
  return producer.stage === consumer.stage ? producer.order < consumer.order : producer.stage < consumer.stage;
}
