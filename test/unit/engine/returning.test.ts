import { describe, expect, it } from 'vitest';
import { isTerminal } from '../../../worker/engine/stages.ts';
import { positionOf } from '../../../worker/engine/position.ts';
import { aCondition, anAction, anApproval, aPlan, MINUTE } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const plan = aPlan({ A: [anAction('a'), anAction('b')], B: [anAction('c')], C: [anAction('d')] });
const failed = (): Given => Given.execution(plan).succeed('A/a').succeed('A/b').fail('B/c').thenStatus('Failed');
const retry = (test: Given, stage: string, more: object = {}): Given =>
  test.when({ type: 'RetryStage', stage, mode: 'FAILED_ACTIONS', by: 'ada', ...more });
const letIn = (test: Given, through = 2): Given =>
  test.when({ type: 'Admit', epoch: test.state!.admission.epoch + 1, through });

describe('retrying a failed stage', () => {
  it('asks the pipeline first, and keeps its end until it is let in', () => {
    const test = retry(failed(), 'B')
      .thenEvents('ReturnRequested')
      .thenEffects({ type: 'ReportPosition', urgent: true });
    test.thenStatus('Failed');
    expect(isTerminal(test.state!)).toBe(false);
    expect(positionOf(test.state!)).toMatchObject({ kind: 'Returning', stage: 1 });
  });

  it('runs the failed actions again in one turn with the grant', () => {
    const test = letIn(retry(failed(), 'B')).thenEvents('Admitted', 'StageRetried', 'ActionStarted');
    test.thenStatus('InProgress').thenStages('Succeeded', 'InProgress', undefined);
    test.succeed('B/c').succeed('C/d').thenStatus('Succeeded');
    expect(test.state?.stages[1]?.retries).toMatchObject({ manual: 1, latest: 'ManualStageRetry' });
  });

  it('ignores results of the run before', () => {
    const test = letIn(retry(failed(), 'B'));
    test.report('B/c', { type: 'ReportSucceeded', variables: {}, artifacts: [] }, 1).thenNothingHappened();
  });

  it('goes back to its end when it is refused', () => {
    const test = retry(failed(), 'B').when({ type: 'RefuseReturn', message: 'a newer one is there' });
    test.thenEvents('ReturnRefused').thenStatus('Failed');
    expect(isTerminal(test.state!)).toBe(true);
    retry(test, 'B').thenEvents('ReturnRequested');
  });

  it('gives up when the pipeline never answers', () => {
    retry(failed(), 'B')
      .wakeAfter(60 * MINUTE)
      .thenEvents('ReturnRefused')
      .thenStatus('Failed');
  });

  it('can be called off while the pipeline has not answered', () => {
    retry(failed(), 'B').when({ type: 'Stop', abandon: false, by: 'ada', reason: '' }).thenEvents('ReturnRefused');
  });

  it('is refused for a stage that has not failed, twice, and after a success', () => {
    retry(failed(), 'A').thenRejected('stage_not_retryable');
    retry(failed(), 'X').thenRejected('stage_not_found');
    retry(retry(failed(), 'B'), 'B').thenRejected('stage_not_retryable');
    const done = Given.execution(aPlan({ A: [anAction('a')] })).succeed('A/a');
    retry(done, 'A').thenRejected('stage_not_retryable');
    retry(Given.execution(plan), 'A').thenRejected('stage_not_retryable');
  });

  it('leaves alone what has succeeded, or runs it again, as the mode says', () => {
    const halfFailed = (): Given => Given.execution(plan).succeed('A/a').fail('A/b');
    const some = letIn(retry(halfFailed(), 'A'));
    some.thenAction('A/a', 'Succeeded').thenAction('A/b', 'InProgress');
    const all = letIn(retry(halfFailed(), 'A', { mode: 'ALL_ACTIONS' }));
    all.thenAction('A/a', 'InProgress').thenAction('A/b', 'InProgress');
  });

  it('can be of one action alone', () => {
    const test = Given.execution(plan).fail('A/a').fail('A/b');
    const one = letIn(retry(test, 'A', { action: 'A/a' }));
    one.thenAction('A/a', 'InProgress').thenAction('A/b', 'Failed');
    one.succeed('A/a').thenStatus('Failed');
  });

  it('of failed actions need not wait for the siblings', () => {
    const test = retry(Given.execution(plan).fail('A/a'), 'A').thenEvents('StageRetried', 'ActionStarted');
    expect(test.attempt('A/a').number).toBe(2);
    retry(Given.execution(plan).fail('A/a'), 'A', { mode: 'ALL_ACTIONS' }).thenRejected('stage_not_retryable');
  });

  it('goes on from a stop', () => {
    const test = Given.execution(plan).when({ type: 'Stop', abandon: false, by: 'ada', reason: '' });
    test.succeed('A/a').succeed('A/b').thenStatus('Stopped');
    letIn(retry(test, 'A')).thenStages('Succeeded', 'InProgress', undefined);
    expect(test.state?.stop).toBeUndefined();
  });

  it('asks for a new approval with a token of its own', () => {
    const approval = aPlan({ A: [anApproval('ok')] });
    const answer = { type: 'AnswerApproval', action: 'A/ok' as never, summary: '', by: 'ada' } as const;
    const test = Given.execution(approval)
      .when({ ...answer, result: 'Rejected' })
      .thenStatus('Failed');
    const old = 'exec-1:A/ok:1';
    letIn(retry(test, 'A'));
    test.when({ ...answer, result: 'Approved', token: old }).thenRejected('approval_token_stale');
    test.when({ ...answer, result: 'Approved' }).thenStatus('Succeeded');
  });
});

describe('resuming', () => {
  const resume = (test: Given, stage: string): Given => test.when({ type: 'Resume', stage, by: 'ada' });

  it('runs everything from the stage on again, with what came before', () => {
    const test = letIn(resume(failed(), 'A')).thenEvents(
      'Admitted',
      'ExecutionResumed',
      'StageEntered',
      'ActionStarted',
      'ActionStarted',
    );
    test.thenStages('InProgress', undefined, undefined).succeed('A/a').succeed('A/b').succeed('B/c').succeed('C/d');
    test.thenStatus('Succeeded');
    expect(test.attempt('B/c').number).toBe(2);
  });

  it('cannot go where the execution has never been, nor take back a success', () => {
    resume(failed(), 'C').thenRejected('stage_not_retryable');
    resume(Given.execution(plan), 'A').thenRejected('execution_not_ended');
    const done = Given.execution(aPlan({ A: [anAction('a')] })).succeed('A/a');
    resume(done, 'A').thenRejected('stage_not_retryable');
  });
});

describe('overriding a condition', () => {
  const override = (test: Given, place: 'beforeEntry' | 'onSuccess' | 'onFailure'): Given =>
    test.when({ type: 'OverrideCondition', stage: 'A', place, by: 'ada' });
  const unmet = (test: Given, rule: string): Given =>
    test.report(rule, { type: 'ReportFailed', failure: { code: 'ConditionUnmet', message: 'no' } });
  const withCondition = (place: 'beforeEntry' | 'onSuccess', otherwise: 'FAIL' | 'SKIP'): Given => {
    const { stages } = aPlan({ A: [anAction('a')] });
    const condition = aCondition('A', place, { otherwise });
    return Given.execution({ stages: stages.map((stage) => ({ ...stage, [place]: condition })) });
  };

  it('before entry lets the actions run', () => {
    const test = override(unmet(withCondition('beforeEntry', 'FAIL'), 'A/beforeEntry~rule'), 'beforeEntry');
    letIn(test, 0)
      .thenEvents('Admitted', 'ConditionOverridden', 'ActionStarted')
      .succeed('A/a')
      .thenStatus('Succeeded');
  });

  it('on success lets the stage succeed', () => {
    const test = unmet(withCondition('onSuccess', 'FAIL').succeed('A/a'), 'A/onSuccess~rule').thenStatus('Failed');
    letIn(override(test, 'onSuccess'), 0).thenStatus('Succeeded');
  });

  it('has nothing to do where nothing is held up', () => {
    override(withCondition('beforeEntry', 'FAIL'), 'beforeEntry').thenRejected('condition_not_overridable');
    override(failed(), 'onFailure').thenRejected('condition_not_overridable');
    const skipped = unmet(withCondition('beforeEntry', 'SKIP'), 'A/beforeEntry~rule').thenStatus('Succeeded');
    override(skipped, 'beforeEntry').thenRejected('condition_not_overridable');
  });
});

describe('a change of the pipeline', () => {
  it('lets running actions end, then cancels', () => {
    const test = Given.execution(plan)
      .when({ type: 'Cancel', by: 'ada', reason: 'version 2' })
      .thenStatus('InProgress');
    test.succeed('A/a').thenStatus('InProgress').succeed('A/b').thenStatus('Cancelled');
    test.thenStages('Cancelled', undefined, undefined);
    retry(test, 'A').thenRejected('stage_not_retryable');
  });

  it('cancels at once what waits', () => {
    const waiting = Given.execution(plan, {}, -1).when({ type: 'Cancel', by: 'ada', reason: '' });
    waiting.thenStatus('Cancelled');
  });
});

describe('approvals with a policy', () => {
  const ask = (policy: { approvers?: string[]; count?: number; self?: boolean }): Given =>
    Given.execution(
      aPlan({ A: [anApproval('ok', { approval: { approvers: [], count: 1, self: true, ...policy } })] }),
      { trigger: { type: 'StartPipelineExecution', by: 'Ada', actor: 'ada@x' } },
    );
  const answer = (
    test: Given,
    actor: string,
    roles: string[] = [],
    result: 'Approved' | 'Rejected' = 'Approved',
  ): Given =>
    test.when({ type: 'AnswerApproval', action: 'A/ok' as never, result, summary: '', by: actor, actor, roles });

  it('want different people, and count each once', () => {
    const test = answer(ask({ count: 2 }), 'bob')
      .thenEvents('ApprovalGiven')
      .thenStatus('InProgress');
    answer(test, 'bob').thenRejected('approval_given_already');
    answer(test, 'eve').thenStatus('Succeeded');
  });

  it('are rejected by one', () => {
    answer(answer(ask({ count: 2 }), 'bob'), 'eve', [], 'Rejected').thenStatus('Failed');
  });

  it('are not for whoever started the execution, but they may reject', () => {
    answer(ask({ self: false }), 'ada@x').thenRejected('approval_forbidden');
    answer(ask({ self: false }), 'ada@x', [], 'Rejected').thenStatus('Failed');
    answer(ask({ self: false }), 'bob').thenStatus('Succeeded');
  });

  it('are for the people and roles that the definition names', () => {
    const policy = { approvers: ['bob@x', 'role:release'] };
    answer(ask(policy), 'eve@x').thenRejected('approval_forbidden');
    answer(ask(policy), 'bob@x').thenStatus('Succeeded');
    answer(ask(policy), 'eve@x', ['release']).thenStatus('Succeeded');
  });

  it('name what they cover', () => {
    const test = Given.execution(
      aPlan({ A: [anAction('build', { outputs: [{ name: 'app', files: [] }] })], B: [anApproval('ok')] }),
    ).succeed('A/build', {}, ['app']);
    const { phase } = test.attempt('B/ok');
    expect(phase).toMatchObject({ covers: { artifacts: [{ name: 'app', digest: 'sha256:app' }] } });
  });
});

describe('an approval that makes way', () => {
  const approval = { approvers: [], count: 1, self: true, yields: true } as const;
  const waiting = (more: Parameters<typeof aPlan>[0][string] = []): Given =>
    Given.execution(aPlan({ A: [anApproval('ok', { approval }), ...more] }));

  it('dies with its execution when a newer one wants the stage', () => {
    const test = waiting();
    expect(positionOf(test.state!)).toMatchObject({ kind: 'In', yields: true });
    test.when({ type: 'Yield' }).thenStatus('Superseded').thenStages('Cancelled').thenAction('A/ok', 'Abandoned');
    const answer = {
      type: 'AnswerApproval',
      action: 'A/ok' as never,
      result: 'Approved',
      summary: '',
      by: 'ada',
    } as const;
    test.when(answer).thenRejected('approval_not_pending');
  });

  it('stays once anything else has run in the stage, or somebody has answered', () => {
    waiting([anAction('work')])
      .when({ type: 'Yield' })
      .thenNothingHappened();
    const answered = waiting([anAction('work', { runOrder: 2 })]).when({
      type: 'AnswerApproval',
      action: 'A/ok' as never,
      result: 'Approved',
      summary: '',
      by: 'ada',
    });
    answered.when({ type: 'Yield' }).thenNothingHappened();
    expect(positionOf(answered.state!)).not.toHaveProperty('yields');
  });

  it('is not what others do', () => {
    Given.execution(aPlan({ A: [anApproval('ok')] }))
      .when({ type: 'Yield' })
      .thenNothingHappened();
  });
});
