import type { BeforeEntry, OnFailure, OnSuccess, RuleDefinition } from '../../contract/pipeline-conditions.ts';
import type { ActionDefinition, PipelineDefinition } from '../../contract/pipeline-definition.ts';
import type { StageRetry } from '../../contract/pipeline-retry.ts';
import { type ActionKey, actionKey, ruleKey } from '../engine/ids.ts';
import type {
  ActionPlan,
  ApprovalPlan,
  ConditionPlace,
  ConditionPlan,
  ExecutionPlan,
  FailurePlan,
  RunnerLossPolicy,
  StageRetryPlan,
} from '../engine/plan.ts';
import type { ActionType } from './action-types.ts';
import { ruleAsAction, typeOf } from './placed.ts';

const DEFAULT_POOL = 'default';
const MINUTE_MS = 60_000;
const WAIT_MS = 7 * 24 * 60 * MINUTE_MS;

/** Turns a checked definition into what the engine runs: defaults filled in, durations in milliseconds. */
export function compile(definition: PipelineDefinition): ExecutionPlan {
  const approvals = approvalPlaces(definition);
  return {
    stages: definition.stages.map((stage, index) => {
      const { name, beforeEntry, onSuccess, onFailure } = stage;
      const failure = onFailure === undefined ? undefined : compileFailure(name, onFailure);
      return {
        name,
        actions: stage.actions.map((action) => {
          const isApproved = approvals.some(
            (approval) => approval.stage < index || (approval.stage === index && approval.runOrder < action.runOrder),
          );
          return compileAction(actionKey(name, action.name), action, isApproved);
        }),
        ...(beforeEntry === undefined ? {} : { beforeEntry: compileCondition(name, 'beforeEntry', beforeEntry) }),
        ...(onSuccess === undefined ? {} : { onSuccess: compileCondition(name, 'onSuccess', onSuccess) }),
        ...(failure === undefined ? {} : { onFailure: failure }),
      };
    }),
  };
}

function compileAction(key: ActionKey, action: ActionDefinition, isApproved: boolean): ActionPlan {
  const type = typeOf(action);
  if (type === undefined) throw new Error(`compiling an unchecked definition: ${key}`);
  const { namespace, region, roleArn } = action;
  const approval = compileApproval(action);
  return {
    key,
    name: action.name,
    type: type.key,
    carrier: type.carrier,
    runOrder: action.runOrder,
    configuration: action.configuration,
    commands: action.commands ?? [],
    environment: action.environment,
    ...(action.secrets === undefined ? {} : { secrets: action.secrets }),
    ...(action.identity === true ? { identity: true } : {}),
    inputs: action.inputs,
    outputs: action.outputs,
    outputVariables:
      type.carrier === 'runner' ? [...type.outputVariables.known, ...action.outputVariables] : action.outputVariables,
    ...(namespace === undefined ? {} : { namespace }),
    ...(region === undefined ? {} : { region }),
    ...(roleArn === undefined ? {} : { roleArn }),
    timeoutMs:
      action.timeoutMinutes === undefined ? type.timeoutMs.default : Math.round(action.timeoutMinutes * MINUTE_MS),
    retry: {
      attemptsMax: action.retry?.attempts ?? 1,
      backoffMs: (action.retry?.backoffSeconds ?? 0) * 1000,
      ...(action.retry?.on === undefined ? {} : { on: action.retry.on }),
    },
    onRunnerLoss: action.onRunnerLoss ?? lossPolicy(type, isApproved),
    ...(approval === undefined ? {} : { approval }),
    pool: action.pool ?? DEFAULT_POOL,
    labels: action.labels ?? [],
  };
}

function compileApproval({
  approvers,
  approvals,
  selfApproval,
  whenNewer,
}: ActionDefinition): ApprovalPlan | undefined {
  if ([approvers, approvals, selfApproval, whenNewer].every((member) => member === undefined)) return undefined;
  return {
    approvers: approvers ?? [],
    count: approvals ?? 1,
    self: selfApproval ?? true,
    ...(whenNewer === 'SUPERSEDE' ? { yields: true } : {}),
  };
}

function compileCondition(stage: string, place: ConditionPlace, condition: BeforeEntry | OnSuccess): ConditionPlan {
  const waitMinutes = 'waitMinutes' in condition ? condition.waitMinutes : undefined;
  return {
    rules: compileRules(stage, place, condition.rules),
    otherwise: condition.otherwise,
    waitMs: waitMinutes === undefined ? WAIT_MS : Math.round(waitMinutes * MINUTE_MS),
  };
}

function compileFailure(stage: string, { retry, rules, otherwise, result }: OnFailure): FailurePlan {
  const condition: ConditionPlan | undefined =
    rules === undefined
      ? undefined
      : { rules: compileRules(stage, 'onFailure', rules), otherwise: otherwise ?? 'ROLLBACK', waitMs: WAIT_MS };
  return {
    ...(retry === undefined ? {} : { retry: compileStageRetry(retry) }),
    ...(condition === undefined ? {} : { condition }),
    rollback: result === 'ROLLBACK',
  };
}

function compileStageRetry(retry: StageRetry): StageRetryPlan {
  if (typeof retry === 'string') return { mode: retry, retriesMax: 1, backoffMs: 0, on: [] };
  return {
    mode: retry.mode,
    retriesMax: retry.attempts - 1,
    backoffMs: retry.backoffSeconds * 1000,
    on: retry.on ?? [],
  };
}

/** A rule decides and changes nothing, so one whose runner is lost may simply be asked again. */
function compileRules(stage: string, place: ConditionPlace, rules: readonly RuleDefinition[]): readonly ActionPlan[] {
  return rules.map((rule) => compileAction(ruleKey(stage, place, rule.name), ruleAsAction(rule), false));
}

/** What a person had to approve is not repeated without a person; neither is anything that calls itself a deployment. */
function lossPolicy(type: ActionType, isApproved: boolean): RunnerLossPolicy {
  return type.category === 'Deploy' || isApproved ? 'hold' : 'retry';
}

function approvalPlaces(definition: PipelineDefinition): readonly { stage: number; runOrder: number }[] {
  return definition.stages.flatMap((stage, index) =>
    stage.actions
      .filter((action) => typeOf(action)?.carrier === 'person')
      .map(({ runOrder }) => ({ stage: index, runOrder })),
  );
}
