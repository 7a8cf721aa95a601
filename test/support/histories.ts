import fc from 'fast-check';
import type { ExecutionCommand } from '../../worker/engine/messages.ts';
import type {
  ActionPlan,
  ConditionPlace,
  ConditionPlan,
  ExecutionPlan,
  StagePlan,
} from '../../worker/engine/plan.ts';
import type { ExecutionState } from '../../worker/engine/model.ts';
import { currentAttempt, everyAction } from '../../worker/engine/stages.ts';
import { aCondition, anAction, anApproval, aPlan, aRule } from './factories.ts';

/** Random plans under random histories: late, repeated, stale and plainly wrong messages in any order. */

const anyAction = fc.record({
  carrier: fc.constantFrom('runner', 'worker', 'person' as const),
  runOrder: fc.integer({ min: 1, max: 3 }),
  timeoutMs: fc.integer({ min: 1_000, max: 100_000 }),
  retry: fc.record({ attemptsMax: fc.integer({ min: 1, max: 3 }), backoffMs: fc.integer({ min: 0, max: 5_000 }) }),
  onRunnerLoss: fc.constantFrom('retry', 'hold', 'fail' as const),
  approvals: fc.integer({ min: 1, max: 2 }),
  // Now and then an action asks for what nobody makes.
  inputs: fc.oneof(
    { weight: 19, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.constant(['nowhere']) },
  ),
});

const anyCondition = (results: readonly ConditionPlan['otherwise'][]) =>
  fc.option(
    fc.record({
      otherwise: fc.constantFrom(...results),
      rules: fc.integer({ min: 1, max: 2 }),
      waitMs: fc.integer({ min: 60_000, max: 50_000_000 }),
    }),
    { nil: undefined, freq: 2 },
  );

const anyStage = fc.record({
  actions: fc.array(anyAction, { minLength: 1, maxLength: 3 }),
  beforeEntry: anyCondition(['FAIL', 'SKIP', 'WAIT', 'WAIT']),
  onSuccess: anyCondition(['FAIL', 'ROLLBACK']),
  onFailure: anyCondition(['RETRY', 'ROLLBACK']),
  retry: fc.option(
    fc.record({
      mode: fc.constantFrom('FAILED_ACTIONS', 'ALL_ACTIONS' as const),
      retriesMax: fc.integer({ min: 1, max: 2 }),
      backoffMs: fc.constantFrom(0, 1_000),
      on: fc.constantFrom([], ['JobFailed' as const]),
    }),
    { nil: undefined, freq: 3 },
  ),
  rollback: fc.boolean(),
});
type AnyStage = typeof anyStage extends fc.Arbitrary<infer T> ? T : never;

export const anyPlan: fc.Arbitrary<ExecutionPlan> = fc
  .array(anyStage, { minLength: 1, maxLength: 3 })
  .map((stages) => ({ stages: stages.map(stageOf) }));

function stageOf(stage: AnyStage, index: number): StagePlan {
  const name = `S${index}`;
  const actions = stage.actions.map(({ carrier, approvals, ...rest }, at): ActionPlan => {
    const approval = { approvers: [], count: approvals, self: true, ...(at === 0 ? { yields: true as const } : {}) };
    return carrier === 'person'
      ? anApproval(`a${at}`, { ...rest, approval })
      : anAction(`a${at}`, { ...rest, carrier });
  });
  const [plan] = aPlan({ [name]: actions }).stages;
  if (plan === undefined) throw new Error('no stage');
  const { beforeEntry, onSuccess, onFailure, retry, rollback } = stage;
  return {
    ...plan,
    ...(beforeEntry === undefined ? {} : { beforeEntry: conditionOf(name, 'beforeEntry', beforeEntry) }),
    ...(onSuccess === undefined ? {} : { onSuccess: conditionOf(name, 'onSuccess', onSuccess) }),
    onFailure: {
      rollback,
      ...(retry === undefined ? {} : { retry }),
      ...(onFailure === undefined ? {} : { condition: conditionOf(name, 'onFailure', onFailure) }),
    },
  };
}

function conditionOf(
  stage: string,
  place: ConditionPlace,
  of: { readonly otherwise: ConditionPlan['otherwise']; readonly rules: number; readonly waitMs: number },
): ConditionPlan {
  const rules = Array.from({ length: of.rules }, (_, index) => aRule(`r${index}`, { timeoutMs: 60_000 }));
  return aCondition(stage, place, { ...of, rules });
}

export type Move = {
  readonly kind: number;
  readonly stage: number;
  readonly action: number;
  readonly place: ConditionPlace | 'action';
  readonly attempt: number;
  readonly ms: number;
  /** Means what is going on just now, whatever the other members say. */
  readonly isAimed: boolean;
};

const SOME: Move = { kind: 0, stage: 0, action: 0, place: 'action', attempt: 1, ms: 0, isAimed: false };

export const anyMove: fc.Arbitrary<Move> = fc.record({
  kind: fc.nat(commandsOf(SOME, 1).length - 1),
  stage: fc.nat(2),
  action: fc.nat(2),
  place: fc.constantFrom(
    'action',
    'action',
    'action',
    'beforeEntry',
    'beforeEntry',
    'onSuccess',
    'onFailure' as const,
  ),
  attempt: fc.integer({ min: 1, max: 3 }),
  ms: fc.constantFrom(0, 0, 0, 1, 1, 500, 5_000, 60_000, 200_000, 700_000_000),
  isAimed: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});

export function commandOf(move: Move, epoch: number, state: ExecutionState | undefined): ExecutionCommand {
  return commandsOf(move, epoch, move.isAimed ? state : undefined)[move.kind] ?? { type: 'Wake' };
}

function commandsOf(move: Move, epoch: number, state?: ExecutionState): readonly ExecutionCommand[] {
  const stage = state === undefined ? `S${move.stage}` : (state.stages[state.admission.stage]?.name ?? '');
  const key = move.place === 'action' ? `${stage}/a${move.action}` : `${stage}/${move.place}~r${move.action % 2}`;
  const of = openAttempt(move, state) ?? { action: key as never, attempt: move.attempt };
  const by = 'p';
  const place = move.place === 'action' ? 'beforeEntry' : move.place;
  const unmet = { code: 'ConditionUnmet', message: 'x' } as const;
  return [
    { type: 'ReportSucceeded', ...of, variables: {}, artifacts: [] },
    { type: 'ReportSucceeded', ...of, variables: {}, artifacts: [] },
    { type: 'ReportSucceeded', ...of, variables: {}, artifacts: [] },
    { type: 'ReportFailed', ...of, failure: { code: 'JobFailed', message: 'x' } },
    { type: 'ReportFailed', ...of, failure: unmet, checkAfterMs: 5_000 },
    { type: 'ReportFailed', ...of, failure: { code: 'SystemUnavailable', message: 'x' } },
    { type: 'ReportLost', ...of, reason: 'x' },
    { type: 'ReportCancelled', ...of },
    { type: 'ReportClaimed', ...of, runner: 'r' },
    { type: 'ReportRunning', ...of, externalId: 'e', checkAfterMs: 1_000 },
    { type: 'ReportUnreachable', ...of },
    { type: 'ReportReachable', ...of },
    { type: 'ReportDue', ...of },
    { type: 'Wake' },
    { type: 'Wake' },
    {
      type: 'AnswerApproval',
      action: of.action,
      result: move.attempt === 3 ? 'Rejected' : 'Approved',
      summary: '',
      by: `p${move.attempt}`,
    },
    { type: 'ResolveHold', action: of.action, resolution: move.attempt === 3 ? 'Fail' : 'Retry', by },
    { type: 'Admit', epoch, through: move.stage },
    { type: 'Admit', epoch, through: move.stage },
    { type: 'Admit', epoch, through: 9 },
    { type: 'Admit', epoch, through: 9 },
    move.attempt === 3 ? { type: 'Supersede' } : { type: 'Stop', abandon: move.attempt === 1, by, reason: '' },
    move.attempt === 3 ? { type: 'Cancel', by, reason: '' } : { type: 'RefuseReturn', message: 'x' },
    { type: 'RetryStage', stage, mode: move.attempt === 3 ? 'ALL_ACTIONS' : 'FAILED_ACTIONS', by },
    { type: 'RetryStage', stage, mode: 'FAILED_ACTIONS', by, ...(move.attempt === 3 ? { action: of.action } : {}) },
    { type: 'Resume', stage, by },
    { type: 'Yield' },
    { type: 'Resume', stage: 'S0', by },
    { type: 'OverrideCondition', stage, place, by },
    { type: 'OverrideCondition', stage, place, by },
    { type: 'ReportRollback', stage: move.stage, result: { kind: 'Refused', message: 'x' } },
  ];
}

function openAttempt(move: Move, state: ExecutionState | undefined) {
  const open = (state?.stages ?? []).flatMap(everyAction).flatMap((action) => {
    const attempt = currentAttempt(action);
    return attempt === undefined || attempt.phase.kind === 'Ended'
      ? []
      : [{ action: action.key, attempt: attempt.number }];
  });
  return open[move.action % Math.max(open.length, 1)];
}
