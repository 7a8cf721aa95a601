import type { ExecutionId } from '../../worker/engine/ids.ts';
import type { Origin } from '../../worker/engine/model.ts';
import type {
  ActionPlan,
  ConditionPlace,
  ConditionPlan,
  ConditionResult,
  FailurePlan,
  StagePlan,
} from '../../worker/engine/plan.ts';
import { aCondition, anAction, anApproval, anOrigin, aPlan, aRule } from '../support/factories.ts';
import type { Chance } from './world.ts';

const HOUR = 60 * 60_000;

/** What an execution may be born with, as the dice fall: every member of a plan that decides anything. */
export function anyOrigin(chance: Chance): Origin {
  const count = chance.whole(1, 3);
  const stages = Array.from({ length: count }, (_, index) => anyStage(chance, `S${index}`));
  const isRollback = chance.is(0.08);
  const first = isRollback || chance.is(0.08) ? chance.whole(0, count - 1) : undefined;
  const last = isRollback ? first : chance.whole(first ?? 0, count - 1);
  return anOrigin(
    { stages },
    {
      trigger: { type: 'StartPipelineExecution', by: 'p1', ...(chance.is(0.3) ? { actor: 'ada@example.com' } : {}) },
      ...(isRollback
        ? { kind: 'ROLLBACK' as const, rollback: { stage: `S${first ?? 0}`, target: 'earlier' as ExecutionId } }
        : {}),
      ...(first === undefined || last === undefined ? {} : { span: { first, last } }),
      ...(chance.is(0.1) ? { caller: { execution: 'caller', action: 'S/a', attempt: 1, depth: 1 } as never } : {}),
    },
  );
}

function anyStage(chance: Chance, name: string): StagePlan {
  const actions = Array.from({ length: chance.whole(1, 3) }, (_, index) => anyAction(chance, `a${index}`));
  const [plan] = aPlan({ [name]: actions }).stages;
  if (plan === undefined) throw new Error('no stage');
  return {
    ...plan,
    ...(chance.is(0.3)
      ? { beforeEntry: anyCondition(chance, name, 'beforeEntry', ['FAIL', 'SKIP', 'WAIT', 'WAIT']) }
      : {}),
    ...(chance.is(0.2) ? { onSuccess: anyCondition(chance, name, 'onSuccess', ['FAIL', 'ROLLBACK']) } : {}),
    ...(chance.is(0.5) ? { onFailure: anyFailure(chance, name) } : {}),
  };
}

function anyAction(chance: Chance, name: string): ActionPlan {
  const common = {
    runOrder: chance.whole(1, 3),
    timeoutMs: chance.of([1_000, 60_000, 20 * 60_000]),
    retry: {
      attemptsMax: chance.whole(1, 3),
      backoffMs: chance.of([0, 0, 1_000, HOUR]),
      ...(chance.is(0.2) ? { on: [chance.of(['JobFailed', 'TimedOut'] as const)] } : {}),
    },
    onRunnerLoss: chance.of(['retry', 'hold', 'fail'] as const),
    // Now and then an action asks for what nobody makes, or not in time.
    inputs: chance.is(0.04) ? [chance.of(['nowhere', 'o0', 'o1'])] : [],
    outputs: chance.is(0.15) ? [{ name: chance.of(['o0', 'o1']), files: [] }] : [],
    outputVariables: chance.is(0.5) ? ['V'] : [],
    ...(chance.is(0.15) ? { namespace: chance.of(['n0', 'n1']) } : {}),
    configuration: chance.is(0.04) ? { Text: chance.of(['#{n0.V}', '#{n1.V}', '#{n0.W}']) } : {},
  };
  if (chance.is(0.25)) {
    const approvers = chance.of([[], [], [], ['p1', 'p2'], ['role:owner'], ['ada@example.com']]);
    const yielding = chance.is(0.4) ? { yields: true as const } : {};
    return anApproval(name, {
      ...common,
      ...(chance.is(0.7)
        ? { approval: { approvers, count: chance.whole(1, 2), self: chance.is(0.7), ...yielding } }
        : {}),
    });
  }
  return anAction(name, { ...common, carrier: chance.is(0.6) ? 'runner' : 'worker' });
}

function anyCondition(
  chance: Chance,
  stage: string,
  place: ConditionPlace,
  results: readonly ConditionResult[],
): ConditionPlan {
  const rules = Array.from({ length: chance.whole(1, 2) }, (_, index) =>
    aRule(`r${index}`, {
      timeoutMs: 60_000,
      carrier: chance.is(0.8) ? 'worker' : 'runner',
      onRunnerLoss: chance.of(['retry', 'fail'] as const),
      retry: { attemptsMax: chance.whole(1, 2), backoffMs: chance.of([0, 1_000]) },
    }),
  );
  return aCondition(stage, place, { otherwise: chance.of(results), rules, waitMs: chance.of([60_000, 12 * HOUR]) });
}

function anyFailure(chance: Chance, stage: string): FailurePlan {
  const retry = {
    mode: chance.of(['FAILED_ACTIONS', 'ALL_ACTIONS'] as const),
    retriesMax: chance.whole(1, 2),
    backoffMs: chance.of([0, 1_000, 2 * HOUR]),
    on: chance.of([[], [], ['JobFailed' as const], ['ConfigurationError' as const, 'Rejected' as const]]),
  };
  return {
    rollback: chance.is(0.4),
    ...(chance.is(0.5) ? { retry } : {}),
    ...(chance.is(0.4) ? { condition: anyCondition(chance, stage, 'onFailure', ['RETRY', 'ROLLBACK']) } : {}),
  };
}
