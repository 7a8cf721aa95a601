import { describe, expect, it } from 'vitest';
import type { ConditionPlan, FailurePlan, StagePlan } from '../../../worker/engine/plan.ts';
import { nextWakeAt } from '../../../worker/engine/timeouts.ts';
import { aCondition, anAction, aPlan, aRule, MINUTE, T0 } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const HOUR = 60 * MINUTE;

/** Two stages, A and B, with one action each; B carries the conditions. */
function given(conditions: Pick<StagePlan, 'beforeEntry' | 'onSuccess' | 'onFailure'>, through = 1): Given {
  const { stages } = aPlan({ A: [anAction('a')], B: [anAction('b')] });
  return Given.execution(
    { stages: stages.map((stage, index) => (index === 1 ? { ...stage, ...conditions } : stage)) },
    {},
    through,
  );
}

const entry = (otherwise: ConditionPlan['otherwise'], of: Partial<ConditionPlan> = {}) => ({
  beforeEntry: aCondition('B', 'beforeEntry', { otherwise, ...of }),
});
const RULE = 'B/beforeEntry~rule';
const unmet = (test: Given, rule: string, checkAfterMs?: number): Given =>
  test.report(rule, {
    type: 'ReportFailed',
    failure: { code: 'ConditionUnmet', message: 'shut' },
    ...(checkAfterMs === undefined ? {} : { checkAfterMs }),
  });

describe('a condition before entry that fails or skips', () => {
  it('is evaluated inside the lock, before any action', () => {
    const test = given(entry('FAIL')).succeed('A/a').thenStages('Succeeded', 'InProgress');
    test.thenEvents('ActionSucceeded', 'StageSucceeded', 'StageEntered', 'ConditionStarted', 'ActionStarted');
    test.thenAction('B/b', undefined).thenAction(RULE, 'InProgress');
    test.succeed(RULE).thenAction('B/b', 'InProgress');
    expect(test.state?.stages[1]?.conditions?.beforeEntry?.status).toBe('Succeeded');
  });

  it('fails the stage, says why, and never starts an action', () => {
    const test = unmet(given(entry('FAIL')).succeed('A/a'), RULE)
      .thenStatus('Failed')
      .thenStages('Succeeded', 'Failed');
    expect(test.state?.stages[1]?.reason).toBe('The condition before entry is not met. rule: shut');
    test.thenAction('B/b', undefined);
  });

  it('skips the stage and goes on behind it', () => {
    const { stages } = aPlan({ A: [anAction('a')], B: [anAction('b')], C: [anAction('c')] });
    const plan = { stages: stages.map((stage, index) => (index === 1 ? { ...stage, ...entry('SKIP') } : stage)) };
    const test = unmet(Given.execution(plan).succeed('A/a'), RULE);
    test.thenStages('Succeeded', 'Skipped', 'InProgress').succeed('C/c').thenStatus('Succeeded');
  });

  it('succeeds when the last stage is skipped', () => {
    unmet(given(entry('SKIP')).succeed('A/a'), RULE)
      .thenStatus('Succeeded')
      .thenStages('Succeeded', 'Skipped');
  });

  it('is met only when every rule is', () => {
    const rules = [aRule('one'), aRule('two')];
    const test = given(entry('FAIL', { rules })).succeed('A/a').succeed('B/beforeEntry~one').thenStatus('InProgress');
    unmet(test, 'B/beforeEntry~two').thenStatus('Failed');
  });

  it('is told apart when a rule could not be evaluated', () => {
    const test = given(entry('FAIL')).succeed('A/a');
    const failure = { code: 'ConfigurationError', message: 'no such variable' } as const;
    test.report(RULE, { type: 'ReportFailed', failure }).thenStatus('Failed');
    expect(test.state?.stages[1]?.conditions?.beforeEntry?.status).toBe('Errored');
  });

  it('ends at once when the execution is stopped, and cancels what runs for it', () => {
    const test = given(entry('FAIL')).succeed('A/a');
    test.when({ type: 'Stop', abandon: false, by: 'ada', reason: '' }).thenStatus('Stopped');
    expect(test.last?.effects).toContainEqual(expect.objectContaining({ type: 'CancelAction', action: RULE }));
  });
});

describe('a gate', () => {
  const atGate = (of: Partial<ConditionPlan> = {}): Given => given(entry('WAIT', of)).succeed('A/a');

  it('is evaluated while the execution holds nothing', () => {
    const test = atGate().thenEvents(
      'ActionSucceeded',
      'StageSucceeded',
      'AdmissionAwaited',
      'ConditionStarted',
      'ActionStarted',
    );
    expect(test.state?.admission).toMatchObject({ waiting: true, atGate: true, through: 0 });
    test.thenStages('Succeeded', undefined);
  });

  it('asks for the stage once it is open, and is not evaluated again when it gets in at once', () => {
    const test = atGate()
      .succeed(RULE)
      .thenEvents('ActionSucceeded', 'ConditionEnded')
      .thenEffects({ type: 'ReportPosition' });
    expect(test.state?.admission.atGate).toBeUndefined();
    test.when({ type: 'Admit', epoch: 2, through: 1 }).thenEvents('Admitted', 'StageEntered', 'ActionStarted');
  });

  it('is evaluated again when the execution gets in after a while, and gives the stage back when it has shut', () => {
    const test = atGate().succeed(RULE).after(HOUR).when({ type: 'Admit', epoch: 2, through: 1 });
    test.thenEvents('Admitted', 'ConditionStarted', 'ActionStarted');
    unmet(test, RULE).thenEvents('ActionFailed', 'ConditionEnded', 'AdmissionAwaited');
    expect(test.state?.admission).toMatchObject({ waiting: true, atGate: true, through: 0 });
  });

  it('enters when the second look finds it open still', () => {
    const test = atGate().succeed(RULE).after(HOUR).when({ type: 'Admit', epoch: 2, through: 1 }).succeed(RULE);
    test.thenStages('Succeeded', 'InProgress').thenAction('B/b', 'InProgress');
  });

  it('looks again when the rule says that it could hold', () => {
    const test = unmet(atGate(), RULE, 30 * MINUTE);
    expect(nextWakeAt(test.state!)).toBe(T0 + 30 * MINUTE);
    test.wakeAfter(30 * MINUTE - 1).thenNothingHappened();
    test.wakeAfter(1).thenEvents('ConditionStarted', 'ActionStarted');
    expect(test.attempt(RULE).number).toBe(2);
  });

  it('looks again after a minute when the rule cannot say', () => {
    expect(nextWakeAt(unmet(atGate(), RULE).state!)).toBe(T0 + MINUTE);
  });

  it('is looked at for weeks without the state growing', () => {
    const test = unmet(atGate({ waitMs: 48 * HOUR }), RULE);
    for (let look = 0; look < 100; look += 1) unmet(test.wakeAfter(MINUTE), RULE);
    expect(test.attempt(RULE).number).toBe(101);
    expect(test.state?.stages[1]?.conditions?.beforeEntry?.rules[0]?.attempts.length).toBeLessThanOrEqual(6);
  });

  it('gives up at its deadline and says what was shut', () => {
    const test = unmet(atGate({ waitMs: 10 * MINUTE }), RULE, HOUR)
      .wakeAfter(10 * MINUTE)
      .thenStatus('Failed');
    test.thenStages('Succeeded', 'Failed');
    expect(test.state?.stages[1]?.reason).toContain('rule: shut');
  });

  it('lets the execution be superseded, and cancels what runs for it', () => {
    const test = atGate().when({ type: 'Supersede' }).thenStatus('Superseded');
    expect(test.last?.effects).toContainEqual(expect.objectContaining({ type: 'CancelAction', cause: 'Orphaned' }));
  });

  it('can be overridden by a person, who then only waits for the stage', () => {
    const test = unmet(atGate(), RULE, HOUR);
    test
      .when({ type: 'OverrideCondition', stage: 'B', place: 'beforeEntry', by: 'ada' })
      .thenEvents('ConditionOverridden');
    test
      .after(HOUR)
      .when({ type: 'Admit', epoch: 2, through: 1 })
      .thenEvents('Admitted', 'StageEntered', 'ActionStarted');
    expect(test.state?.stages[1]?.conditions?.beforeEntry?.overriddenBy).toBe('ada');
  });

  it('does not hold up a rollback', () => {
    const { stages } = aPlan({ A: [anAction('a')], B: [anAction('b')] });
    const plan = { stages: stages.map((stage, index) => (index === 1 ? { ...stage, ...entry('WAIT') } : stage)) };
    const rollback = { stage: 'B', target: 'old' as never };
    const test = Given.execution(plan, { kind: 'ROLLBACK', rollback, span: { first: 1, last: 1 } }, 1);
    test.thenStages(undefined, 'InProgress').succeed('B/b').thenStatus('Succeeded');
  });

  it('ends Cancelled when nobody lets the execution in for thirty days', () => {
    const test = atGate()
      .succeed(RULE)
      .wakeAfter(30 * 24 * HOUR)
      .thenStatus('Cancelled');
    test.thenStages('Succeeded', undefined);
  });
});

describe('a condition on success', () => {
  const onSuccess = (otherwise: 'FAIL' | 'ROLLBACK') => ({ onSuccess: aCondition('B', 'onSuccess', { otherwise }) });

  it('is evaluated when all actions have succeeded, and lets the stage succeed', () => {
    const test = given(onSuccess('FAIL')).succeed('A/a').succeed('B/b').thenStages('Succeeded', 'InProgress');
    test.succeed('B/onSuccess~rule').thenStatus('Succeeded');
  });

  it('fails the stage', () => {
    unmet(given(onSuccess('FAIL')).succeed('A/a').succeed('B/b'), 'B/onSuccess~rule').thenStatus('Failed');
  });

  it('rolls the stage back', () => {
    const test = unmet(given(onSuccess('ROLLBACK')).succeed('A/a').succeed('B/b'), 'B/onSuccess~rule');
    test.thenStatus('Failed');
    expect(test.last?.effects).toContainEqual({ type: 'StartRollback', stage: 1 });
    const started = { kind: 'Started', execution: 'back' as never } as const;
    test.when({ type: 'ReportRollback', stage: 1, result: started }).thenEvents('RollbackStarted');
    test.when({ type: 'ReportRollback', stage: 1, result: started }).thenNothingHappened();
    expect(test.state?.stages[1]?.rollback).toEqual(started);
  });
});

describe('a failed stage', () => {
  const onFailure = (plan: Partial<FailurePlan>) => ({ onFailure: { rollback: false, ...plan } });
  const retry = { mode: 'FAILED_ACTIONS', retriesMax: 1, backoffMs: 0, on: [] } as const;

  it('is retried by itself once, and then stays failed', () => {
    const test = given(onFailure({ retry })).succeed('A/a').fail('B/b').thenStages('Succeeded', 'InProgress');
    expect(test.attempt('B/b').number).toBe(2);
    test.fail('B/b').thenStatus('Failed');
    expect(test.state?.stages[1]?.retries).toEqual({ automatic: 1, manual: 0, latest: 'AutomatedStageRetry' });
  });

  it('waits for its backoff, which doubles', () => {
    const plan = onFailure({ retry: { ...retry, retriesMax: 2, backoffMs: 5_000 } });
    const test = given(plan).succeed('A/a').fail('B/b').thenStages('Succeeded', 'InProgress');
    expect(nextWakeAt(test.state!)).toBe(T0 + 5_000);
    test.wakeAfter(5_000).fail('B/b');
    expect(nextWakeAt(test.state!)).toBe(T0 + 15_000);
    test.wakeAfter(10_000).succeed('B/b').thenStatus('Succeeded');
  });

  it('is retried only for the failures that the definition names', () => {
    given(onFailure({ retry: { ...retry, on: ['TimedOut'] } }))
      .succeed('A/a')
      .fail('B/b')
      .thenStatus('Failed');
  });

  it('runs all of its actions again when told so', () => {
    const { stages } = aPlan({ A: [anAction('a'), anAction('b')] });
    const all = onFailure({ retry: { ...retry, mode: 'ALL_ACTIONS' } });
    const plan = { stages: stages.map((stage) => ({ ...stage, ...all })) };
    const test = Given.execution(plan).succeed('A/a').fail('A/b').thenAction('A/a', 'InProgress');
    test.succeed('A/a').succeed('A/b').thenStatus('Succeeded');
    expect(test.attempt('A/a').number).toBe(2);
  });

  it('is rolled back when the definition says so, after its retries', () => {
    const test = given(onFailure({ retry, rollback: true }))
      .succeed('A/a')
      .fail('B/b')
      .fail('B/b')
      .thenStatus('Failed');
    expect(test.last?.effects).toContainEqual({ type: 'StartRollback', stage: 1 });
  });

  it('asks its condition whether to roll back: not met, it does', () => {
    const condition = aCondition('B', 'onFailure', { otherwise: 'ROLLBACK' });
    const test = given(onFailure({ condition })).succeed('A/a').fail('B/b').thenStages('Succeeded', 'InProgress');
    unmet(test, 'B/onFailure~rule').thenStatus('Failed');
    expect(test.events.map(({ type }) => type)).toContain('RollbackRequested');
  });

  it('stays failed when its condition is met', () => {
    const condition = aCondition('B', 'onFailure', { otherwise: 'ROLLBACK' });
    const test = given(onFailure({ condition }))
      .succeed('A/a')
      .fail('B/b')
      .succeed('B/onFailure~rule')
      .thenStatus('Failed');
    expect(test.events.map(({ type }) => type)).not.toContain('RollbackRequested');
  });

  it('of a rollback is never rolled back itself', () => {
    const { stages } = aPlan({ A: [anAction('a')] });
    const plan = { stages: stages.map((stage) => ({ ...stage, ...onFailure({ rollback: true }) })) };
    const test = Given.execution(plan, { kind: 'ROLLBACK', rollback: { stage: 'A', target: 'old' as never } });
    test.fail('A/a').thenStatus('Failed');
    expect(test.events.map(({ type }) => type)).not.toContain('RollbackRequested');
  });
});
