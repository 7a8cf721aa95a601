import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../worker/engine/messages.ts';
import { requestFor } from '../../../worker/engine/request.ts';
import { rollbackProblem, rollbackTarget } from '../../../worker/engine/rollback.ts';
import type { ConditionResult } from '../../../worker/engine/plan.ts';
import { aCondition, anAction, anOrigin, aPlan, MINUTE } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** Effects wait until they can be carried out: what is left of them by then, and what of a stage that has failed. */

const of = { action: 'A/a' as never, attempt: 1 };
const start: Effect = { type: 'StartAction', ...of };
const poll: Effect = { type: 'PollAction', ...of };
const cancel: Effect = { type: 'CancelAction', ...of, cause: 'TimedOut' };
const begun = (more = {}): Given => Given.execution(aPlan({ A: [anAction('a', more), anAction('b')] }));
const claimed = (more = {}): Given => begun(more).report('A/a', { type: 'ReportClaimed', runner: 'r' });
const known = (): Given => begun().report('A/a', { type: 'ReportRunning', externalId: 'x1' });
const wrong = (): Given => begun({ inputs: ['nowhere'] });
const ask = ({ state }: Given, effect: Effect) => requestFor(state!, 7, effect);

it.each<[string, () => Given, string]>([
  ['queued', begun, 'StartAction PollAction CancelAction'],
  // A claim proves that the start has arrived.
  ['claimed', claimed, '- PollAction CancelAction'],
  ['timing out', () => claimed().wakeAfter(20 * MINUTE), '- - CancelAction'],
  ['over', () => claimed().fail('A/a'), '- - CancelAction'],
  ['over before anybody claimed it', () => begun().fail('A/a'), '- - CancelAction'],
  ['configured wrongly', wrong, '- - -'],
])('of an attempt that is %s there is still to be done', (_, attempt, expected) => {
  const given = attempt();
  const left = [start, poll, cancel].map((effect) => ask(given, effect)?.type ?? '-');
  expect(left.join(' ')).toBe(expected);
  for (const effect of [start, poll, cancel]) {
    expect(ask(given, { ...effect, attempt: 9 })).toBeUndefined();
    expect(ask(given, { ...effect, action: 'A/x' } as Effect)).toBeUndefined();
  }
});

describe('a request', () => {
  it('knows the work by the name that its carrier gave it, or by the one of a late word', () => {
    expect(ask(known(), poll)).toMatchObject({ run: { action: 'A/a', attempt: 1 }, externalId: 'x1' });
    expect(ask(known(), cancel)).toMatchObject({ cause: 'TimedOut', externalId: 'x1' });
    expect(ask(known(), { ...cancel, externalId: 'x2' })).toMatchObject({ externalId: 'x2' });
    expect(ask(claimed(), cancel)).not.toHaveProperty('externalId');
  });

  it('tells whoever has called, if anybody has', () => {
    const caller = { execution: 'exec-0' as never, action: 'A/call' as never, attempt: 1, depth: 1 };
    const called = Given.execution(aPlan({ A: [anAction('a')] }), { caller });
    expect(ask(called, { type: 'TellCaller' })).toEqual({ type: 'TellCaller', tenant: 'tenant-a', caller });
    expect(ask(begun(), { type: 'TellCaller' })).toBeUndefined();
  });

  it('for a rollback is made until it has been answered, and has the same key each time', () => {
    const [stage] = aPlan({ A: [anAction('a')] }).stages;
    const retry = { mode: 'ALL_ACTIONS', retriesMax: 1, backoffMs: 0, on: [] } as const;
    const given = Given.execution({ stages: [{ ...stage!, onFailure: { retry, rollback: true } }] });
    given.fail('A/a');
    given.when({ type: 'RetryStage', stage: 'A', mode: 'FAILED_ACTIONS', by: 'ada' });
    expect(ask(given, { type: 'StartRollback', stage: 0 })).toBeUndefined();
    given.fail('A/a').thenStatus('Failed');
    const request = { type: 'StartRollback', stage: 0, stageName: 'A', execution: 'exec-1', key: 'exec-1:A:1' };
    expect(ask(given, { type: 'StartRollback', stage: 0 })).toMatchObject(request);
    expect(ask(given, { type: 'StartRollback', stage: 5 })).toBeUndefined();
    given.when({ type: 'RetryStage', stage: 'A', mode: 'FAILED_ACTIONS', by: 'ada' });
    given.when({ type: 'Admit', epoch: (given.state?.admission.epoch ?? 0) + 1, through: 0 }).fail('A/a');
    expect(ask(given, { type: 'StartRollback', stage: 0 })).toMatchObject({ key: 'exec-1:A:2' });
    const answer = { kind: 'Refused', message: 'no' } as const;
    given.when({ type: 'ReportRollback', stage: 0, result: answer });
    expect(ask(given, { type: 'StartRollback', stage: 0 })).toBeUndefined();
  });
});

describe('a stage that has failed', () => {
  const [stage] = aPlan({ A: [anAction('a'), anAction('b')] }).stages;
  const rule = 'A/onFailure~rule';
  const failed = (otherwise: ConditionResult): Given => {
    const condition = aCondition('A', 'onFailure', { otherwise });
    return Given.execution({ stages: [{ ...stage!, onFailure: { condition, rollback: false } }] })
      .succeed('A/b')
      .fail('A/a');
  };
  const types = (given: Given) => given.last?.events.map(({ type }) => type).slice(2);

  it.each<[ConditionResult, readonly string[]]>([
    ['FAIL', ['StageFailed', 'ExecutionEnded']],
    ['ROLLBACK', ['StageFailed', 'RollbackRequested', 'ExecutionEnded']],
    ['RETRY', ['StageRetried', 'ActionStarted']],
  ])('asks its condition, and does what it says when it is not met: %s', (otherwise, events) => {
    expect(types(failed(otherwise).fail(rule))).toEqual(events);
    expect(types(failed(otherwise).succeed(rule))).toEqual(['StageFailed', 'ExecutionEnded']);
  });

  it('is retried by its condition once, and only what has failed', () => {
    const given = failed('RETRY').fail(rule);
    given.thenAction('A/b', 'Succeeded').thenAction('A/a', 'InProgress');
    given.fail('A/a').fail(rule).thenStatus('Failed');
    expect(types(given)).toEqual(['StageFailed', 'ExecutionEnded']);
  });

  it('is not retried by itself when one of its failures is not to be', () => {
    const retry = { mode: 'FAILED_ACTIONS', retriesMax: 1, backoffMs: 0, on: ['JobFailed'] } as const;
    const given = (): Given =>
      Given.execution({ stages: [{ ...stage!, onFailure: { retry, rollback: false } }] }).fail('A/a');
    given().fail('A/b').thenStatus('InProgress').thenAction('A/a', 'InProgress');
    const unmet = { code: 'ConditionUnmet', message: '' } as const;
    given().report('A/b', { type: 'ReportFailed', failure: unmet }).thenStatus('Failed');
    given().succeed('A/b').thenStatus('InProgress').thenAction('A/b', 'Succeeded');
  });
});

describe('what a rollback may go back to', () => {
  const plan = aPlan({
    Source: [anAction('Checkout', { type: 'Source/Upload' })],
    Mixed: [anAction('Fetch', { type: 'Source/Upload' }), anAction('b')],
    Ship: [anAction('c')],
  });
  const { pipeline } = anOrigin(plan);
  const shipped = Given.execution(plan).succeed('Source/Checkout').succeed('Mixed/Fetch').succeed('Mixed/b');
  const target = rollbackTarget(shipped.state!);
  const problem = (stage: string, of: Partial<typeof target> = {}) =>
    rollbackProblem(pipeline.id, { ...target, ...of }, stage);

  it('is a stage in which that execution has succeeded', () => {
    expect(problem('Mixed')).toBeUndefined();
    expect(target).toMatchObject({
      kind: 'STANDARD',
      stages: [{ isSource: true }, { isSource: false, status: 'Succeeded' }, { isSource: false }],
    });
  });

  it('is said to be nothing, and why', () => {
    const gone = 'The execution to go back to does not exist, or its artifacts are gone.';
    expect(rollbackProblem(pipeline.id, undefined, 'Mixed')).toBe(gone);
    expect(problem('Mixed', { pipeline: 'other' as never })).toBe(gone);
    expect(problem('Mixed', { kind: 'ROLLBACK' })).toBe(
      'The execution is a rollback itself; go back to the one that it went back to.',
    );
    expect(problem('X')).toBe('The execution has no stage "X".');
    expect(problem('Source')).toBe('A stage of sources has nothing to roll back.');
    expect(problem('Ship')).toBe('The execution has not succeeded in "Ship": InProgress.');
    const early = { stages: [{ name: 'Ship', status: undefined, isSource: false }] };
    expect(problem('Ship', early)).toBe('The execution has not succeeded in "Ship": it did not come that far.');
  });
});
