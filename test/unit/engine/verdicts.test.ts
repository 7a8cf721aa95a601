import { describe, expect, it } from 'vitest';
import { checkAgainAt, isFresh, reasons, verdict } from '../../../worker/engine/conditions.ts';
import type { FailureCode } from '../../../worker/engine/failure-code.ts';
import type { ActionState, Attempt, ConditionState, ConditionStatus } from '../../../worker/engine/model.ts';
import { aCondition, anAction, aPlan } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** What the answers of its rules make of a condition. */

const ended = { kind: 'Ended', at: 0 } as const;
const phases = {
  asked: { kind: 'Running', deadline: 9, claimed: false },
  yes: { ...ended, status: 'Succeeded', variables: {} },
  abandoned: { ...ended, status: 'Abandoned' },
} satisfies Record<string, Attempt['phase']>;
const no = (code: FailureCode, checkAfterMs?: number): Attempt['phase'] => ({
  ...ended,
  status: 'Failed',
  failure: { code, message: code },
  ...(checkAfterMs === undefined ? {} : { checkAfterMs }),
});

function rule(phase?: Attempt['phase'], name = 'rule'): ActionState {
  const attempts = phase === undefined ? [] : [{ number: 1, startedAt: 0, phase }];
  return { key: `A/beforeEntry~${name}` as never, name, attempts };
}

const unmet = no('ConditionUnmet');
const broken = no('TimedOut');

it.each<[string, readonly (Attempt['phase'] | undefined)[], string | undefined]>([
  ['all hold', [phases.yes, phases.yes], 'Succeeded'],
  ['one is still to be asked', [phases.yes, undefined], undefined],
  ['one has not answered', [unmet, phases.asked], undefined],
  ['one does not hold', [phases.yes, unmet], 'Failed'],
  ['a command says no', [phases.yes, no('JobFailed')], 'Failed'],
  ['one could not be evaluated', [phases.yes, broken], 'Errored'],
  ['one does not hold and another could not be evaluated', [unmet, broken], 'Errored'],
  ['nobody waits for one any more', [phases.yes, phases.abandoned], 'Abandoned'],
  ['one does not hold and nobody waits for another', [unmet, phases.abandoned], 'Abandoned'],
])('of rules of which %s', (_, of, expected) => {
  expect(verdict(of.map((phase) => rule(phase)))).toBe(expected);
  expect(verdict([...of].reverse().map((phase) => rule(phase)))).toBe(expected);
});

describe('a gate that is shut', () => {
  const next = (...of: readonly (Attempt['phase'] | undefined)[]): number =>
    checkAgainAt(
      of.map((phase) => rule(phase)),
      100,
    ) - 100;

  it('is looked at again when the last of the rules that do not hold could, within bounds', () => {
    expect(next(no('ConditionUnmet', 5_000), no('ConditionUnmet', 90_000))).toBe(90_000);
    expect(next(no('ConditionUnmet', 5_000), unmet)).toBe(60_000);
    expect(next(no('ConditionUnmet', 5))).toBe(1_000);
    expect(next(no('ConditionUnmet', 90_000_000))).toBe(24 * 60 * 60_000);
  });

  it('does not wait for rules that hold, or have nothing to say', () => {
    expect(next(no('ConditionUnmet', 5_000), phases.yes, phases.abandoned, phases.asked, undefined)).toBe(5_000);
  });

  it('says what those say that do not hold', () => {
    const said = [rule(unmet, 'one'), rule(phases.yes, 'two'), rule(undefined, 'three'), rule(broken, 'four')];
    expect(reasons([...said, rule(phases.asked), rule(phases.abandoned)])).toEqual([
      'one: ConditionUnmet',
      'four: TimedOut',
    ]);
  });
});

it('a gate that was open is taken to be open for ten seconds, one that was overridden for ever', () => {
  const of = (status: ConditionStatus, endedAt: number): ConditionState => ({ rules: [], status, endedAt });
  expect(isFresh(of('Succeeded', 5), 10_005)).toBe(true);
  expect(isFresh(of('Succeeded', 5), 10_006)).toBe(false);
  expect(isFresh(of('Overridden', 5), 9_000_000)).toBe(true);
  expect(isFresh(of('Failed', 5), 6)).toBe(false);
});

describe('conditions', () => {
  const [stage] = aPlan({ A: [anAction('a')] }).stages;

  it.each(['FAIL', 'SKIP', 'WAIT'] as const)('before entry do not hold up a rollback (%s)', (otherwise) => {
    const beforeEntry = aCondition('A', 'beforeEntry', { otherwise });
    const given = Given.execution({ stages: [{ ...stage!, beforeEntry }] }, { kind: 'ROLLBACK' });
    given.thenEvents('ExecutionBegun', 'StageEntered', 'ActionStarted').succeed('A/a').thenStatus('Succeeded');
  });

  it.each([
    ['FAIL', undefined],
    ['ROLLBACK', { kind: 'Requested', place: 'onSuccess' }],
  ] as const)('on success that are not met ask for a rollback only when told so (%s)', (otherwise, rollback) => {
    const onSuccess = aCondition('A', 'onSuccess', { otherwise });
    const given = Given.execution({ stages: [{ ...stage!, onSuccess }] })
      .succeed('A/a')
      .fail('A/onSuccess~rule');
    expect(given.thenStatus('Failed').state?.stages[0]?.rollback).toEqual(rollback);
    given.thenEvents(
      'ActionFailed',
      'ConditionEnded',
      'StageFailed',
      ...(rollback === undefined ? [] : (['RollbackRequested'] as const)),
      'ExecutionEnded',
    );
  });

  it('of a gate that is open are not asked again while the execution waits inside', () => {
    const beforeEntry = aCondition('A', 'beforeEntry', { otherwise: 'WAIT' });
    const given = Given.execution({ stages: [{ ...stage!, beforeEntry }] }).succeed('A/beforeEntry~rule');
    given.when({ type: 'Admit', epoch: 2, through: 0 }).after(60_000);
    expect(given.state?.stages[0]?.conditions?.beforeEntry).toMatchObject({ status: 'Succeeded' });
    given.succeed('A/a').thenEvents('ActionSucceeded', 'StageSucceeded', 'ExecutionEnded');
  });
});
