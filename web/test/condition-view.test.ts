import { describe, expect, it } from 'vitest';
import {
  awaitedGate,
  conditionStanding,
  describeCondition,
  isOverridable,
  ruleStanding,
} from '#lib/features/executions/condition-view.ts';
import { aCondition, anAction, anExecution, aStage, at, instant } from './factories.ts';

const shut = aCondition({ status: 'Failed', checkAt: at(160), deadline: at(100 + 7_200) });
const waiting = aStage({ name: 'Release', conditions: [shut] });
const atGate = anExecution({ waitingForStage: 'Release', stages: [waiting] });

describe('a gate that is shut', () => {
  it('has not failed while the execution waits for it', () => {
    expect(conditionStanding(shut, true).word).toBe('Shut');
    expect(conditionStanding(shut, false).word).toBe('Not met');
  });

  it('says when it is asked again, and when it gives up', () => {
    const sentence = describeCondition(shut, { stage: 'Release', isWaitedFor: true, now: instant(100) });
    expect(sentence).toBe(
      'Not every rule holds, so it is asked again in 1 min; if it stays shut, the execution fails in 2 h.',
    );
  });

  it('is the one that the execution stands in front of', () => {
    expect(awaitedGate(atGate)?.condition).toBe(shut);
    expect(awaitedGate(anExecution({ stages: [waiting] }))).toBeUndefined();
  });

  it('is no reason to wait any more once it is open', () => {
    const open = aStage({ name: 'Release', conditions: [aCondition({ status: 'Succeeded' })] });
    expect(awaitedGate(anExecution({ waitingForStage: 'Release', stages: [open] }))).toBeUndefined();
  });
});

describe('isOverridable', () => {
  it('is true of a gate that is waited for, until it opens', () => {
    expect(isOverridable(atGate, waiting, shut)).toBe(true);
    expect(isOverridable(atGate, waiting, aCondition({ status: 'Succeeded' }))).toBe(false);
  });

  it('is false while the execution is stopping', () => {
    const stopping = anExecution({ ...atGate, stop: { abandon: false, by: 'ada', reason: '' } });
    expect(isOverridable(stopping, waiting, shut)).toBe(false);
  });

  it('is true of a check that failed the stage, false of one on failure', () => {
    const failed = aStage({ status: 'Failed' });
    const execution = anExecution({ status: 'Failed', stages: [failed] });
    const check = aCondition({ place: 'onSuccess', otherwise: 'FAIL', status: 'Failed' });
    expect(isOverridable(execution, failed, check)).toBe(true);
    expect(isOverridable(execution, failed, { ...check, place: 'onFailure', otherwise: 'ROLLBACK' })).toBe(false);
  });
});

describe('ruleStanding', () => {
  it('tells a rule that does not hold from one that is broken', () => {
    const unmet = anAction({ status: 'Failed', error: { code: 'ConditionUnmet', message: '' } });
    const broken = anAction({ status: 'Failed', error: { code: 'TimedOut', message: '' } });
    expect(ruleStanding(unmet).word).toBe('Does not hold');
    expect(ruleStanding(broken).word).toBe('Failed');
  });
});
