import { describe, expect, it } from 'vitest';
import type { ExecutionState } from '../../../../worker/engine/model.ts';
import { actionKey, ruleKey } from '../../../../worker/engine/ids.ts';
import { whyExecution } from '../../../../worker/engine/why/execution.ts';
import { whyAction, whyStage } from '../../../../worker/engine/why/part.ts';
import { aCondition, anAction, anApproval, aPlan, MINUTE, T0 } from '../../../support/factories.ts';
import { Given } from '../../../support/given.ts';

const DAY = 24 * 60 * MINUTE;

function reasonsOf({ state }: Given): ReturnType<typeof whyExecution> {
  return whyExecution(state as ExecutionState);
}

describe('why an execution waits', () => {
  it('names the pool and the labels while its job is queued', () => {
    const given = Given.execution(aPlan({ S: [anAction('a', { pool: 'gpu', labels: ['linux', 'a100'] })] }));
    expect(reasonsOf(given)).toEqual([
      expect.objectContaining({
        kind: 'Queued',
        owner: 'pool',
        subject: { type: 'action', execution: 'exec-1', stage: 'S', action: 'a', attempt: 1 },
        message: 'a waits for a runner of the pool gpu with linux, a100.',
        since: T0,
        deadline: T0 + DAY,
      }),
    ]);
  });

  it('counts from the claim while it runs, and from the silence while its runner is out of touch', () => {
    const given = Given.execution(aPlan({ S: [anAction('a')] })).after(MINUTE);
    given.report('S/a', { type: 'ReportClaimed', runner: 'box' });
    expect(reasonsOf(given)).toMatchObject([
      { kind: 'Running', message: 'a runs on box.', since: T0 + MINUTE, deadline: T0 + 21 * MINUTE },
    ]);
    given.after(MINUTE).report('S/a', { type: 'ReportUnreachable' });
    expect(reasonsOf(given)).toMatchObject([{ kind: 'RunnerUnreachable', owner: 'runner', since: T0 + 2 * MINUTE }]);
  });

  it('says how many approvals are missing, whose, and how they are given', () => {
    const approval = { approvers: ['role:owner', 'cy@example.com'], count: 2, self: false };
    const given = Given.execution(aPlan({ 'Go live': [anApproval('ok', { approval })] }));
    given.when({
      type: 'AnswerApproval',
      action: actionKey('Go live', 'ok'),
      result: 'Approved',
      summary: '',
      by: 'bob',
      roles: ['owner'],
    });
    expect(reasonsOf(given)).toMatchObject([
      {
        kind: 'AwaitingApproval',
        owner: 'person',
        message: 'ok waits for an approval. Given by bob.',
        may: [
          {
            who: 'role:owner, cy@example.com, but not ada, bob',
            call: 'POST /executions/exec-1/approvals/Go%20live/ok',
          },
        ],
      },
    ]);
  });

  it('says which rule keeps a gate shut, when it is asked again, and when the gate gives up', () => {
    const plan = aPlan({ S: [anAction('a')] });
    const gate = aCondition('S', 'beforeEntry', { otherwise: 'WAIT', waitMs: 60 * MINUTE });
    const given = Given.execution({ stages: plan.stages.map((stage) => ({ ...stage, beforeEntry: gate })) });
    expect(reasonsOf(given)).toMatchObject([
      { kind: 'EvaluatingCondition', because: [{ kind: 'Running', subject: { action: 'beforeEntry~rule' } }] },
    ]);
    given.when({
      type: 'ReportFailed',
      action: ruleKey('S', 'beforeEntry', 'rule'),
      attempt: 1,
      failure: { code: 'ConditionUnmet', message: 'Closed until Monday.' },
      checkAfterMs: 10 * MINUTE,
    });
    expect(reasonsOf(given)).toMatchObject([
      {
        kind: 'GateShut',
        owner: 'timer',
        message: 'The gate in front of S is shut. rule: Closed until Monday.',
        checkAt: T0 + 10 * MINUTE,
        deadline: T0 + 60 * MINUTE,
        may: [{ call: 'POST /executions/exec-1/stages/S/override' }],
      },
    ]);
  });

  it('leaves it to the pipeline why it is not let in, for thirty days', () => {
    const given = Given.execution(aPlan({ S: [anAction('a')] }), {}, -1);
    expect(reasonsOf(given)).toMatchObject([
      { kind: 'AwaitingAdmission', owner: 'pipeline', deadline: T0 + 30 * DAY, subject: { stage: 'S' } },
    ]);
  });

  it('follows a call of another pipeline to the execution that it has started', () => {
    const given = Given.execution(aPlan({ S: [anAction('call', { type: 'Invoke/Pipeline', carrier: 'worker' })] }));
    given.report('S/call', { type: 'ReportRunning', externalId: 'other-1' });
    expect(reasonsOf(given)).toMatchObject([{ kind: 'Running', owner: 'execution', holder: { id: 'other-1' } }]);
  });

  it('puts what still runs below the order to stop', () => {
    const given = Given.execution(aPlan({ S: [anAction('a')] }));
    given.when({ type: 'Stop', abandon: true, by: 'bob', reason: 'wrong branch' });
    expect(reasonsOf(given)).toMatchObject([
      {
        kind: 'Stopping',
        message: 'It is being stopped by bob: wrong branch',
        because: [{ kind: 'Cancelling', since: T0, deadline: T0 + 150_000 }],
      },
    ]);
  });

  it('is empty once it has ended', () => {
    const given = Given.execution(aPlan({ S: [anAction('a')] })).succeed('S/a');
    expect(reasonsOf(given)).toEqual([]);
  });
});

describe('why a part of an execution waits', () => {
  const plan = aPlan({ S: [anAction('a'), anAction('b', { runOrder: 2 })], T: [anAction('c')] });
  const { state } = Given.execution(plan);
  const given = state as ExecutionState;

  it('is what the execution waits for, for what comes later', () => {
    expect(whyStage(given, 'T')).toMatchObject([
      { kind: 'NotReached', message: 'T comes after S.', because: [{ kind: 'Queued' }] },
    ]);
    expect(whyAction(given, actionKey('S', 'b'))).toMatchObject([
      { kind: 'NotReached', because: [{ kind: 'Queued' }] },
    ]);
    expect(whyAction(given, actionKey('T', 'c'))).toMatchObject([{ kind: 'NotReached', subject: { stage: 'T' } }]);
  });

  it('is its own reason, for an action that has been reached', () => {
    expect(whyAction(given, actionKey('S', 'a'))).toMatchObject([{ kind: 'Queued' }]);
  });

  it('is nothing for what has ended, and unknown for what does not exist', () => {
    const moved = Given.execution(plan).succeed('S/a').succeed('S/b').state as ExecutionState;
    expect(whyStage(moved, 'S')).toEqual([]);
    expect(whyAction(moved, actionKey('S', 'a'))).toEqual([]);
    expect(whyStage(moved, 'X')).toBeUndefined();
    expect(whyAction(moved, actionKey('S', 'x'))).toBeUndefined();
  });
});
