import { describe, expect, it } from 'vitest';
import type { ExecutionLiveMessage } from '#lib/api/contract.ts';
import {
  applyLiveMessage,
  awaitedAnswers,
  conditionRef,
  findAction,
  findCondition,
  landingAction,
  landingRef,
  nextFailure,
  parseActionKey,
  refOf,
  type ExecutionFeed,
} from '#lib/features/executions/execution-view.ts';
import { aCondition, anAction, anExecution, aStage, at } from './factories.ts';

const unit = anAction({ name: 'Unit' });
const lint = anAction({ name: 'Lint' });
const source = aStage({
  name: 'Source',
  status: 'Succeeded',
  actions: [anAction({ name: 'Checkout', status: 'Succeeded' })],
});
const build = aStage({ name: 'Build', actions: [unit, lint] });
const feed: ExecutionFeed = { seq: 5, execution: anExecution({ stages: [source, build] }) };

function turn(over: Partial<Extract<ExecutionLiveMessage, { type: 'turn' }>> = {}): ExecutionLiveMessage {
  const { stages: _, ...execution } = feed.execution;
  return { type: 'turn', seq: 6, events: [], execution, stages: [], actions: [], ...over };
}

describe('applyLiveMessage', () => {
  it('takes a snapshot as the whole truth', () => {
    const execution = anExecution({ number: 9 });
    expect(applyLiveMessage(undefined, { type: 'snapshot', seq: 3, execution })).toEqual({ seq: 3, execution });
  });

  it('replaces what it had when a resumed connection answers with a snapshot', () => {
    const execution = anExecution({ status: 'Failed' });
    expect(applyLiveMessage(feed, { type: 'snapshot', seq: 40, execution })).toEqual({ seq: 40, execution });
  });

  it('does not go back in time for a snapshot older than what it has', () => {
    expect(applyLiveMessage(feed, { type: 'snapshot', seq: 4, execution: anExecution() })).toBe(feed);
  });

  it('merges an action by the name of its stage and its own', () => {
    const running = anAction({ name: 'Lint', status: 'InProgress' });
    const next = applyLiveMessage(feed, turn({ actions: [{ stage: 'Build', action: running }] }));
    expect(next?.execution.stages[1]?.actions).toEqual([unit, running]);
  });

  it('does not touch an action of the same name in another stage', () => {
    const running = anAction({ name: 'Checkout', status: 'InProgress' });
    const next = applyLiveMessage(feed, turn({ actions: [{ stage: 'Build', action: running }] }));
    expect(next?.execution.stages[0]).toBe(source);
  });

  it('merges the facts of a stage and keeps its actions', () => {
    const { actions: _, ...facts } = aStage({ name: 'Build', status: 'InProgress', startedAt: at(1) });
    const next = applyLiveMessage(feed, turn({ stages: [facts] }));
    expect(next?.execution.stages[1]).toEqual({ ...build, ...facts });
  });

  it('takes conditions with the facts of their stage, rules and all', () => {
    const shut = aCondition({ status: 'Failed', rules: [anAction({ name: 'office-hours', status: 'Failed' })] });
    const { actions: _, ...facts } = aStage({ name: 'Build', conditions: [shut] });
    const next = applyLiveMessage(feed, turn({ stages: [facts] }));
    expect(next?.execution.stages[1]).toEqual({ ...build, conditions: [shut] });
  });

  it('takes the members of the execution from every turn', () => {
    const { stages: _, ...execution } = anExecution({ status: 'Stopping' });
    expect(applyLiveMessage(feed, turn({ execution }))?.execution.status).toBe('Stopping');
  });

  it('changes nothing for a turn that it has seen already', () => {
    const repeated = turn({
      seq: 5,
      actions: [{ stage: 'Build', action: anAction({ name: 'Unit', status: 'Failed' }) }],
    });
    expect(applyLiveMessage(feed, repeated)).toBe(feed);
  });

  it('cannot do anything with a turn before it has a snapshot', () => {
    expect(applyLiveMessage(undefined, turn())).toBeUndefined();
  });

  it('keeps the identity of stages that a turn does not mention', () => {
    const next = applyLiveMessage(feed, turn());
    expect(next?.execution.stages[1]).toBe(build);
  });
});

describe('landing', () => {
  const failed = anAction({ name: 'Types', status: 'Failed' });

  it('is on the failure of a failed execution, whatever else there is', () => {
    const execution = anExecution({ status: 'Failed', stages: [source, aStage({ actions: [unit, failed] })] });
    expect(landingAction(execution)?.action).toBe(failed);
  });

  it('is on the running action with a log while it runs', () => {
    const delay = anAction({ name: 'Delay', status: 'InProgress', activity: 'Running' });
    const running = anAction({ name: 'Test', status: 'InProgress', activity: 'Running', hasLog: true });
    expect(landingAction(anExecution({ stages: [aStage({ actions: [delay, running] })] }))?.action).toBe(running);
  });

  it('is nowhere when only a person is awaited', () => {
    const asked = anAction({ status: 'InProgress', activity: 'AwaitingApproval' });
    expect(landingAction(anExecution({ stages: [aStage({ actions: [asked] })] }))).toBeUndefined();
  });
});

describe('landingRef', () => {
  it('is on the condition that failed the execution when every action did well', () => {
    const check = aCondition({ place: 'onSuccess', otherwise: 'FAIL', status: 'Failed' });
    const stage = aStage({ status: 'Failed', actions: [anAction({ status: 'Succeeded' })], conditions: [check] });
    const execution = anExecution({ status: 'Failed', stages: [stage] });
    expect(landingRef(execution)).toEqual({ stage: 'Build', action: 'onSuccess~' });
  });
});

describe('references to conditions and their rules', () => {
  const rule = anAction({ name: 'office-hours' });
  const gate = aCondition({ rules: [rule] });
  const execution = anExecution({ stages: [aStage({ conditions: [gate] })] });

  it('find a rule like an action, and lead back to it', () => {
    const ref = { stage: 'Build', action: 'beforeEntry~office-hours' };
    const found = findAction(execution, ref);
    expect(found?.action).toBe(rule);
    expect(found && refOf(found)).toEqual(ref);
  });

  it('find a condition, and lead back to it', () => {
    const ref = { stage: 'Build', action: 'beforeEntry~' };
    const found = findCondition(execution, ref);
    expect(found?.condition).toBe(gate);
    expect(found && conditionRef(found)).toEqual(ref);
    expect(findAction(execution, ref)).toBeUndefined();
  });
});

describe('failures', () => {
  const first = anAction({ name: 'A', status: 'Failed' });
  const second = anAction({ name: 'B', status: 'Failed' });
  const execution = anExecution({
    stages: [aStage({ name: 'X', actions: [first] }), aStage({ name: 'Y', actions: [second] })],
  });

  it('are walked round and round', () => {
    expect(nextFailure(execution, undefined)?.action).toBe(first);
    expect(nextFailure(execution, { stage: 'X', action: 'A' })?.action).toBe(second);
    expect(nextFailure(execution, { stage: 'Y', action: 'B' })?.action).toBe(first);
  });

  it('do not include an attempt that will be tried again', () => {
    const retried = anAction({ status: 'InProgress', activity: 'AwaitingRetry' });
    expect(nextFailure(anExecution({ stages: [aStage({ actions: [retried] })] }), undefined)).toBeUndefined();
  });
});

describe('awaitedAnswers', () => {
  it('finds approvals and holds and nothing else', () => {
    const approval = anAction({ name: 'SignOff', status: 'InProgress', activity: 'AwaitingApproval' });
    const held = anAction({ name: 'Ship', status: 'InProgress', activity: 'Held' });
    const running = anAction({ status: 'InProgress', activity: 'Running' });
    const execution = anExecution({ stages: [aStage({ actions: [running, approval, held] })] });
    expect(awaitedAnswers(execution).map(({ action }) => action.name)).toEqual(['SignOff', 'Ship']);
  });
});

describe('parseActionKey', () => {
  it('reads a stage and an action', () => {
    expect(parseActionKey('Build/Unit')).toEqual({ stage: 'Build', action: 'Unit' });
  });

  it.each([null, '', 'Build', 'Build/', '/Unit', 'a/b/c'])('refuses %j', (key) => {
    expect(parseActionKey(key)).toBeUndefined();
  });
});
