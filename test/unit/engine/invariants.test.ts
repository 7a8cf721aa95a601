import { describe, expect, it } from 'vitest';
import { brokenInvariants } from '../../../worker/engine/invariants.ts';
import type { ActionState, Attempt, ExecutionState, StageState } from '../../../worker/engine/model.ts';
import { aCondition, anAction, aPlan, aRule } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const plan = aPlan({ A: [anAction('a')], B: [anAction('b')] });
const running = (): ExecutionState => Given.execution(plan).state!;
const ended = (): ExecutionState => Given.execution(plan).succeed('A/a').succeed('B/b').state!;

function withStage(state: ExecutionState, index: number, change: Partial<StageState>): ExecutionState {
  return { ...state, stages: state.stages.map((stage, at) => (at === index ? { ...stage, ...change } : stage)) };
}

function withAttempts(state: ExecutionState, change: (attempts: readonly Attempt[]) => readonly Attempt[]) {
  const change0 = (action: ActionState): ActionState => ({ ...action, attempts: change(action.attempts) });
  return withStage(state, 0, { actions: state.stages[0]!.actions.map(change0) });
}

describe('what must be true of every stored state', () => {
  it('is, of states that the engine makes', () => {
    expect(brokenInvariants(running())).toEqual([]);
    expect(brokenInvariants(ended())).toEqual([]);
    const waiting = Given.execution(plan, {}, 0).succeed('A/a');
    expect(brokenInvariants(waiting.state!)).toEqual([]);
  });

  it('includes that a wait has a timer', () => {
    const forgotten = withStage(running(), 0, { actions: [{ key: 'A/a' as never, name: 'a', attempts: [] }] });
    expect(brokenInvariants(forgotten)).toEqual(['I7 it waits without a timer']);
  });

  it('includes that nothing goes on after the end', () => {
    const after = 'I3 something goes on after the end';
    expect(brokenInvariants(withStage(ended(), 1, { retryAt: 1 }))).toEqual([after]);
    expect(brokenInvariants(withStage(ended(), 1, { status: 'InProgress' }))).toContain(after);
    expect(brokenInvariants(withStage(ended(), 1, { status: 'Stopping' }))).toContain(after);
    const evaluated = withStage(ended(), 1, { conditions: { onSuccess: { status: 'InProgress', rules: [] } } });
    expect(brokenInvariants(evaluated)).toEqual([after]);
    const open = running().stages[0]!.actions;
    expect(brokenInvariants(withStage(ended(), 0, { actions: open }))).toContain(after);
    const rules = withStage(ended(), 1, { conditions: { onSuccess: { status: 'Succeeded', rules: open } } });
    expect(brokenInvariants(rules)).toContain(after);
  });

  it('includes that an end has a status of one', () => {
    expect(brokenInvariants({ ...ended(), status: 'InProgress' })).toEqual(['I4 it has ended without an end']);
    expect(brokenInvariants({ ...ended(), status: 'Stopping' })).toEqual(['I4 it has ended without an end']);
  });

  it('includes the order of the stages', () => {
    const ahead = withStage(running(), 1, { status: 'InProgress' });
    expect(brokenInvariants(ahead)).toEqual(['I5 B is ahead of its turn']);
    const early = withStage(running(), 0, { status: 'Succeeded' });
    expect(brokenInvariants(early)).toEqual(['I5 A is ahead of its turn']);
    const skipped = withStage(ended(), 0, { status: 'Skipped' });
    expect(brokenInvariants(skipped)).toEqual([]);
    const span = Given.execution(plan, { span: { first: 1, last: 1 } });
    expect(brokenInvariants(span.state!)).toEqual([]);
  });

  it('includes that attempts come one after the other', () => {
    const overlap = 'I1 attempts of A/a overlap';
    const twice = withAttempts(running(), (attempts) => attempts.flatMap((one) => [one, { ...one, number: 2 }]));
    expect(brokenInvariants(twice)).toEqual([overlap]);
    const again = withAttempts(ended(), (attempts) => attempts.flatMap((one) => [one, one]));
    expect(brokenInvariants(again)).toEqual([overlap]);
    // Of many looks at a gate, the state keeps the last ones.
    const late = withAttempts(ended(), (attempts) => attempts.map((one) => ({ ...one, number: 7 })));
    expect(brokenInvariants(late)).toEqual([]);
  });

  it('is asked of rules, too', () => {
    const stage = plan.stages[0]!;
    const condition = aCondition('A', 'onSuccess', { rules: [aRule('r')] });
    const test = Given.execution({ stages: [{ ...stage, onSuccess: condition }] }).succeed('A/a');
    expect(brokenInvariants(test.state!)).toEqual([]);
    const conditions = test.state!.stages[0]!.conditions!;
    const rules = conditions.onSuccess!.rules.map((rule) => ({
      ...rule,
      attempts: [...rule.attempts, ...rule.attempts],
    }));
    const broken = withStage(test.state!, 0, { conditions: { onSuccess: { ...conditions.onSuccess!, rules } } });
    expect(brokenInvariants(broken)).toEqual(['I1 attempts of A/onSuccess~r overlap']);
  });
});
