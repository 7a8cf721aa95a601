import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExecutionCommand, ExecutionEvent } from '../../worker/engine/messages.ts';
import type { ExecutionState } from '../../worker/engine/model.ts';
import type { ActionPlan, ExecutionPlan } from '../../worker/engine/plan.ts';
import { evolve } from '../../worker/engine/evolve.ts';
import { actionStatus, isTerminal } from '../../worker/engine/stages.ts';
import { step } from '../../worker/engine/step.ts';
import { nextWakeAt } from '../../worker/engine/timeouts.ts';
import { executionView } from '../../worker/engine/view.ts';
import { aPlan, anAction, anApproval, anOrigin, T0 } from '../support/factories.ts';

/** Random plans under random histories: late, repeated, stale and plainly wrong messages in any order. */

const anyAction = fc.record({
  carrier: fc.constantFrom('runner', 'worker', 'person' as const),
  runOrder: fc.integer({ min: 1, max: 3 }),
  timeoutMs: fc.integer({ min: 1_000, max: 100_000 }),
  retry: fc.record({ attemptsMax: fc.integer({ min: 1, max: 3 }), backoffMs: fc.integer({ min: 0, max: 5_000 }) }),
  onRunnerLoss: fc.constantFrom('retry', 'hold', 'fail' as const),
});

const anyPlan: fc.Arbitrary<ExecutionPlan> = fc
  .array(fc.array(anyAction, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
  .map((stages) =>
    aPlan(
      Object.fromEntries(
        stages.map((actions, index) => [
          `S${index}`,
          actions.map(({ carrier, ...rest }, at): ActionPlan => {
            const name = `a${at}`;
            return carrier === 'person' ? anApproval(name, rest) : anAction(name, { ...rest, carrier });
          }),
        ]),
      ),
    ),
  );

type Move = {
  readonly kind: number;
  readonly stage: number;
  readonly action: number;
  readonly attempt: number;
  readonly ms: number;
};
const anyMove: fc.Arbitrary<Move> = fc.record({
  kind: fc.integer({ min: 0, max: 15 }),
  stage: fc.nat(2),
  action: fc.nat(2),
  attempt: fc.integer({ min: 1, max: 3 }),
  ms: fc.constantFrom(0, 1, 500, 5_000, 60_000, 200_000, 700_000_000),
});

function commandOf(move: Move, epoch: number): ExecutionCommand {
  const of = { action: `S${move.stage}/a${move.action}` as never, attempt: move.attempt };
  const commands: readonly ExecutionCommand[] = [
    { type: 'ReportSucceeded', ...of, variables: {}, artifacts: [] },
    { type: 'ReportSucceeded', ...of, variables: {}, artifacts: [] },
    { type: 'ReportSucceeded', ...of, variables: {}, artifacts: [] },
    { type: 'ReportFailed', ...of, failure: { code: 'JobFailed', message: 'x' } },
    { type: 'ReportLost', ...of, reason: 'x' },
    { type: 'ReportCancelled', ...of },
    { type: 'ReportClaimed', ...of, runner: 'r' },
    { type: 'ReportRunning', ...of, externalId: 'e', checkAfterMs: 1_000 },
    { type: 'ReportUnreachable', ...of },
    { type: 'ReportReachable', ...of },
    { type: 'Wake' },
    { type: 'Wake' },
    {
      type: 'AnswerApproval',
      action: of.action,
      result: move.attempt === 3 ? 'Rejected' : 'Approved',
      summary: '',
      by: 'p',
    },
    { type: 'ResolveHold', action: of.action, resolution: move.attempt === 3 ? 'Fail' : 'Retry', by: 'p' },
    { type: 'Admit', epoch, through: move.stage },
    move.attempt === 3 ? { type: 'Supersede' } : { type: 'Stop', abandon: move.attempt === 1, by: 'p', reason: '' },
  ];
  return commands[move.kind] ?? { type: 'Wake' };
}

function checkState(state: ExecutionState, at: number): void {
  const wake = nextWakeAt(state);
  if (isTerminal(state)) {
    expect(wake).toBeUndefined();
    for (const stage of state.stages) expect(['InProgress', 'Stopping']).not.toContain(stage.status);
    for (const action of state.stages.flatMap(({ actions }) => actions)) {
      expect(actionStatus(action)).not.toBe('InProgress');
    }
  } else {
    // Nothing stuck: it waits for its pipeline, or something in it has a deadline.
    expect(state.admission.waiting || wake !== undefined).toBe(true);
  }
  state.stages.forEach((stage, index) => {
    const before = state.stages[index - 1];
    if (stage.status !== undefined && before !== undefined) expect(before.status).toBe('Succeeded');
    if (stage.status === 'Succeeded') expect(stage.actions.map(actionStatus)).not.toContain('Failed');
    for (const action of stage.actions) {
      expect(action.attempts.map(({ number }) => number)).toEqual(action.attempts.map((_, number) => number + 1));
      const open = action.attempts.filter(({ phase }) => phase.kind !== 'Ended');
      expect(open.length).toBeLessThanOrEqual(1);
    }
  });
  JSON.stringify(executionView(state));
  expect(at).toBeGreaterThanOrEqual(state.startedAt);
}

describe('any history', () => {
  it('keeps the invariants after every step, and is rebuilt from its events alone', () => {
    fc.assert(
      fc.property(anyPlan, fc.array(anyMove, { maxLength: 60 }), fc.nat(2), (plan, moves, through) => {
        let at = T0;
        let epoch = 1;
        let turn = step(undefined, { type: 'Begin', origin: anOrigin(plan), epoch, through }, at);
        let state = turn.state;
        let replayed: ExecutionState | undefined;
        const ended: ExecutionEvent[] = [];
        const started = new Set<string>();
        const take = (): void => {
          for (const event of turn.events) {
            replayed = evolve(replayed, event, at);
            if (event.type === 'ExecutionEnded') ended.push(event);
          }
          for (const effect of turn.effects) {
            if (effect.type !== 'StartAction') continue;
            const key = `${effect.action}:${effect.attempt}`;
            expect(started.has(key)).toBe(false);
            started.add(key);
          }
        };
        take();
        for (const move of moves) {
          at += move.ms;
          epoch += 1;
          const before = state;
          turn = step(state, commandOf(move, epoch), at);
          state = turn.state;
          take();
          if (state === undefined) throw new Error('vanished');
          if (before !== undefined && isTerminal(before)) expect(state).toEqual(before);
          if (turn.rejection !== undefined) expect(state).toBe(before);
          checkState(state, at);
        }
        expect(replayed).toEqual(state);
        expect(ended.length).toBe(state !== undefined && isTerminal(state) ? 1 : 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('ends within its deadlines once the world only keeps silent', () => {
    fc.assert(
      fc.property(anyPlan, fc.array(anyMove, { maxLength: 20 }), (plan, moves) => {
        let at = T0;
        let state = step(undefined, { type: 'Begin', origin: anOrigin(plan), epoch: 1, through: 9 }, at).state;
        for (const move of moves) {
          at += move.ms;
          state = step(state, commandOf(move, 0), at).state;
        }
        for (let wakes = 0; wakes < 500 && state !== undefined && !isTerminal(state); wakes += 1) {
          const due = nextWakeAt(state);
          if (due === undefined) throw new Error('nothing will ever wake it');
          at = Math.max(at, due);
          state = step(state, { type: 'Wake' }, at).state;
        }
        expect(state !== undefined && isTerminal(state)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
