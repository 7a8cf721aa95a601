import { describe, expect, it } from 'vitest';
import type { ExecutionCommand } from '../../../../worker/engine/messages.ts';
import type { ExecutionState } from '../../../../worker/engine/model.ts';
import type { ActionPlan } from '../../../../worker/engine/plan.ts';
import { whyExecution } from '../../../../worker/engine/why/execution.ts';
import type { Reason } from '../../../../worker/engine/why/reason.ts';
import { aCondition, anAction, anApproval, aPlan, aRule, MINUTE, T0 } from '../../../support/factories.ts';
import { Given } from '../../../support/given.ts';

/** What people read when an action does not end: whole sentences, whose move it is, by when, and what they may do. */

const DAY = 24 * 60 * MINUTE;
const subject = { type: 'action', execution: 'exec-1', stage: 'Go live', action: 'a', attempt: 1 } as const;
const key = 'Go live/a';

function alone(action: ActionPlan): Given {
  return Given.execution(aPlan({ 'Go live': [action] }));
}
const claimed = (more = {}): Given =>
  alone(anAction('a', more)).after(1_000).report(key, { type: 'ReportClaimed', runner: 'box' });
const stop: ExecutionCommand = { type: 'Stop', abandon: true, by: 'bob', reason: '' };

function reasonsOf({ state }: Given): readonly Reason[] {
  return whyExecution(state as ExecutionState);
}

const connect = (option: string) => [
  { what: `Connect a runner: millrace runner${option}`, who: 'Whoever has a runner token' },
];

const approve = (who: string) => [
  { what: 'Approve or reject', who, call: 'POST /executions/exec-1/approvals/Go%20live/a' },
];
const answered = (by: string): ExecutionCommand => ({
  type: 'AnswerApproval',
  action: key as never,
  result: 'Approved',
  summary: '',
  by,
});
const policy = (approvers: readonly string[], count: number, self = true): Given =>
  alone(anApproval('a', { approval: { approvers, count, self } }));
const awaiting = { kind: 'AwaitingApproval', owner: 'person', since: T0, deadline: T0 + 20 * MINUTE } as const;

it.each<[string, Given, Omit<Reason, 'subject'>]>([
  [
    'queued',
    alone(anAction('a')),
    {
      kind: 'Queued',
      owner: 'pool',
      message: 'a waits for a runner of the pool default.',
      holder: { type: 'pool', id: 'default', href: '/runners' },
      since: T0,
      deadline: T0 + DAY,
      until: 'A runner takes the job.',
      may: connect(''),
    },
  ],
  [
    'queued for a special runner',
    alone(anAction('a', { pool: 'gpu', labels: ['linux', 'a100'] })),
    {
      kind: 'Queued',
      owner: 'pool',
      message: 'a waits for a runner of the pool gpu with linux, a100.',
      holder: { type: 'pool', id: 'gpu', href: '/runners' },
      since: T0,
      deadline: T0 + DAY,
      until: 'A runner takes the job.',
      may: connect(' --labels linux,a100'),
    },
  ],
  [
    'running on a runner',
    claimed(),
    {
      kind: 'Running',
      owner: 'runner',
      message: 'a runs on box.',
      since: T0 + 1_000,
      deadline: T0 + 1_000 + 20 * MINUTE,
      until: 'It ends, or its timeout comes.',
    },
  ],
  [
    'running elsewhere',
    alone(anAction('a', { carrier: 'worker', type: 'Http/Call' })).report(key, {
      type: 'ReportRunning',
      externalId: 'x',
    }),
    {
      kind: 'Running',
      owner: 'provider',
      message: 'a is being carried out by Http/Call.',
      since: T0,
      deadline: T0 + 20 * MINUTE,
      until: 'It ends, or its timeout comes.',
    },
  ],
  [
    'about to call another pipeline',
    alone(anAction('a', { carrier: 'worker', type: 'Invoke/Pipeline' })),
    {
      kind: 'Running',
      owner: 'provider',
      message: 'a is being carried out by Invoke/Pipeline.',
      since: T0,
      deadline: T0 + 20 * MINUTE,
      until: 'It ends, or its timeout comes.',
    },
  ],
  [
    'calling another pipeline',
    alone(anAction('a', { carrier: 'worker', type: 'Invoke/Pipeline' })).report(key, {
      type: 'ReportRunning',
      externalId: 'exec-2',
    }),
    {
      kind: 'Running',
      owner: 'execution',
      message: 'a waits for the execution that it has started.',
      holder: { type: 'execution', id: 'exec-2', href: '/executions/exec-2' },
      since: T0,
      deadline: T0 + 20 * MINUTE,
      until: 'That execution ends.',
    },
  ],
  [
    'out of touch',
    claimed().after(MINUTE).report(key, { type: 'ReportUnreachable' }),
    {
      kind: 'RunnerUnreachable',
      owner: 'runner',
      message: 'a runs on box, which is out of touch.',
      since: T0 + 1_000 + MINUTE,
      deadline: T0 + 1_000 + 20 * MINUTE,
      until: 'The runner reconnects, or its pool gives it up for lost.',
      may: [{ what: 'Bring the runner back', who: 'Whoever operates it' }],
    },
  ],
  [
    'out of touch before it was claimed',
    alone(anAction('a')).report(key, { type: 'ReportUnreachable' }),
    {
      kind: 'RunnerUnreachable',
      owner: 'runner',
      message: 'a runs on its runner, which is out of touch.',
      since: T0,
      deadline: T0 + DAY,
      until: 'The runner reconnects, or its pool gives it up for lost.',
      may: [{ what: 'Bring the runner back', who: 'Whoever operates it' }],
    },
  ],
  [
    'held',
    claimed({ onRunnerLoss: 'hold' }).after(MINUTE).report(key, { type: 'ReportLost', reason: 'box is gone.' }),
    {
      kind: 'Held',
      owner: 'person',
      message: 'a is held: box is gone.',
      since: T0 + 1_000 + MINUTE,
      deadline: T0 + 1_000 + MINUTE + 7 * DAY,
      until: 'Somebody says whether it runs again or fails.',
      may: [
        {
          what: 'Retry or fail it',
          who: 'Everybody who may retry',
          call: 'POST /executions/exec-1/holds/Go%20live/a',
        },
      ],
    },
  ],
  [
    'timing out on a runner',
    claimed().wakeAfter(20 * MINUTE),
    {
      kind: 'Cancelling',
      owner: 'runner',
      message: 'a is being cancelled, because it has timed out; box has not confirmed it yet.',
      since: T0 + 1_000 + 20 * MINUTE,
      deadline: T0 + 1_000 + 20 * MINUTE + 150_000,
      until: 'Whoever carries it out confirms that it has ended.',
    },
  ],
  [
    'timing out in the queue',
    alone(anAction('a')).wakeAfter(DAY),
    {
      kind: 'Cancelling',
      owner: 'runner',
      message: 'a is being cancelled, because it has timed out; its pool has not confirmed it yet.',
      since: T0 + DAY,
      deadline: T0 + DAY + 150_000,
      until: 'Whoever carries it out confirms that it has ended.',
    },
  ],
  [
    'timing out elsewhere',
    alone(anAction('a', { carrier: 'worker', type: 'Http/Call' })).wakeAfter(20 * MINUTE),
    {
      kind: 'Cancelling',
      owner: 'provider',
      message: 'a is being cancelled, because it has timed out; Http/Call has not confirmed it yet.',
      since: T0 + 20 * MINUTE,
      deadline: T0 + 20 * MINUTE + 150_000,
      until: 'Whoever carries it out confirms that it has ended.',
    },
  ],
  [
    'tried again after a while',
    claimed({ retry: { attemptsMax: 2, backoffMs: 5_000 } }).fail(key, 'exit 3'),
    {
      kind: 'AwaitingRetry',
      owner: 'timer',
      message: 'a is tried again after a pause. The attempt before has failed: exit 3',
      since: T0 + 1_000,
      deadline: T0 + 6_000,
      until: 'The pause is over.',
    },
  ],
  [
    'waiting for anybody',
    alone(anApproval('a')),
    {
      ...awaiting,
      message: 'a waits for an approval.',
      until: 'Somebody approves or rejects.',
      may: approve('Everybody who may answer approvals'),
    },
  ],
  [
    'waiting for two of a few',
    policy(['role:owner', 'cy'], 3).when(answered('cy')),
    {
      ...awaiting,
      message: 'a waits for 2 approvals. Given by cy.',
      until: '2 different people approve, or one rejects.',
      may: approve('role:owner, cy, but not cy'),
    },
  ],
  [
    'waiting for anybody but two',
    policy([], 3, false).when(answered('bob')).when(answered('cy')),
    {
      ...awaiting,
      message: 'a waits for an approval. Given by bob, cy.',
      until: 'Somebody approves or rejects.',
      may: approve('Everybody who may answer approvals, but not ada, bob, cy'),
    },
  ],
])('an action that is %s says so', (_, given, reason) => {
  expect(reasonsOf(given)).toStrictEqual([{ subject, ...reason }]);
});

describe('an execution', () => {
  const stopping = { kind: 'Stopping', owner: 'execution', subject: { type: 'execution', execution: 'exec-1' } };

  it('says who stops it, why, and what still runs', () => {
    const wait = { ...stop, abandon: false, reason: 'wrong branch' };
    expect(reasonsOf(claimed().when(wait))).toMatchObject([
      {
        ...stopping,
        message: 'It is being stopped by bob: wrong branch',
        until: 'Its running actions end.',
        may: [
          {
            what: 'Abandon its running actions',
            who: 'Everybody who may stop executions',
            call: 'POST /executions/exec-1/stop',
          },
        ],
        because: [{ kind: 'Running' }],
      },
    ]);
    const [now] = reasonsOf(claimed().when(stop));
    expect(now).toMatchObject({
      ...stopping,
      message: 'It is being stopped by bob',
      until: 'Its actions confirm that they have ended.',
      because: [
        { message: 'a is being cancelled, because the execution was stopped; box has not confirmed it yet.' },
      ],
    });
    expect(now).not.toHaveProperty('may');
    const changed: ExecutionCommand = { type: 'Cancel', by: 'ada', reason: 'new version' };
    expect(reasonsOf(claimed().when(changed))).toMatchObject([
      { message: 'It is being cancelled by ada: new version' },
    ]);
  });

  it('says who has ordered it back, and until when it waits for an answer', () => {
    const failed = (): Given => claimed().fail(key).after(MINUTE);
    const at = T0 + 1_000 + MINUTE;
    expect(
      reasonsOf(failed().when({ type: 'RetryStage', stage: 'Go live', mode: 'FAILED_ACTIONS', by: 'cy' })),
    ).toStrictEqual([
      {
        kind: 'Returning',
        subject: { type: 'stage', execution: 'exec-1', stage: 'Go live' },
        owner: 'pipeline',
        message: 'cy has ordered a retry; it waits to be let into Go live again.',
        since: at,
        deadline: at + 60 * MINUTE,
        until: 'The pipeline lets it in, or refuses because a newer execution has been there.',
      },
    ]);
    expect(reasonsOf(failed().when({ type: 'Resume', stage: 'Go live', by: 'cy' }))).toMatchObject([
      { message: 'cy has ordered to resume; it waits to be let into Go live again.' },
    ]);
  });

  it('says that a stage is retried by itself', () => {
    const plan = aPlan({ 'Go live': [anAction('a'), anAction('b'), anAction('c')] });
    const retry = { mode: 'FAILED_ACTIONS', retriesMax: 1, backoffMs: MINUTE, on: [] } as const;
    const given = Given.execution({ stages: [{ ...plan.stages[0]!, onFailure: { retry, rollback: false } }] });
    given.fail(key).fail('Go live/b').succeed('Go live/c');
    expect(reasonsOf(given)).toStrictEqual([
      {
        kind: 'AwaitingStageRetry',
        subject: { type: 'stage', execution: 'exec-1', stage: 'Go live' },
        owner: 'timer',
        message: 'Go live has failed in 2 of its actions and is retried by itself after a pause.',
        deadline: T0 + MINUTE,
        until: 'The pause is over.',
        may: [
          {
            what: 'Retry now',
            who: 'Everybody who may retry',
            call: 'POST /executions/exec-1/stages/Go%20live/retry',
          },
        ],
      },
    ]);
  });

  it('says that it waits to be let in', () => {
    const given = Given.execution(aPlan({ 'Go live': [anAction('a')] }), {}, -1);
    expect(reasonsOf(given)).toStrictEqual([
      {
        kind: 'AwaitingAdmission',
        subject: { type: 'stage', execution: 'exec-1', stage: 'Go live' },
        owner: 'pipeline',
        message: 'It waits to be let into Go live.',
        since: T0,
        deadline: T0 + 30 * DAY,
        until: 'The pipeline lets it in.',
      },
    ]);
  });

  it('has come back, and waits like any other', () => {
    const given = claimed().fail(key).when({ type: 'Resume', stage: 'Go live', by: 'cy' });
    given.when({ type: 'Admit', epoch: (given.state?.admission.epoch ?? 0) + 1, through: 0 });
    expect(reasonsOf(given)).toMatchObject([{ kind: 'Queued', subject: { attempt: 2 } }]);
  });
});

describe('a condition', () => {
  const [stage] = aPlan({ 'Go live': [anAction('a')] }).stages;
  const rules = [aRule('window'), aRule('alarms')];
  const may = [
    {
      what: 'Override the condition beforeEntry',
      who: 'Everybody who may override conditions',
      call: 'POST /executions/exec-1/stages/Go%20live/override',
    },
  ];
  const at = { type: 'condition', execution: 'exec-1', stage: 'Go live' } as const;
  const unmet = (message: string) => ({ code: 'ConditionUnmet', message }) as const;
  const gated = (waitMs: number): Given =>
    Given.execution(
      {
        stages: [
          { ...stage!, beforeEntry: aCondition('Go live', 'beforeEntry', { otherwise: 'WAIT', rules, waitMs }) },
        ],
      },
      {},
      -1,
    );
  const asked = (given: Given): Given =>
    given
      .after(1_000)
      .succeed('Go live/beforeEntry~alarms')
      .report('Go live/beforeEntry~window', {
        type: 'ReportFailed',
        failure: unmet('Opens at eight.'),
        checkAfterMs: 9 * MINUTE,
      });

  it('of a gate says which of its rules it waits for', () => {
    const [reason] = reasonsOf(gated(60 * MINUTE).succeed('Go live/beforeEntry~alarms'));
    expect(reason).toStrictEqual({
      kind: 'EvaluatingCondition',
      subject: { ...at, place: 'beforeEntry' },
      owner: 'execution',
      message: 'The gate in front of Go live is being evaluated.',
      since: T0,
      deadline: T0 + 60 * MINUTE,
      until: 'Each of its rules has answered.',
      may,
      because: [expect.objectContaining({ subject: { ...subject, action: 'beforeEntry~window' }, kind: 'Running' })],
    });
  });

  it('of a gate says why it is shut, and that nobody waits longer than thirty days', () => {
    expect(reasonsOf(asked(gated(60 * MINUTE)))).toStrictEqual([
      {
        kind: 'GateShut',
        subject: { ...at, place: 'beforeEntry' },
        owner: 'timer',
        message: 'The gate in front of Go live is shut. window: Opens at eight.',
        since: T0 + 1_000,
        deadline: T0 + 60 * MINUTE,
        checkAt: T0 + 1_000 + 9 * MINUTE,
        until: 'Its rules hold when they are asked again.',
        may,
      },
    ]);
    expect(reasonsOf(asked(gated(90 * DAY)))).toMatchObject([{ deadline: T0 + 30 * DAY }]);
    const both = gated(60 * MINUTE);
    for (const rule of ['window', 'alarms']) {
      both.report(`Go live/beforeEntry~${rule}`, { type: 'ReportFailed', failure: unmet(`${rule}!`) });
    }
    expect(reasonsOf(both)).toMatchObject([
      { message: 'The gate in front of Go live is shut. window: window! alarms: alarms!' },
    ]);
  });

  it('of a gate that is open leaves it to the pipeline', () => {
    const open = gated(60 * MINUTE);
    for (const rule of ['window', 'alarms']) open.succeed(`Go live/beforeEntry~${rule}`);
    expect(reasonsOf(open)).toMatchObject([{ kind: 'AwaitingAdmission' }]);
    const overridden = asked(gated(60 * MINUTE));
    overridden.when({ type: 'OverrideCondition', stage: 'Go live', place: 'beforeEntry', by: 'ada' });
    expect(reasonsOf(overridden)).toMatchObject([{ kind: 'AwaitingAdmission' }]);
  });

  it('inside a stage says which of its rules it waits for', () => {
    const onSuccess = aCondition('Go live', 'onSuccess', { rules });
    const given = Given.execution({ stages: [{ ...stage!, onSuccess }] })
      .after(1_000)
      .succeed(key);
    expect(reasonsOf(given)).toStrictEqual([
      {
        kind: 'EvaluatingCondition',
        subject: { ...at, place: 'onSuccess' },
        owner: 'execution',
        message: 'The condition onSuccess of Go live is being evaluated.',
        since: T0 + 1_000,
        until: 'Each of its rules has answered.',
        because: [
          expect.objectContaining({ subject: { ...subject, action: 'onSuccess~window' } }),
          expect.objectContaining({ subject: { ...subject, action: 'onSuccess~alarms' } }),
        ],
      },
    ]);
  });
});
