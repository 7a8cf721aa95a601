import { expect, it } from 'vitest';
import type { ExecutionCommand } from '../../../worker/engine/messages.ts';
import { step } from '../../../worker/engine/step.ts';
import { aCondition, anAction, anApproval, aPlan, T0 } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** What people are told when an order is not carried out, word by word. */

const plan = aPlan({ A: [anAction('a'), anAction('b')], B: [anApproval('ok'), anAction('c')] });
const key = (name: string) => name as never;
const retry = (stage: string, more = {}): ExecutionCommand => ({
  type: 'RetryStage',
  stage,
  mode: 'FAILED_ACTIONS',
  by: 'ada',
  ...more,
});
const resume = (stage: string): ExecutionCommand => ({ type: 'Resume', stage, by: 'ada' });
const override = (stage: string): ExecutionCommand => ({
  type: 'OverrideCondition',
  stage,
  place: 'beforeEntry',
  by: 'ada',
});
const stop = (abandon: boolean): ExecutionCommand => ({ type: 'Stop', abandon, by: 'ada', reason: '' });
const answer = (action: string, more = {}): ExecutionCommand => ({
  type: 'AnswerApproval',
  action: key(action),
  result: 'Approved',
  summary: '',
  by: 'ada',
  ...more,
});

const begun = (): Given => Given.execution(plan);
const atApproval = (): Given => begun().succeed('A/a').succeed('A/b');
const failed = (): Given => begun().fail('A/a').succeed('A/b');
const done = (): Given => Given.execution(aPlan({ A: [anAction('a')] })).succeed('A/a');
const returning = (): Given => failed().when(retry('A'));
const strict = (policy: object): Given =>
  Given.execution(
    aPlan({ A: [anApproval('ok', { approval: { approvers: [], count: 1, self: true, ...policy } })] }),
    { trigger: { type: 'StartPipelineExecution', by: 'ada' } },
  );

it.each<[Given, ExecutionCommand, string, string]>([
  [done(), stop(false), 'execution_ended', 'The execution has already ended: Succeeded.'],
  [begun().when(stop(false)), stop(false), 'already_stopping', 'The execution is already stopping.'],
  [begun().when(stop(true)), stop(true), 'already_stopping', 'The execution is already stopping.'],
  [
    begun(),
    { type: 'ResolveHold', action: key('A/x'), resolution: 'Fail', by: 'ada' },
    'action_not_found',
    'There is no action "A/x".',
  ],
  [
    begun(),
    { type: 'ResolveHold', action: key('A/a'), resolution: 'Fail', by: 'ada' },
    'action_not_held',
    '"A/a" is not held for a decision.',
  ],
  [failed(), retry('A', { action: 'A/b' }), 'stage_not_retryable', '"A/b" has not failed.'],
  [failed(), retry('X'), 'stage_not_found', 'There is no stage "X" in this execution.'],
  [returning(), retry('A'), 'stage_not_retryable', 'The execution is already on its way back into a stage.'],
  [returning(), resume('A'), 'stage_not_retryable', 'The execution is already on its way back into a stage.'],
  [returning(), override('A'), 'stage_not_retryable', 'The execution is already on its way back into a stage.'],
  [failed(), retry('B'), 'stage_not_retryable', 'Stage "B" cannot be retried: the execution is Failed in "A".'],
  [done(), retry('A'), 'stage_not_retryable', 'Stage "A" cannot be retried: the execution is Succeeded in "A".'],
  [begun().fail('A/a').when(stop(false)), retry('A'), 'already_stopping', 'The execution is stopping.'],
  [begun(), retry('A'), 'stage_not_retryable', 'Stage "A" has no failed actions to retry.'],
  [begun().fail('A/a'), retry('B'), 'stage_not_retryable', 'Stage "B" has no failed actions to retry.'],
  [
    begun().fail('A/a'),
    retry('A', { mode: 'ALL_ACTIONS' }),
    'stage_not_retryable',
    'Actions of the stage are still running; retry the failed ones, or wait.',
  ],
  [begun(), resume('A'), 'execution_not_ended', 'The execution has not ended; stop it first.'],
  [done(), resume('A'), 'stage_not_retryable', 'An execution that is Succeeded cannot be resumed. Fork it instead.'],
  [
    failed(),
    resume('B'),
    'stage_not_retryable',
    'The execution has not come to "B"; resume from "A" or an earlier stage.',
  ],
  [failed(), resume('X'), 'stage_not_found', 'There is no stage "X" in this execution.'],
  [failed(), override('X'), 'stage_not_found', 'There is no stage "X" in this execution.'],
  [failed(), override('A'), 'condition_not_overridable', 'Nothing is held up by a condition beforeEntry of "A".'],
  [atApproval(), answer('B/c'), 'action_not_found', 'There is no approval action "B/c" in this execution.'],
  [begun(), answer('B/ok'), 'approval_not_pending', '"B/ok" is not waiting for an approval.'],
  [
    atApproval(),
    answer('B/ok', { token: 'old' }),
    'approval_token_stale',
    'The token belongs to an earlier request for this approval.',
  ],
  [
    strict({ self: false }),
    answer('A/ok'),
    'approval_forbidden',
    'Whoever started the execution may not approve it.',
  ],
  [
    strict({ approvers: ['bob', 'role:owner'] }),
    answer('A/ok'),
    'approval_forbidden',
    'Only these may answer: bob, role:owner.',
  ],
  [
    strict({ count: 2 }).when(answer('A/ok')),
    answer('A/ok'),
    'approval_given_already',
    'ada has approved already; another person must.',
  ],
])('says what is wrong and changes nothing (%#)', (moment, command, code, message) => {
  const given = moment.again();
  const before = given.state;
  given.when(command);
  expect(given.last?.rejection).toEqual({ code, message });
  expect(given.state).toBe(before);
  expect(given.last).toMatchObject({ events: [], effects: [] });
});

it('is told of executions that were never begun', () => {
  const { rejection } = step(undefined, stop(true), T0);
  expect(rejection).toEqual({ code: 'execution_not_found', message: 'This execution was never begun.' });
});

it('is told why a return was taken back', () => {
  const refused = (given: Given): unknown => given.last?.events[0];
  expect(refused(returning().when(stop(false)))).toMatchObject({ type: 'ReturnRefused', message: 'Stopped by ada.' });
  const cancel = { type: 'Cancel', by: 'ada', reason: 'The pipeline was changed.' } as const;
  expect(refused(returning().when(cancel))).toMatchObject({ message: 'The pipeline was changed.' });
  expect(refused(returning().wakeAfter(60 * 60_000))).toMatchObject({
    message: 'The pipeline did not answer in time.',
  });
});

it('names what went wrong with an action', () => {
  const slow = (): Given =>
    Given.execution(aPlan({ A: [anAction('a', { timeoutMs: 90_000, onRunnerLoss: 'fail' })] }));
  const failure = (given: Given): unknown => {
    const { phase } = given.attempt('A/a');
    return phase.kind === 'Ended' && phase.status === 'Failed' ? phase.failure : phase;
  };
  const timedOut = (): Given => slow().report('A/a', { type: 'ReportClaimed', runner: 'r' }).wakeAfter(90_000);
  expect(failure(timedOut().report('A/a', { type: 'ReportCancelled' }))).toEqual({
    code: 'TimedOut',
    message: 'Timed out after 90 s.',
  });
  expect(failure(timedOut().wakeAfter(150_000))).toEqual({
    code: 'RunnerLost',
    message: 'Timed out, and its runner did not confirm that it has stopped.',
  });
  expect(failure(slow().report('A/a', { type: 'ReportCancelled' }))).toEqual({
    code: 'JobFailed',
    message: 'The job was cancelled at its runner.',
  });
  const made = Given.execution(
    aPlan({
      A: [
        anAction('a', {
          outputs: [
            { name: 'x', files: [] },
            { name: 'y', files: [] },
            { name: 'z', files: [] },
          ],
        }),
      ],
    }),
  );
  expect(failure(made.succeed('A/a', {}, ['y']))).toEqual({
    code: 'JobFailed',
    message: 'Declared output artifacts were not produced: x, z.',
  });
});

it('says what the rules that do not hold have said', () => {
  const [stage] = plan.stages;
  const condition = aCondition('A', 'beforeEntry', {
    otherwise: 'FAIL',
    rules: [anAction('one', { carrier: 'worker' }), anAction('two', { carrier: 'worker' })],
  });
  const given = Given.execution({ stages: [{ ...stage!, beforeEntry: condition }] });
  const failure = (message: string) => ({ code: 'ConditionUnmet', message }) as const;
  given.report('A/beforeEntry~one', { type: 'ReportFailed', failure: failure('not yet') });
  given.report('A/beforeEntry~two', { type: 'ReportFailed', failure: failure('never') });
  expect(given.state?.stages[0]?.reason).toBe('The condition before entry is not met. one: not yet two: never');
});

it('keeps the words of whoever rejects or approves', () => {
  const two = (): Given => strict({ count: 2 });
  const rejected = strict({}).when(answer('A/ok', { result: 'Rejected' }));
  expect(rejected.attempt('A/ok').phase).toMatchObject({
    failure: { code: 'Rejected', message: 'Rejected by ada.' },
  });
  const said = strict({}).when(answer('A/ok', { result: 'Rejected', summary: 'no' }));
  expect(said.attempt('A/ok').phase).toMatchObject({ failure: { message: 'no' } });
  const both = two().when(answer('A/ok', { summary: 'good' }));
  both.when(answer('A/ok', { by: 'bob' })).when(answer('A/ok', { by: 'cy' }));
  expect(both.attempt('A/ok')).toMatchObject({ summary: 'good', phase: { by: 'ada, bob' } });
  const loud = two()
    .when(answer('A/ok', { summary: 'good' }))
    .when(answer('A/ok', { by: 'bob', summary: 'yes' }));
  expect(loud.attempt('A/ok').summary).toBe('good\nyes');
});
