import { describe, expect, it } from 'vitest';
import type { ExecutionCommand } from '../../../worker/engine/messages.ts';
import { executionView } from '../../../worker/engine/view.ts';
import { aCondition, anAction, anApproval, aPlan, aRule, MINUTE, T0 } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** What is seen of an action at every point of its life, and of an execution on its way. */

const HOUR = 60 * MINUTE;
const time = (at: number): string => new Date(at).toISOString();
const begun = (more = {}): Given =>
  Given.execution(aPlan({ A: [anAction('a', { timeoutMs: HOUR, ...more })] })).after(MINUTE);
const claimed = (more = {}): Given => begun(more).report('A/a', { type: 'ReportClaimed', runner: 'box' });
const lost = (given: Given): Given =>
  given.after(MINUTE).report('A/a', { type: 'ReportLost', reason: 'box is gone' });
const twice = { retry: { attemptsMax: 2, backoffMs: MINUTE } };
const view = ({ state }: Given) => executionView(state!);
const action = (given: Given) => view(given).stages[0]?.actions[0];
const approve = (by: string): Extract<ExecutionCommand, { type: 'AnswerApproval' }> => ({
  type: 'AnswerApproval',
  action: 'A/a' as never,
  result: 'Approved',
  summary: `${by} likes it`,
  by,
});
const asked = (): Given =>
  Given.execution(
    aPlan({ A: [anApproval('a', { approval: { approvers: ['role:owner', 'bob'], count: 2, self: false } })] }),
  );

const lostError = { code: 'RunnerLost', message: 'box is gone' };
const failedError = { code: 'JobFailed', message: 'exit 1' };

it.each<[string, Given, object]>([
  ['queued', begun(), { status: 'InProgress', activity: 'Queued', runner: null, endedAt: null, error: null }],
  ['running', claimed(), { status: 'InProgress', activity: 'Running', runner: 'box', hasLog: true }],
  ['carried out elsewhere', begun({ carrier: 'worker' }), { activity: 'Running', runner: null, hasLog: false }],
  [
    'out of touch',
    claimed().report('A/a', { type: 'ReportUnreachable' }),
    { status: 'InProgress', activity: 'RunnerUnreachable' },
  ],
  ['timing out', claimed().wakeAfter(HOUR), { status: 'InProgress', activity: 'Cancelling', error: null }],
  [
    'held',
    lost(claimed({ onRunnerLoss: 'hold' })),
    { status: 'InProgress', activity: 'Held', endedAt: null, error: lostError },
  ],
  [
    'waiting to be tried again',
    claimed(twice).fail('A/a'),
    {
      status: 'InProgress',
      activity: 'AwaitingRetry',
      endedAt: null,
      retryAt: time(T0 + 2 * MINUTE),
      error: failedError,
      attempts: [{ number: 1, status: 'Failed', endedAt: time(T0 + MINUTE), error: failedError }],
    },
  ],
  [
    'tried again',
    claimed(twice).fail('A/a').wakeAfter(MINUTE),
    {
      attempt: 2,
      activity: 'Queued',
      startedAt: time(T0),
      error: null,
      retryAt: null,
      attempts: [{ status: 'Failed' }, { number: 2, status: 'InProgress', endedAt: null, error: null }],
    },
  ],
  [
    'done',
    claimed().after(MINUTE).succeed('A/a'),
    { status: 'Succeeded', activity: null, endedAt: time(T0 + 2 * MINUTE), error: null, approval: null },
  ],
  [
    'failed',
    claimed().fail('A/a'),
    { status: 'Failed', activity: null, endedAt: time(T0 + MINUTE), error: failedError, retryAt: null },
  ],
  [
    'abandoned',
    claimed().when({ type: 'Stop', abandon: true, by: 'ada', reason: '' }).report('A/a', { type: 'ReportCancelled' }),
    { status: 'Abandoned', activity: null, error: null, endedAt: time(T0 + MINUTE) },
  ],
  [
    'approved by two',
    asked()
      .after(MINUTE)
      .when(approve('bob'))
      .when({ ...approve('cy'), roles: ['owner'] }),
    { status: 'Succeeded', activity: null, approval: null, summary: 'bob likes it\ncy likes it' },
  ],
  [
    'waiting for one more approval',
    asked().after(MINUTE).when(approve('bob')),
    {
      status: 'InProgress',
      activity: 'AwaitingApproval',
      hasLog: false,
      approval: {
        token: 'exec-1:A/a:1',
        expiresAt: time(T0 + 20 * MINUTE),
        approvers: ['role:owner', 'bob'],
        count: 2,
        self: false,
        given: [{ by: 'bob', at: time(T0 + MINUTE), summary: 'bob likes it' }],
        covers: { revisions: [], artifacts: [] },
      },
    },
  ],
])('an action that is %s is seen so', (_, given, seen) => {
  expect(action(given)).toMatchObject(seen);
});

describe('the view of an execution', () => {
  const revision = { id: 'r1', digest: 'sha256:1', sizeBytes: 9, summary: 'one' };
  const plan = aPlan({ A: [anAction('a')], B: [anAction('b')] });

  it('says of its revisions what is known', () => {
    const more = { type: 'COMMIT_ID', branch: 'main', url: 'https://git.example/1', isUntrusted: true } as const;
    const { revisions } = view(
      Given.execution(plan, { revisions: { One: revision, Two: { ...revision, ...more } } }),
    );
    expect(revisions).toMatchObject([
      { action: 'One', ...revision, branch: null, url: null, isUntrusted: false },
      { action: 'Two', ...revision, ...more },
    ]);
  });

  it('says what it waits for, and who has ordered it back', () => {
    expect(view(Given.execution(plan)).waitingForStage).toBeNull();
    expect(view(Given.execution(plan, {}, 0).succeed('A/a')).waitingForStage).toBe('B');
    const back = Given.execution(plan).succeed('A/a').after(MINUTE).fail('B/b');
    back.when({ type: 'Resume', stage: 'A', by: 'cy' });
    expect(view(back)).toMatchObject({
      status: 'Failed',
      returning: { stage: 'A', kind: 'Resume', by: 'cy', since: time(T0 + MINUTE) },
    });
  });

  it('shows each rule of a condition by itself, asked or not', () => {
    const [a, b] = plan.stages;
    const beforeEntry = aCondition('B', 'beforeEntry', { rules: [aRule('one'), aRule('two')], otherwise: 'SKIP' });
    const given = Given.execution({ stages: [a!, { ...b!, beforeEntry }] });
    const conditions = () => view(given).stages[1]?.conditions;
    expect(conditions()).toMatchObject([
      {
        place: 'beforeEntry',
        otherwise: 'SKIP',
        status: null,
        startedAt: null,
        rules: [
          { name: 'one', status: null, attempt: null, attempts: [] },
          { name: 'two', status: null },
        ],
      },
    ]);
    given.succeed('A/a').after(MINUTE).fail('B/beforeEntry~two');
    expect(conditions()).toMatchObject([
      {
        status: 'InProgress',
        startedAt: time(T0),
        rules: [{ status: 'InProgress' }, { status: 'Failed', error: failedError }],
      },
    ]);
  });
});
