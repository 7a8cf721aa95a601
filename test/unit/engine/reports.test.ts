import { describe, expect, it } from 'vitest';
import type { ExecutionCommand } from '../../../worker/engine/messages.ts';
import { anAction, anApproval, aPlan, MINUTE } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** What the world may say about an attempt, at every point of its life; late and repeated words included. */

const SAID = [
  { type: 'ReportClaimed', runner: 'r' },
  { type: 'ReportRunning' },
  { type: 'ReportUnreachable' },
  { type: 'ReportReachable' },
  { type: 'ReportDue' },
  { type: 'ReportSucceeded', variables: {}, artifacts: [] },
  { type: 'ReportFailed', failure: { code: 'JobFailed', message: 'exit 1' } },
  { type: 'ReportCancelled' },
  { type: 'ReportLost', reason: 'gone' },
] as const;

const HOUR = 60 * MINUTE;
const stop: Extract<ExecutionCommand, { type: 'Stop' }> = { type: 'Stop', abandon: true, by: 'ada', reason: '' };

/** Another action beside it keeps the stage open, whatever happens to this one. */
const queued = (more = {}): Given =>
  Given.execution(
    aPlan({
      A: [anAction('a', { timeoutMs: HOUR, onRunnerLoss: 'fail', ...more }), anAction('b', { timeoutMs: HOUR })],
    }),
  );
const claimed = (more = {}): Given => queued(more).report('A/a', { type: 'ReportClaimed', runner: 'r' });
const timingOut = (): Given => claimed().wakeAfter(HOUR);
const stopping = (): Given => claimed().when(stop);
const lost = (given: Given): Given => given.report('A/a', { type: 'ReportLost', reason: 'gone' });
const cancelled = (given: Given): Given => given.report('A/a', { type: 'ReportCancelled' });
const asked = (): Given => Given.execution(aPlan({ A: [anApproval('a'), anAction('b')] }));

const NOTHING = '-';

/** One word per report, in the order above: the event that it comes to. */
it.each<[string, () => Given, string]>([
  ['queued', queued, 'Claimed Progressed Unreachable - Polled Succeeded Failed Failed Failed'],
  ['claimed', claimed, '- Progressed Unreachable - Polled Succeeded Failed Failed Failed'],
  [
    'out of touch',
    () => claimed().report('A/a', { type: 'ReportUnreachable' }),
    '- Progressed - Returned Polled Succeeded Failed Failed Failed',
  ],
  ['timing out', timingOut, 'Orphan Orphan - - Cancelling Succeeded Failed Failed Failed'],
  ['being stopped', stopping, 'Orphan Orphan - - Cancelling Abandoned Abandoned Abandoned Abandoned'],
  ['held', () => lost(claimed({ onRunnerLoss: 'hold' })), 'Orphan Orphan - - - - - - -'],
  ['waiting for a person', asked, '- - - - - - - - -'],
  // The claim of a job that has brought its own end came in behind it; of any other, somebody works in vain.
  ['succeeded', () => claimed().succeed('A/a'), '- Orphan - - - - - - -'],
  ['failed', () => claimed().fail('A/a'), '- Orphan - - - - - - -'],
  ['lost', () => lost(claimed()), 'Orphan Orphan - - - - - - -'],
  ['timed out', () => cancelled(timingOut()), 'Orphan Orphan - - - - - - -'],
  ['abandoned', () => cancelled(stopping()), 'Orphan Orphan - - - - - - -'],
])('of an attempt that is %s', (_, attempt, expected) => {
  const heard = SAID.map((report) =>
    attempt()
      .report('A/a', report)
      .last?.events.map(({ type }) => type.replace(/^Action|^Runner|Reported$/g, ''))
      .join('+'),
  );
  expect(heard.map((events) => (events === '' ? NOTHING : events)).join(' ')).toBe(expected);
});

it('of an attempt or an action that there is not is not heard', () => {
  for (const report of SAID) {
    claimed().report('A/a', report, 7).thenNothingHappened();
    claimed()
      .when({ ...report, action: 'A/x' as never, attempt: 1 })
      .thenNothingHappened();
  }
});

describe('what is said along with it', () => {
  const url = 'https://ci.example/1';
  const event = (given: Given): unknown => given.last?.events[0];

  it('about work in progress', () => {
    const said = { externalId: 'x', externalUrl: url, summary: 'half' };
    const given = claimed().report('A/a', { type: 'ReportRunning', ...said, checkAfterMs: 5_000 });
    expect(event(given)).toEqual({
      type: 'ActionProgressed',
      action: 'A/a',
      attempt: 1,
      ...said,
      pollAt: given.now + 5_000,
    });
    expect(given.attempt('A/a')).toMatchObject(said);
    // What is not said again stays as it was, but for when to ask.
    given.report('A/a', { type: 'ReportRunning' });
    expect(given.attempt('A/a')).toMatchObject(said);
    expect(given.attempt('A/a').phase).not.toHaveProperty('pollAt');
  });

  it('about its success', () => {
    const given = claimed().report('A/a', {
      type: 'ReportSucceeded',
      variables: {},
      artifacts: [],
      summary: 'all good',
      externalUrl: url,
    });
    expect(event(given)).toMatchObject({ summary: 'all good', externalUrl: url });
    expect(given.attempt('A/a')).toMatchObject({ summary: 'all good', externalUrl: url });
  });

  it('about its failure', () => {
    const failure = { code: 'JobFailed', message: 'exit 1' } as const;
    const given = claimed().report('A/a', { type: 'ReportFailed', failure, summary: '3 of 9', checkAfterMs: 9 });
    expect(event(given)).toEqual({
      type: 'ActionFailed',
      action: 'A/a',
      attempt: 1,
      failure,
      summary: '3 of 9',
      checkAfterMs: 9,
    });
    expect(given.attempt('A/a')).toMatchObject({ summary: '3 of 9', phase: { failure, checkAfterMs: 9 } });
  });

  it('about work that nobody waits for', () => {
    const late = (given: Given): unknown =>
      given.report('A/a', { type: 'ReportRunning', externalId: 'x' }).last?.effects;
    const effect = { type: 'CancelAction', action: 'A/a', attempt: 1, cause: 'Orphaned', externalId: 'x' };
    expect(late(claimed().fail('A/a'))).toEqual([effect]);
    expect(late(timingOut())).toEqual([effect]);
  });
});

describe('an attempt', () => {
  const twice = { retry: { attemptsMax: 2, backoffMs: 0 } };

  it('that was cancelled at its runner is not tried again', () => {
    cancelled(claimed(twice)).thenAction('A/a', 'Failed');
    claimed(twice).fail('A/a').wakeAfter(0).thenAction('A/a', 'InProgress');
  });

  it('whose runner is lost while it times out is lost, and held where that is asked for', () => {
    const late = (more: object): Given => lost(claimed(more).wakeAfter(HOUR));
    expect(late({}).attempt('A/a').phase).toMatchObject({ failure: { code: 'RunnerLost', message: 'gone' } });
    expect(late({ onRunnerLoss: 'hold' }).attempt('A/a').phase).toMatchObject({ kind: 'Held', reason: 'gone' });
  });

  it('that is held ends at once when the execution is stopped', () => {
    const held = lost(claimed({ onRunnerLoss: 'hold' }));
    held
      .when({ ...stop, abandon: false })
      .thenAction('A/a', 'Abandoned')
      .thenStatus('Stopping');
  });

  it('is held only where a runner may have left something half done', () => {
    lost(queued({ carrier: 'worker', onRunnerLoss: 'hold' })).thenAction('A/a', 'Failed');
  });
});

describe('what nobody says', () => {
  it('fails a hold as lost in the end, and does not try again', () => {
    const given = lost(claimed({ onRunnerLoss: 'hold', retry: { attemptsMax: 3, backoffMs: 0 } }));
    given.wakeAfter(7 * 24 * HOUR - 1);
    expect(given.attempt('A/a').phase.kind).toBe('Held');
    given.wakeAfter(1);
    expect(given.attempt('A/a')).toMatchObject({
      number: 1,
      phase: { status: 'Failed', failure: { code: 'RunnerLost', message: 'gone' } },
    });
    given.thenAction('A/a', 'Failed');
  });

  it('abandons what was stopped and never confirmed it', () => {
    const given = stopping().wakeAfter(150_000);
    given.thenAction('A/a', 'Abandoned').thenStatus('Stopped');
  });

  it('lets an approval expire', () => {
    const given = asked();
    given.wakeAfter(20 * MINUTE);
    expect(given.attempt('A/a').phase).toMatchObject({
      failure: { code: 'ApprovalExpired', message: 'Nobody answered in time.' },
    });
  });
});
