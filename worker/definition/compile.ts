import type { ActionDefinition, PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { actionKey } from '../engine/ids.ts';
import type { ActionPlan, ExecutionPlan, RunnerLossPolicy } from '../engine/plan.ts';
import { type ActionType, actionType } from './action-types.ts';
import { typeKey } from './rules.ts';

const DEFAULT_POOL = 'default';

/** Turns a checked definition into what the engine runs: defaults filled in, durations in milliseconds. */
export function compile(definition: PipelineDefinition): ExecutionPlan {
  const approvals = approvalPlaces(definition);
  return {
    stages: definition.stages.map((stage, index) => ({
      name: stage.name,
      actions: stage.actions.map((action) => {
        const isApproved = approvals.some(
          (approval) => approval.stage < index || (approval.stage === index && approval.runOrder < action.runOrder),
        );
        return compileAction(stage.name, action, isApproved);
      }),
    })),
  };
}

function compileAction(stage: string, action: ActionDefinition, isApproved: boolean): ActionPlan {
  const type = actionType(typeKey(action) ?? '');
  if (type === undefined) throw new Error(`compiling an unchecked definition: ${stage}/${action.name}`);
  return {
    key: actionKey(stage, action.name),
    name: action.name,
    type: type.key,
    carrier: type.carrier,
    runOrder: action.runOrder,
    configuration: action.configuration,
    commands: action.commands ?? [],
    environment: action.environment,
    inputs: action.inputs,
    outputs: action.outputs,
    outputVariables: action.outputVariables,
    ...(action.namespace === undefined ? {} : { namespace: action.namespace }),
    timeoutMs:
      action.timeoutMinutes === undefined ? type.timeoutMs.default : Math.round(action.timeoutMinutes * 60_000),
    retry: {
      attemptsMax: action.retry?.attempts ?? 1,
      backoffMs: (action.retry?.backoffSeconds ?? 0) * 1000,
    },
    onRunnerLoss: action.onRunnerLoss ?? lossPolicy(type, isApproved),
    pool: action.pool ?? DEFAULT_POOL,
    labels: action.labels ?? [],
  };
}

/** What a person had to approve is not repeated without a person; neither is anything that calls itself a deployment. */
function lossPolicy(type: ActionType, isApproved: boolean): RunnerLossPolicy {
  return type.category === 'Deploy' || isApproved ? 'hold' : 'retry';
}

function approvalPlaces(definition: PipelineDefinition): readonly { stage: number; runOrder: number }[] {
  return definition.stages.flatMap((stage, index) =>
    stage.actions
      .filter((action) => actionType(typeKey(action) ?? '')?.carrier === 'person')
      .map(({ runOrder }) => ({ stage: index, runOrder })),
  );
}
