import { expect, it } from 'vitest';
import type { ExecutionCommand } from '../../../worker/engine/messages.ts';
import { aCondition, anAction, anApproval, anOrigin, aPlan, aRule, MINUTE } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** What the pipeline says to an execution that is past it. Only people's orders are ever refused; this is not heard. */

const DAY = 24 * 60 * MINUTE;
const plan = aPlan({ A: [anAction('a')], B: [anAction('b')] });
const stop = (abandon: boolean): ExecutionCommand => ({ type: 'Stop', abandon, by: 'ada', reason: 'wrong' });
const cancel: ExecutionCommand = { type: 'Cancel', by: 'ada', reason: 'The pipeline was changed.' };
const begun = (): Given => Given.execution(plan);
const waiting = (): Given => Given.execution(plan, {}, 0).succeed('A/a');

const words: readonly ExecutionCommand[] = [
  { type: 'Begin', origin: anOrigin(plan), epoch: 7, through: 1 },
  { type: 'Admit', epoch: 7, through: 1 },
  { type: 'Supersede' },
  { type: 'Yield' },
  { type: 'Wake' },
  cancel,
  { type: 'RefuseReturn', message: 'A newer one is there.' },
  { type: 'ReportRollback', stage: 0, result: { kind: 'Refused', message: 'no' } },
];

it.each<[string, Given]>([
  ['has succeeded', begun().succeed('A/a').succeed('B/b')],
  ['has failed', begun().fail('A/a')],
  ['was stopped', begun().when(stop(false)).succeed('A/a')],
  ['was cancelled', begun().when(cancel).succeed('A/a')],
  ['was superseded', waiting().when({ type: 'Supersede' })],
  ['was stopped while it waited', waiting().when(stop(false))],
  ['was cancelled while it waited', waiting().when(cancel)],
])('an execution that %s does not hear what comes too late', (_, moment) => {
  const given = moment.again();
  const before = given.after(60 * DAY).state;
  for (const word of words) {
    given.when(word).thenNothingHappened();
    expect(given.last?.rejection).toBeUndefined();
    expect(given.state).toBe(before);
  }
});

it('hears a grant only if it is newer than the one it knows', () => {
  const given = waiting();
  given.when({ type: 'Admit', epoch: 1, through: 1 }).thenNothingHappened();
  given.when({ type: 'Begin', origin: anOrigin(plan), epoch: 1, through: 1 }).thenNothingHappened();
  given.when({ type: 'Admit', epoch: 2, through: 1 }).thenEvents('Admitted', 'StageEntered', 'ActionStarted');
  const again = waiting().when({ type: 'Begin', origin: anOrigin(plan), epoch: 2, through: 1 });
  expect(again.state?.admission).toMatchObject({ epoch: 2, stage: 1, waiting: false });
});

it('is not superseded inside a stage, and gives way there only while nothing but an approval that yields goes on', () => {
  begun().when({ type: 'Supersede' }).thenNothingHappened();
  begun().when({ type: 'Yield' }).thenNothingHappened();
  waiting().when({ type: 'Yield' }).thenNothingHappened();
  const approval = { approvers: [], count: 2, self: true, yields: true } as const;
  const asked = (): Given =>
    Given.execution(aPlan({ A: [anApproval('ok', { approval }), anAction('a', { runOrder: 2 })] }));
  asked()
    .when({ type: 'Yield' })
    .thenEvents('ActionAbandoned', 'StageCancelled', 'ExecutionEnded')
    .thenStatus('Superseded');
  const beside = (...others: readonly ReturnType<typeof anAction>[]): Given =>
    Given.execution(aPlan({ A: [anApproval('ok', { approval }), ...others] }));
  beside(anAction('a')).when({ type: 'Yield' }).thenNothingHappened();
  beside(anApproval('other')).when({ type: 'Yield' }).thenNothingHappened();
  asked().when(stop(false)).when({ type: 'Yield' }).thenNothingHappened();
  const approved = asked();
  for (const by of ['bob', 'cy']) {
    approved.when({ type: 'AnswerApproval', action: 'A/ok' as never, result: 'Approved', summary: '', by });
  }
  approved.when({ type: 'Yield' }).thenNothingHappened();
});

it('is cancelled by a change of the pipeline only once, and not when it is stopped already', () => {
  begun().when(cancel).when(cancel).thenNothingHappened();
  begun().when(stop(false)).when(cancel).thenNothingHappened().thenStatus('Stopping');
  // A person who abandons its work does not make another end of it.
  const both = begun().when(cancel).when(stop(true)).thenEvents('ExecutionStopping', 'ActionCancelling');
  both.report('A/a', { type: 'ReportCancelled' }).thenStatus('Cancelled');
});

it('hears of its rollback once', () => {
  const [a, b] = plan.stages;
  const onFailure = { condition: aCondition('A', 'onFailure', { otherwise: 'ROLLBACK' }), rollback: true };
  const given = Given.execution({ stages: [{ ...a!, onFailure }, b!] }).fail('A/a');
  given.report('A/onFailure~rule', { type: 'ReportFailed', failure: { code: 'JobFailed', message: '' } });
  given.thenEvents('ActionFailed', 'ConditionEnded', 'StageFailed', 'RollbackRequested', 'ExecutionEnded');
  given.thenEffects({ type: 'StartRollback', stage: 0 }, { type: 'ReportPosition' }, { type: 'PublishSummary' });
  const started = { type: 'ReportRollback', result: { kind: 'Started', execution: 'exec-2' as never } } as const;
  given.when({ ...started, stage: 1 }).thenNothingHappened();
  given.when({ ...started, stage: 9 }).thenNothingHappened();
  given.when({ ...started, stage: 0 }).thenEvents('RollbackStarted');
  given.when({ ...started, stage: 0 }).thenNothingHappened();
});

it('gives up a gate that it waits at, with its rules, when it is superseded or stopped', () => {
  const [a, b] = plan.stages;
  const gate = aCondition('B', 'beforeEntry', { otherwise: 'WAIT', rules: [aRule('one'), aRule('two')] });
  const atGate = (): Given =>
    Given.execution({ stages: [a!, { ...b!, beforeEntry: gate }] }, {}, 0)
      .succeed('A/a')
      .succeed('B/beforeEntry~one');
  const events = ['OrphanReported', 'ActionAbandoned', 'ExecutionEnded'] as const;
  const superseded = atGate()
    .when({ type: 'Supersede' })
    .thenEvents(...events);
  superseded.thenStatus('Superseded').thenStages('Succeeded', undefined);
  expect(superseded.state?.stages[1]?.conditions?.beforeEntry).toMatchObject({ status: 'Cancelled' });
  const stopped = atGate().when(stop(false));
  stopped.thenEvents('ExecutionStopping', ...events).thenStatus('Stopped');
  expect(stopped.state?.stages[1]?.conditions?.beforeEntry).toMatchObject({ status: 'Abandoned' });
  const cancelled = atGate().when(cancel).thenStatus('Cancelled');
  expect(cancelled.state?.stages[1]?.conditions?.beforeEntry).toMatchObject({ status: 'Cancelled' });
});
