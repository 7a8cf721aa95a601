import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cancelAll,
  confirm,
  enter,
  type ExecutionMode,
  type Live,
  move,
  settle,
  type Tracks,
  withdraw,
} from '../../worker/engine/admission.ts';
import { actionKey, type ActionKey, type ExecutionId, ruleKey } from '../../worker/engine/ids.ts';
import type { ExecutionCommand } from '../../worker/engine/messages.ts';
import type { ExecutionState } from '../../worker/engine/model.ts';
import type {
  ActionPlan,
  ConditionPlace,
  ConditionResult,
  ExecutionPlan,
  StagePlan,
} from '../../worker/engine/plan.ts';
import type { Position } from '../../worker/engine/position.ts';
import { isTerminal } from '../../worker/engine/stages.ts';
import { step } from '../../worker/engine/step.ts';
import { nextWakeAt } from '../../worker/engine/timeouts.ts';
import { whyAdmission } from '../../worker/engine/why/admission.ts';
import { whyExecution } from '../../worker/engine/why/execution.ts';
import { whyAction, whyStage } from '../../worker/engine/why/part.ts';
import { leaves, type ReasonKind } from '../../worker/engine/why/reason.ts';
import { aCondition, anAction, anApproval, anOrigin, aPlan, aRule, T0 } from '../support/factories.ts';

/** Everything that does not move says why: no reachable wait is without a reason, an owner and a deadline. */

const STAGES = ['S0', 'S1', 'S2'];
const ACTIONS = ['a0', 'a1', 'a2'];

const anyAction = fc.record({
  carrier: fc.constantFrom('runner', 'worker', 'person' as const),
  runOrder: fc.integer({ min: 1, max: 2 }),
  timeoutMs: fc.integer({ min: 1_000, max: 100_000 }),
  retry: fc.record({ attemptsMax: fc.integer({ min: 1, max: 3 }), backoffMs: fc.integer({ min: 0, max: 5_000 }) }),
  onRunnerLoss: fc.constantFrom('retry', 'hold', 'fail' as const),
  approval: fc.record({
    approvers: fc.constantFrom([], ['p1', 'p2'], ['role:owner']),
    count: fc.integer({ min: 1, max: 2 }),
    self: fc.boolean(),
  }),
});

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const otherwise = (...results: readonly ConditionResult[]): fc.Arbitrary<ConditionResult> =>
  fc.constantFrom(...results);
const retryOfRules = fc.record({ attemptsMax: fc.constantFrom(1, 2), backoffMs: fc.constantFrom(0, 1_000) });

const anyStage = fc.record({
  actions: fc.array(anyAction, { minLength: 1, maxLength: 3 }),
  beforeEntry: maybe(otherwise('WAIT', 'WAIT', 'FAIL', 'SKIP')),
  onSuccess: maybe(otherwise('FAIL', 'ROLLBACK')),
  onFailure: maybe(otherwise('RETRY', 'ROLLBACK')),
  ruleRetry: retryOfRules,
  rules: fc.constantFrom(1, 2),
  stageRetry: maybe(fc.record({ retriesMax: fc.constantFrom(1, 2), backoffMs: fc.constantFrom(0, 10_000) })),
  waitMs: fc.constantFrom(1_000, 3_600_000),
});

const anyPlan: fc.Arbitrary<ExecutionPlan> = fc.array(anyStage, { minLength: 1, maxLength: 3 }).map((stages) => {
  const bare = aPlan(
    Object.fromEntries(stages.map(({ actions }, index) => [`S${index}`, actions.map(planOf)] as const)),
  );
  return {
    stages: bare.stages.map((stage, index): StagePlan => {
      const of = stages[index]!;
      const rules = ['r0', 'r1']
        .slice(0, of.rules)
        .map((name) => aRule(name, { retry: of.ruleRetry, timeoutMs: 60_000 }));
      const condition = (place: ConditionPlace, result: ConditionResult | undefined) =>
        result === undefined
          ? undefined
          : aCondition(stage.name, place, { rules, otherwise: result, waitMs: of.waitMs });
      const beforeEntry = condition('beforeEntry', of.beforeEntry);
      const onSuccess = condition('onSuccess', of.onSuccess);
      const onFailure = condition('onFailure', of.onFailure);
      const retry =
        of.stageRetry === undefined ? {} : { retry: { mode: 'FAILED_ACTIONS' as const, on: [], ...of.stageRetry } };
      return {
        ...stage,
        ...(beforeEntry === undefined ? {} : { beforeEntry }),
        ...(onSuccess === undefined ? {} : { onSuccess }),
        onFailure: { ...retry, ...(onFailure === undefined ? {} : { condition: onFailure }), rollback: false },
      };
    }),
  };
});

function planOf(
  { carrier, ...rest }: typeof anyAction extends fc.Arbitrary<infer T> ? T : never,
  index: number,
): ActionPlan {
  const { approval, ...others } = rest;
  const name = ACTIONS[index] ?? '';
  return carrier === 'person' ? anApproval(name, { ...others, approval }) : anAction(name, { ...others, carrier });
}

interface Move {
  readonly kind: number;
  readonly stage: number;
  readonly action: number;
  readonly attempt: number;
  readonly ms: number;
}
const anyMove: fc.Arbitrary<Move> = fc.record({
  kind: fc.nat(19),
  stage: fc.nat(2),
  action: fc.nat(4),
  attempt: fc.integer({ min: 1, max: 3 }),
  ms: fc.constantFrom(0, 1, 500, 5_000, 60_000, 200_000, 700_000_000),
});

/** Mostly about the attempt that is open, so that histories get somewhere. */
function commandOf(state: ExecutionState, move: Move, epoch: number): ExecutionCommand {
  const open = state.stages
    .flatMap((stage) => [...stage.actions, ...Object.values(stage.conditions ?? {}).flatMap(({ rules }) => rules)])
    .filter(({ attempts }) => attempts.length > 0 && attempts.at(-1)?.phase.kind !== 'Ended');
  const chosen = open[move.action % Math.max(open.length, 1)];
  const stage = STAGES[move.stage] ?? '';
  const action: ActionKey = chosen?.key ?? actionKey(stage, ACTIONS[move.action % 3] ?? '');
  const of = { action, attempt: chosen?.attempts.length ?? move.attempt };
  const by = `p${move.attempt}`;
  const commands: readonly ExecutionCommand[] = [
    { type: 'ReportSucceeded', ...of, variables: {}, artifacts: [] },
    { type: 'ReportSucceeded', ...of, variables: {}, artifacts: [] },
    { type: 'ReportSucceeded', ...of, variables: {}, artifacts: [] },
    {
      type: 'ReportSucceeded',
      action: ruleKey(stage, 'beforeEntry', 'r0'),
      attempt: move.attempt,
      variables: {},
      artifacts: [],
    },
    { type: 'ReportFailed', ...of, failure: { code: 'JobFailed', message: 'x' } },
    { type: 'ReportFailed', ...of, failure: { code: 'ConditionUnmet', message: 'shut' }, checkAfterMs: 30_000 },
    { type: 'ReportLost', ...of, reason: 'x' },
    { type: 'ReportClaimed', ...of, runner: 'r' },
    { type: 'ReportRunning', ...of, externalId: 'e', checkAfterMs: 1_000 },
    { type: 'ReportUnreachable', ...of },
    { type: 'Wake' },
    { type: 'Wake' },
    { type: 'AnswerApproval', action, result: 'Approved', summary: '', by, roles: ['owner'] },
    { type: 'ResolveHold', action, resolution: move.attempt === 3 ? 'Fail' : 'Retry', by },
    { type: 'Admit', epoch, through: move.stage },
    { type: 'RetryStage', stage, mode: move.attempt === 1 ? 'ALL_ACTIONS' : 'FAILED_ACTIONS', by },
    { type: 'OverrideCondition', stage, place: 'beforeEntry', by },
    { type: 'Resume', stage, by },
    move.attempt === 3
      ? { type: 'Cancel', by, reason: '' }
      : { type: 'Stop', abandon: move.attempt === 1, by, reason: '' },
    move.attempt === 3 ? { type: 'Supersede' } : { type: 'RefuseReturn', message: 'x' },
  ];
  return commands[move.kind] ?? { type: 'Wake' };
}

function checkReasons(state: ExecutionState, seen: Set<ReasonKind>): void {
  const reasons = whyExecution(state);
  if (isTerminal(state)) {
    expect(reasons).toEqual([]);
    return;
  }
  expect(reasons.length).toBeGreaterThan(0);
  for (const { kind } of reasons) seen.add(kind);
  for (const leaf of leaves(reasons)) {
    seen.add(leaf.kind);
    expect(leaf.owner).toBeTruthy();
    expect(leaf.deadline).toBeTypeOf('number');
    expect(leaf.until).not.toBe('');
    // The deadline is not just said: something wakes the execution by then.
    expect(nextWakeAt(state)).toBeLessThanOrEqual(leaf.deadline ?? 0);
  }
  for (const stage of state.stages) {
    expect(whyStage(state, stage.name)).toBeDefined();
    for (const { key } of stage.actions) {
      for (const leaf of leaves(whyAction(state, key) ?? [])) expect(leaf.deadline).toBeTypeOf('number');
    }
  }
}

/** Thousands of histories, on a machine that may be busy. Mutants are met by fewer: there are thousands of those, too. */
const TIMEOUT_MS = 60_000;
const RUNS = Number(process.env['RUNS'] ?? 2_000);

describe('why an execution waits', () => {
  it(
    'is known after every step of every history, down to somebody with a deadline',
    () => {
      const seen = new Set<ReasonKind>();
      fc.assert(
        fc.property(anyPlan, fc.array(anyMove, { maxLength: 60 }), fc.nat(3), (plan, moves, through) => {
          let at = T0;
          let epoch = 1;
          let state = step(
            undefined,
            { type: 'Begin', origin: anOrigin(plan), epoch, through: through - 1 },
            at,
          ).state!;
          checkReasons(state, seen);
          for (const move of moves) {
            at += move.ms;
            epoch = Math.max(epoch, state.admission.epoch) + 1;
            state = step(state, commandOf(state, move, epoch), at).state!;
            checkReasons(state, seen);
          }
        }),
        { numRuns: RUNS },
      );
      if (RUNS < 2_000) return;
      // The histories must have come to every kind of wait, or the proof would be about less than it says.
      expect([...seen].sort()).toEqual(
        [
          'AwaitingAdmission',
          'AwaitingApproval',
          'AwaitingRetry',
          'AwaitingStageRetry',
          'Cancelling',
          'EvaluatingCondition',
          'GateShut',
          'Held',
          'Queued',
          'Returning',
          'Running',
          'RunnerUnreachable',
          'Stopping',
        ].sort(),
      );
    },
    TIMEOUT_MS,
  );
});

interface Shift {
  readonly kind: number;
  readonly who: number;
  readonly stage: number;
}
const anyShift: fc.Arbitrary<Shift> = fc.record({ kind: fc.nat(11), who: fc.nat(30), stage: fc.nat(2) });

describe('why the pipeline lets an execution wait', () => {
  it(
    'is known for every row that waits, with whoever holds it up and a deadline',
    () => {
      const seen = new Set<ReasonKind>();
      const mode = fc.constantFrom<ExecutionMode>('SUPERSEDED', 'QUEUED', 'QUEUED', 'PARALLEL');
      fc.assert(
        fc.property(
          fc.array(mode, { minLength: 1, maxLength: 3 }),
          fc.array(anyShift, { maxLength: 60 }),
          (modes, shifts) => {
            let live: Live = [];
            let closed: ReadonlySet<string> = new Set();
            let number = 0;
            for (const [index, { kind, who, stage }] of shifts.entries()) {
              const at = T0 + index;
              const tracks: Tracks = { closed, entered: {} };
              const row = live[who % Math.max(live.length, 1)];
              const name = STAGES[stage] ?? '';
              if (kind <= 2 || row === undefined) {
                number += 1;
                const id = `e${number}` as ExecutionId;
                const born = { id, number, stages: STAGES, mode: modes[number % modes.length] ?? 'QUEUED' };
                const back = kind === 1 ? { at: stage, last: stage, isRollback: true as const } : {};
                const returning = kind === 2 ? { at: stage, epoch: 3, step: 5, isReturning: true as const } : {};
                live = enter(live, { ...born, ...back, ...returning }, tracks, at);
              } else if (kind === 3) {
                closed = new Set(closed.has(name) ? [...closed].filter((one) => one !== name) : [...closed, name]);
                live = settle(live, { ...tracks, closed }, at);
              } else if (kind === 4) {
                live = withdraw(live, row.id, 'Stopped', tracks, at) ?? live;
              } else if (kind === 5 && who === 0) {
                live = cancelAll(live, tracks, at);
              } else if (row.waiting && row.ending === undefined) {
                const isReady = kind === 6;
                const position: Position = { step: row.step + 1, kind: 'Waiting', stage: row.at, isReady };
                if (kind <= 7) live = move(live, row.id, position, tracks, at);
              } else {
                const last = row.last ?? STAGES.length - 1;
                const next = Math.min(row.at + 1, row.through);
                const position: Position =
                  kind === 8
                    ? { step: row.step + 1, kind: 'Ended', status: 'Succeeded', entered: [], succeeded: [] }
                    : kind <= 9 || row.at >= last
                      ? { step: row.step + 1, kind: 'In', stage: next }
                      : {
                          step: row.step + 1,
                          kind: 'Waiting',
                          stage: row.at + 1,
                          isReady: true,
                        };
                live =
                  kind === 9
                    ? confirm(live, row.id, { epoch: row.epoch, position }, tracks, at)
                    : move(live, row.id, position, tracks, at);
              }
              const transitions = Object.fromEntries(
                [...closed].map((one) => [one, { by: 'ada', at: T0, reason: '' }]),
              );
              for (const waiting of live.filter((one) => one.waiting && one.ending === undefined)) {
                const reasons = whyAdmission({ pipeline: 'shop', live, transitions }, waiting);
                expect(reasons.length).toBeGreaterThan(0);
                for (const leaf of leaves(reasons)) {
                  seen.add(leaf.kind);
                  expect(leaf.holder).toBeDefined();
                  expect(leaf.deadline).toBeTypeOf('number');
                }
              }
            }
          },
        ),
        { numRuns: RUNS },
      );
      if (RUNS < 2_000) return;
      expect([...seen].sort()).toEqual(['AtGate', 'Behind', 'GrantUnconfirmed', 'StageHeld', 'TransitionDisabled']);
    },
    TIMEOUT_MS,
  );
});
