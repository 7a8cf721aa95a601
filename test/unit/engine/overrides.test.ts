import { describe, expect, it } from 'vitest';
import type { ExecutionCommand } from '../../../worker/engine/messages.ts';
import type { StageRetryMode } from '../../../worker/engine/plan.ts';
import type { ConditionPlace, ConditionResult, StagePlan } from '../../../worker/engine/plan.ts';
import { conditionState } from '../../../worker/engine/stages.ts';
import { aCondition, anAction, aPlan, aRule, MINUTE } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** Which conditions a person may override, and what is left of conditions when a stage runs again. */

const stages = aPlan({ A: [anAction('a')], B: [anAction('b'), anAction('c')], C: [anAction('d')] })
  .stages as readonly [StagePlan, StagePlan, StagePlan];
const [a, b, c] = stages;

const override = (stage: string, place: ConditionPlace): ExecutionCommand => ({
  type: 'OverrideCondition',
  stage,
  place,
  by: 'ada',
});
const retry = (mode: StageRetryMode, more = {}): ExecutionCommand => ({
  type: 'RetryStage',
  stage: 'B',
  mode,
  by: 'ada',
  ...more,
});
const admit = (given: Given): Given =>
  given.when({ type: 'Admit', epoch: (given.state?.admission.epoch ?? 0) + 1, through: 2 });

/** B has one condition, and its rule has answered no; or, errored, could not answer. */
function unmet(place: ConditionPlace, otherwise: ConditionResult, isError = false): Given {
  const condition = aCondition('B', place, { otherwise, waitMs: 60 * MINUTE });
  const of = place === 'onFailure' ? { onFailure: { condition, rollback: false } } : { [place]: condition };
  const given = Given.execution({ stages: [a, { ...b, ...of }, c] }).succeed('A/a');
  if (place === 'onSuccess') given.succeed('B/b').succeed('B/c');
  if (place === 'onFailure') given.fail('B/b').fail('B/c');
  const code = isError ? 'ConfigurationError' : 'ConditionUnmet';
  return given.report(`B/${place}~rule`, { type: 'ReportFailed', failure: { code, message: 'no' } });
}
const outcome = (given: Given): string => given.last?.rejection?.code ?? given.last?.events.at(-1)?.type ?? '';
const REFUSED = 'condition_not_overridable';

it.each<[ConditionPlace, ConditionResult, boolean, string]>([
  ['beforeEntry', 'FAIL', false, 'ReturnRequested'],
  ['beforeEntry', 'FAIL', true, 'ReturnRequested'],
  ['beforeEntry', 'WAIT', false, 'ConditionOverridden'],
  ['beforeEntry', 'WAIT', true, 'ConditionOverridden'],
  ['beforeEntry', 'SKIP', false, REFUSED],
  ['onSuccess', 'FAIL', false, 'ReturnRequested'],
  ['onSuccess', 'FAIL', true, 'ReturnRequested'],
  ['onSuccess', 'ROLLBACK', false, 'ReturnRequested'],
  ['onFailure', 'FAIL', false, REFUSED],
  ['onFailure', 'ROLLBACK', false, REFUSED],
])('the condition %s with %s (errored: %s): %s', (place, otherwise, isError, expected) => {
  expect(outcome(unmet(place, otherwise, isError).when(override('B', place)))).toBe(expected);
  // Neither another stage nor another place is held up by it.
  for (const [stage, other] of [
    ['A', place],
    ['C', place],
    ['B', place === 'onSuccess' ? 'beforeEntry' : 'onSuccess'],
  ] as const) {
    expect(outcome(unmet(place, otherwise, isError).when(override(stage, other)))).toBe(REFUSED);
  }
});

describe('an override', () => {
  it('is refused as long as the condition is only being evaluated, and once it is met', () => {
    const onSuccess = aCondition('B', 'onSuccess', { rules: [aRule('one')] });
    const given = Given.execution({ stages: [a, { ...b, onSuccess }, c] })
      .succeed('A/a')
      .succeed('B/b')
      .succeed('B/c');
    given.when(override('B', 'onSuccess')).thenRejected(REFUSED);
    given.succeed('B/onSuccess~one').when(override('B', 'onSuccess')).thenRejected(REFUSED);
  });

  it('is refused when the stage was stopped, or has failed for another reason', () => {
    const beforeEntry = aCondition('B', 'beforeEntry', { otherwise: 'FAIL' });
    const inB = (): Given => Given.execution({ stages: [a, { ...b, beforeEntry }, c] }).succeed('A/a');
    const met = inB().succeed('B/beforeEntry~rule').fail('B/b').fail('B/c').thenStatus('Failed');
    met.when(override('B', 'beforeEntry')).thenRejected(REFUSED);
    const stopped = inB().when({ type: 'Stop', abandon: true, by: 'ada', reason: '' }).thenStatus('Stopped');
    stopped.when(override('B', 'beforeEntry')).thenRejected(REFUSED);
  });

  it('of one gate leaves the gate of a later stage alone', () => {
    const gate = (stage: string) => aCondition(stage, 'beforeEntry', { otherwise: 'WAIT' });
    const given = Given.execution({
      stages: [a, { ...b, beforeEntry: gate('B') }, { ...c, beforeEntry: gate('C') }],
    });
    given.succeed('A/a').when(override('C', 'beforeEntry')).thenRejected(REFUSED);
    given.when(override('B', 'onSuccess')).thenRejected(REFUSED);
    given.when(override('B', 'beforeEntry'));
    // What is left is the pipeline's lock.
    given.thenEvents('OrphanReported', 'ActionAbandoned', 'ConditionOverridden');
    expect(given.state?.admission).not.toHaveProperty('atGate');
    expect(given.state?.stages[1]?.conditions?.beforeEntry).toMatchObject({
      status: 'Overridden',
      overriddenBy: 'ada',
    });
  });

  it('of a gate is refused once the execution only waits for the stage', () => {
    const gate = aCondition('B', 'beforeEntry', { otherwise: 'WAIT' });
    const given = Given.execution({ stages: [a, { ...b, beforeEntry: gate }, c] }, {}, 0).succeed('A/a');
    given.succeed('B/beforeEntry~rule').when(override('B', 'beforeEntry')).thenRejected(REFUSED);
  });
});

describe('what stays as it is', () => {
  const gate = aCondition('B', 'beforeEntry', { otherwise: 'WAIT', waitMs: MINUTE });
  const onSuccess = aCondition('B', 'onSuccess');
  const atGate = (): Given =>
    Given.execution({ stages: [a, { ...b, beforeEntry: gate, onSuccess }, c] }).succeed('A/a');

  it('the condition behind the gate that the execution is at', () => {
    atGate().when(override('B', 'onSuccess')).thenRejected(REFUSED);
  });

  it('a gate that has not opened in time: its stage is retried instead', () => {
    const given = atGate().report('B/beforeEntry~rule', {
      type: 'ReportFailed',
      failure: { code: 'ConditionUnmet', message: 'no' },
    });
    given.wakeAfter(MINUTE).thenStatus('Failed');
    given.when(override('B', 'beforeEntry')).thenRejected(REFUSED);
    given.when(retry('FAILED_ACTIONS')).thenEvents('ReturnRequested');
  });
});

describe('a retry', () => {
  const failedInB = (): Given => Given.execution({ stages }).succeed('A/a').succeed('B/b').fail('B/c');

  it('names what is to run again', () => {
    const events = (given: Given) => given.last?.events[0];
    expect(events(failedInB().when(retry('FAILED_ACTIONS')))).toMatchObject({
      order: { kind: 'Retry', mode: 'FAILED_ACTIONS', actions: ['B/c'] },
    });
    expect(events(failedInB().when(retry('ALL_ACTIONS')))).toMatchObject({
      order: { kind: 'Retry', mode: 'ALL_ACTIONS', actions: ['B/b', 'B/c'] },
    });
    expect(events(failedInB().when(retry('ALL_ACTIONS', { action: 'B/c' })))).toMatchObject({
      order: { kind: 'Retry', actions: ['B/c'] },
    });
  });

  it('beside siblings that still run is of those that have failed, or of one of them', () => {
    const plan = aPlan({ A: [anAction('a'), anAction('b'), anAction('c')] });
    const open = (): Given => Given.execution(plan).fail('A/a').fail('A/b');
    const order = { type: 'RetryStage', stage: 'A', mode: 'FAILED_ACTIONS', by: 'ada' } as const;
    open().when(order).thenEvents('StageRetried', 'ActionStarted', 'ActionStarted');
    open()
      .when({ ...order, action: 'A/b' as never })
      .thenEvents('StageRetried', 'ActionStarted')
      .thenAction('A/a', 'Failed')
      .thenAction('A/b', 'InProgress');
  });

  it('of all actions is possible in a stage where nothing runs, and takes its conditions with it', () => {
    const condition = aCondition('B', 'onFailure', { otherwise: 'ROLLBACK' });
    const given = Given.execution({ stages: [a, { ...b, onFailure: { condition, rollback: false } }, c] });
    given.succeed('A/a').succeed('B/b').fail('B/c');
    given.when(retry('ALL_ACTIONS'));
    given.thenEvents(
      'OrphanReported',
      'ActionAbandoned',
      'ConditionEnded',
      'StageRetried',
      'ActionStarted',
      'ActionStarted',
    );
  });

  it('of an execution that has failed in front of a stage is a resumption', () => {
    const gate = aCondition('B', 'beforeEntry', { otherwise: 'WAIT', waitMs: MINUTE });
    const given = Given.execution({ stages: [a, { ...b, beforeEntry: gate }, c] }, {}, 0).succeed('A/a');
    given.report('B/beforeEntry~rule', { type: 'ReportFailed', failure: { code: 'ConditionUnmet', message: 'no' } });
    given.wakeAfter(MINUTE).thenStatus('Failed').thenStages('Succeeded', 'Failed', undefined);
    given.when(retry('FAILED_ACTIONS'));
    expect(given.last?.events).toMatchObject([{ type: 'ReturnRequested', stage: 1, order: { kind: 'Resume' } }]);
    admit(given).thenStatus('InProgress');
    expect(given.state?.stages[1]).not.toHaveProperty('reason');
    // It waits at its gate once more.
    expect(given.state?.admission).toMatchObject({ stage: 1, atGate: true, waiting: true });
  });

  it('is refused to an execution that was stopped in front of the stage; it may be resumed', () => {
    const given = Given.execution({ stages }, {}, 0).succeed('A/a');
    given.when({ type: 'Stop', abandon: false, by: 'ada', reason: '' }).thenStatus('Stopped');
    given.when(retry('FAILED_ACTIONS')).thenRejected('stage_not_retryable');
    given.when({ type: 'Resume', stage: 'B', by: 'ada' }).thenEvents('ReturnRequested');
  });

  it('cannot lead a rollback out of its stage', () => {
    const origin = { kind: 'ROLLBACK', span: { first: 1, last: 1 } } as const;
    const given = (): Given => Given.execution({ stages }, origin).succeed('B/b').fail('B/c').thenStatus('Failed');
    given().when({ type: 'Resume', stage: 'A', by: 'ada' }).thenRejected('stage_not_retryable');
    given().when({ type: 'Resume', stage: 'C', by: 'ada' }).thenRejected('stage_not_retryable');
    given().when({ type: 'Resume', stage: 'B', by: 'ada' }).thenEvents('ReturnRequested');
  });
});

describe('what is left of a condition', () => {
  const entry = aCondition('B', 'beforeEntry', { otherwise: 'FAIL' });
  const success = aCondition('B', 'onSuccess', { otherwise: 'FAIL' });
  const given = (): Given => {
    const of = { stages: [a, { ...b, beforeEntry: entry, onSuccess: success }, c] };
    return Given.execution(of).succeed('A/a').succeed('B/beforeEntry~rule');
  };
  const of = (given: Given, place: ConditionPlace) => conditionState(given.state!.stages[1]!, place);
  const unanswered = (given: Given): Given => given.fail('B/onSuccess~rule');

  it('when failed actions run again: that the stage may be entered', () => {
    const again = admit(given().succeed('B/b').fail('B/c').when(retry('FAILED_ACTIONS')));
    expect(of(again, 'beforeEntry')).toMatchObject({ status: 'Succeeded' });
    again.thenAction('B/c', 'InProgress').thenAction('B/b', 'Succeeded');
    const overridden = unmet('beforeEntry', 'FAIL').when(override('B', 'beforeEntry'));
    const failed = admit(overridden).fail('B/b').fail('B/c').when(retry('FAILED_ACTIONS'));
    expect(of(admit(failed), 'beforeEntry')).toMatchObject({ status: 'Overridden' });
  });

  it('when all actions run again: nothing but history', () => {
    const again = admit(given().succeed('B/b').fail('B/c').when(retry('ALL_ACTIONS')));
    expect(of(again, 'beforeEntry')).toMatchObject({ status: 'InProgress', rules: [{ previous: 1 }] });
    again.thenAction('B/beforeEntry~rule', 'InProgress').thenAction('B/b', undefined);
  });

  it('when a condition has failed: it is asked again, unless somebody has overridden it', () => {
    const ended = unanswered(given().succeed('B/b').succeed('B/c')).thenStatus('Failed');
    const again = admit(ended.when(retry('ALL_ACTIONS')));
    expect(of(again, 'onSuccess')).toStrictEqual({
      rules: [expect.objectContaining({ previous: 1, key: 'B/onSuccess~rule' })],
    });
    const refused = unmet('beforeEntry', 'FAIL');
    expect(of(admit(refused.when(retry('FAILED_ACTIONS'))), 'beforeEntry')).toMatchObject({ status: 'InProgress' });
  });

  it('when the execution is resumed: nothing but history, in every stage that it runs again', () => {
    const ended = unanswered(given().succeed('B/b').succeed('B/c')).thenStatus('Failed');
    const again = admit(ended.when({ type: 'Resume', stage: 'A', by: 'ada' }));
    expect(again.state?.stages[1]).toStrictEqual({
      name: 'B',
      actions: [expect.objectContaining({ previous: 1 }), expect.objectContaining({ previous: 1 })],
      conditions: {
        beforeEntry: { rules: [expect.objectContaining({ previous: 1 })] },
        onSuccess: { rules: [expect.objectContaining({ previous: 1 })] },
      },
    });
  });

  it('and of a rollback that was asked for: nothing', () => {
    const back = unmet('onSuccess', 'ROLLBACK');
    expect(back.state?.stages[1]?.rollback).toEqual({ kind: 'Requested', place: 'onSuccess' });
    expect(admit(back.when(retry('ALL_ACTIONS'))).state?.stages[1]).not.toHaveProperty('rollback');
  });
});
