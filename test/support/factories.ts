import { actionKey, ruleKey, type ExecutionId, type PipelineId, type TenantId } from '../../worker/engine/ids.ts';
import type { Origin } from '../../worker/engine/model.ts';
import type { ActionPlan, ConditionPlace, ConditionPlan, ExecutionPlan } from '../../worker/engine/plan.ts';

export const MINUTE = 60_000;
export const T0 = Date.UTC(2026, 0, 5, 9, 0, 0);

type ActionOverrides = Partial<Omit<ActionPlan, 'key' | 'name'>>;

export function anAction(name: string, overrides: ActionOverrides = {}): ActionPlan {
  return {
    key: actionKey('?', name),
    name,
    type: 'Compute/Commands',
    carrier: 'runner',
    runOrder: 1,
    configuration: {},
    commands: ['true'],
    environment: {},
    inputs: [],
    outputs: [],
    outputVariables: [],
    timeoutMs: 20 * MINUTE,
    retry: { attemptsMax: 1, backoffMs: 0 },
    onRunnerLoss: 'retry',
    pool: 'default',
    labels: [],
    ...overrides,
  };
}

export function anApproval(name: string, overrides: ActionOverrides = {}): ActionPlan {
  return anAction(name, { type: 'Approval/Manual', carrier: 'person', commands: [], ...overrides });
}

/** Stages by name, each with its actions; the keys follow from the place. */
export function aPlan(stages: Readonly<Record<string, readonly ActionPlan[]>>): ExecutionPlan {
  return {
    stages: Object.entries(stages).map(([name, actions]) => ({
      name,
      actions: actions.map((action) => ({ ...action, key: actionKey(name, action.name) })),
    })),
  };
}

/** A condition of the stage; the keys of its rules follow from the place. */
export function aCondition(stage: string, place: ConditionPlace, of: Partial<ConditionPlan> = {}): ConditionPlan {
  const { rules = [aRule('rule')], otherwise = 'FAIL', waitMs = 60 * MINUTE } = of;
  return { rules: rules.map((rule) => ({ ...rule, key: ruleKey(stage, place, rule.name) })), otherwise, waitMs };
}

export function aRule(name: string, overrides: ActionOverrides = {}): ActionPlan {
  return anAction(name, { type: 'Rule/Any', carrier: 'worker', commands: [], ...overrides });
}

export function anOrigin(plan: ExecutionPlan, overrides: Partial<Origin> = {}): Origin {
  return {
    tenant: 'tenant-a' as TenantId,
    id: 'exec-1' as ExecutionId,
    pipeline: { id: 'pipe-1' as PipelineId, name: 'web-shop', version: 1 },
    number: 1,
    plan,
    trigger: { type: 'StartPipelineExecution', by: 'ada' },
    variables: {},
    revisions: {},
    ...overrides,
  };
}
