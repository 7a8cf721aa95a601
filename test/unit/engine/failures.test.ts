import { describe, expect, it } from 'vitest';
import { aPlan, anAction, anApproval, MINUTE, T0 } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';
import { nextWakeAt } from '../../../worker/engine/timeouts.ts';

const one = (overrides: Parameters<typeof anAction>[1] = {}) => aPlan({ S: [anAction('a', overrides)] });

describe('retries', () => {
  const plan = one({ retry: { attemptsMax: 3, backoffMs: 5_000 } });

  it('waits for the backoff, then starts a new attempt', () => {
    const given = Given.execution(plan).fail('S/a').thenStatus('InProgress').thenAction('S/a', 'InProgress');
    expect(nextWakeAt(given.state!)).toBe(T0 + 5_000);
    given.wakeAfter(4_999).thenNothingHappened();
    given.wakeAfter(1).thenEffects({ type: 'StartAction', attempt: 2 } as never);
  });

  it('doubles the backoff with every attempt and then fails', () => {
    const given = Given.execution(plan).fail('S/a').wakeAfter(5_000).fail('S/a');
    expect(nextWakeAt(given.state!)).toBe(T0 + 15_000);
    given.wakeAfter(10_000).fail('S/a').thenStatus('Failed');
    expect(given.attempt('S/a').number).toBe(3);
  });

  it('never retries what is configured wrongly', () => {
    Given.execution(plan)
      .report('S/a', { type: 'ReportFailed', failure: { code: 'ConfigurationError', message: 'no such image' } })
      .thenStatus('Failed');
  });

  it('ignores a result of an earlier attempt', () => {
    Given.execution(plan)
      .fail('S/a')
      .wakeAfter(5_000)
      .report('S/a', { type: 'ReportSucceeded', variables: {}, artifacts: [] }, 1)
      .thenNothingHappened()
      .thenAction('S/a', 'InProgress');
  });

  it('ignores a result that comes twice', () => {
    const given = Given.execution(plan).succeed('S/a');
    const ended = given.state;
    given.report('S/a', { type: 'ReportSucceeded', variables: {}, artifacts: [] }).thenNothingHappened();
    expect(given.state).toBe(ended);
  });
});

describe('timeouts', () => {
  it('counts from the claim, not from the queue', () => {
    const given = Given.execution(one({ timeoutMs: MINUTE }))
      .wakeAfter(10 * MINUTE)
      .thenNothingHappened();
    given.report('S/a', { type: 'ReportClaimed', runner: 'r1' });
    expect(nextWakeAt(given.state!)).toBe(given.now + MINUTE);
  });

  it('is not put off by a claim that is said again', () => {
    const given = Given.execution(one({ timeoutMs: MINUTE })).report('S/a', { type: 'ReportClaimed', runner: 'r1' });
    const deadline = nextWakeAt(given.state!);
    given.after(1_000).report('S/a', { type: 'ReportClaimed', runner: 'r1' }).thenNothingHappened();
    expect(nextWakeAt(given.state!)).toBe(deadline);
  });

  it('cancels the work and fails once that is confirmed', () => {
    const given = Given.execution(one({ timeoutMs: MINUTE }))
      .report('S/a', { type: 'ReportClaimed', runner: 'r1' })
      .wakeAfter(MINUTE)
      .thenEffects({ type: 'CancelAction', cause: 'TimedOut' } as never)
      .thenStatus('InProgress')
      .report('S/a', { type: 'ReportCancelled' })
      .thenStatus('Failed');
    expect(given.attempt('S/a').phase).toMatchObject({ failure: { code: 'TimedOut' } });
  });

  it('keeps a success that was on its way when the clock ran out', () => {
    Given.execution(one({ timeoutMs: MINUTE }))
      .report('S/a', { type: 'ReportClaimed', runner: 'r1' })
      .wakeAfter(MINUTE)
      .succeed('S/a')
      .thenStatus('Succeeded');
  });

  it('fails a job that no runner took for a day', () => {
    Given.execution(one())
      .wakeAfter(24 * 60 * MINUTE)
      .report('S/a', { type: 'ReportCancelled' })
      .thenStatus('Failed');
  });

  it('handles several timers that came due in one turn, each seeing the one before', () => {
    const plan = aPlan({
      S: [
        anAction('fast', { timeoutMs: MINUTE }),
        anAction('slow', { timeoutMs: 2 * MINUTE }),
        anAction('again', { retry: { attemptsMax: 2, backoffMs: 1_000 } }),
        anApproval('ask', { timeoutMs: 3 * MINUTE }),
      ],
    });
    Given.execution(plan)
      .report('S/fast', { type: 'ReportClaimed', runner: 'r' })
      .report('S/slow', { type: 'ReportClaimed', runner: 'r' })
      .fail('S/again')
      .wakeAfter(10 * MINUTE)
      .thenEvents('ActionStarted', 'ActionCancelling', 'ActionCancelling', 'ActionFailed')
      .thenAction('S/ask', 'Failed');
  });

  it('leaves no timer behind when it ends', () => {
    expect(nextWakeAt(Given.execution(one()).succeed('S/a').state!)).toBeUndefined();
  });
});

describe('late external ids', () => {
  it('cancels work that reports its id after the attempt has ended', () => {
    Given.execution(one({ carrier: 'worker', type: 'Invoke/Delay' }))
      .succeed('S/a')
      .thenStatus('Succeeded')
      .report('S/a', { type: 'ReportRunning', externalId: 'build-7' })
      .thenEffects({ type: 'CancelAction', cause: 'Orphaned', externalId: 'build-7' } as never)
      .thenStatus('Succeeded');
  });

  it('takes no notice of a claim that comes in behind its own result', () => {
    Given.execution(one())
      .succeed('S/a')
      .report('S/a', { type: 'ReportClaimed', runner: 'r1' })
      .thenNothingHappened();
  });

  it('cancels a job that is claimed after the attempt has ended', () => {
    Given.execution(one())
      .report('S/a', { type: 'ReportLost', reason: 'gone' })
      .report('S/a', { type: 'ReportClaimed', runner: 'r2' }, 1)
      .thenEffects({ type: 'CancelAction', cause: 'Orphaned', attempt: 1 } as never);
  });
});

describe('stop', () => {
  const plan = aPlan({ S: [anAction('a'), anAction('b', { runOrder: 2 })], T: [anAction('c')] });
  const stop = { type: 'Stop', by: 'ada', reason: 'wrong branch' } as const;

  it('lets running actions end by themselves, then is Stopped', () => {
    Given.execution(plan)
      .when({ ...stop, abandon: false })
      .thenStatus('Stopping')
      .thenStages('Stopping', undefined)
      .thenAction('S/a', 'InProgress')
      .succeed('S/a')
      .thenStatus('Stopped')
      .thenStages('Stopped', undefined)
      .thenAction('S/b', undefined);
  });

  it('cancels running actions when abandoned, and keeps the stage until that is confirmed', () => {
    Given.execution(plan)
      .when({ ...stop, abandon: true })
      .thenStatus('Stopping')
      .thenEffects({ type: 'CancelAction', cause: 'Stopped' } as never)
      .report('S/a', { type: 'ReportCancelled' })
      .thenAction('S/a', 'Abandoned')
      .thenStatus('Stopped');
  });

  it('does not wait for ever for the confirmation', () => {
    const given = Given.execution(plan).when({ ...stop, abandon: true });
    given.now = nextWakeAt(given.state!) ?? 0;
    given.when({ type: 'Wake' }).thenAction('S/a', 'Abandoned').thenStatus('Stopped');
  });

  it('may be made stricter, but not be said twice', () => {
    Given.execution(plan)
      .when({ ...stop, abandon: false })
      .when({ ...stop, abandon: false })
      .thenRejected('already_stopping')
      .when({ ...stop, abandon: true })
      .thenEvents('ExecutionStopping', 'ActionCancelling');
  });

  it('does not wait for people or for backoffs', () => {
    const waits = aPlan({ S: [anApproval('ask'), anAction('a', { retry: { attemptsMax: 2, backoffMs: 60_000 } })] });
    Given.execution(waits)
      .fail('S/a')
      .when({ ...stop, abandon: false })
      .thenAction('S/ask', 'Abandoned')
      .thenAction('S/a', 'Abandoned')
      .thenStatus('Stopped');
  });

  it('is refused once the execution has ended', () => {
    Given.execution(one())
      .succeed('S/a')
      .when({ ...stop, abandon: true })
      .thenRejected('execution_ended');
  });
});

describe('a lost runner', () => {
  const lose = (given: Given) => given.report('S/a', { type: 'ReportLost', reason: 'r1 is gone' });

  it('gives a build a new attempt at once, beside the attempts it is allowed', () => {
    lose(Given.execution(one()))
      .thenStatus('InProgress')
      .thenEffects({ type: 'StartAction', attempt: 2 } as never)
      .fail('S/a')
      .thenStatus('Failed');
  });

  it('gives up when runners keep vanishing', () => {
    const given = Given.execution(one());
    for (let loss = 0; loss < 4; loss += 1) lose(given);
    given.thenStatus('Failed');
    expect(given.attempt('S/a')).toMatchObject({ number: 4, phase: { failure: { code: 'RunnerLost' } } });
  });

  it('holds a deployment for a person and does nothing by itself', () => {
    lose(Given.execution(one({ onRunnerLoss: 'hold' })))
      .thenEvents('ActionHeld')
      .thenEffects({ type: 'PublishSummary' })
      .wakeAfter(24 * 60 * MINUTE)
      .thenNothingHappened()
      .thenAction('S/a', 'InProgress');
  });

  it('runs a held action again when a person says so', () => {
    lose(Given.execution(one({ onRunnerLoss: 'hold' })))
      .when({ type: 'ResolveHold', action: 'S/a' as never, resolution: 'Retry', by: 'rita' })
      .thenEffects({ type: 'StartAction', attempt: 2 } as never);
  });

  it('fails a held action when a person says so, or nobody does', () => {
    lose(Given.execution(one({ onRunnerLoss: 'hold' })))
      .when({ type: 'ResolveHold', action: 'S/a' as never, resolution: 'Fail', by: 'rita' })
      .thenStatus('Failed');
    lose(Given.execution(one({ onRunnerLoss: 'hold' })))
      .wakeAfter(7 * 24 * 60 * MINUTE)
      .thenStatus('Failed');
  });

  it('refuses a resolution of what is not held', () => {
    Given.execution(one())
      .when({ type: 'ResolveHold', action: 'S/a' as never, resolution: 'Retry', by: 'rita' })
      .thenRejected('action_not_held');
  });

  it('fails when the definition says so', () => {
    lose(Given.execution(one({ onRunnerLoss: 'fail' }))).thenStatus('Failed');
  });

  it('shows that its runner is out of touch, and that it is back', () => {
    const given = Given.execution(one()).report('S/a', { type: 'ReportClaimed', runner: 'r1' });
    given.report('S/a', { type: 'ReportUnreachable' });
    expect(given.attempt('S/a').phase).toMatchObject({ unreachableSince: given.now });
    given.report('S/a', { type: 'ReportReachable' });
    expect(given.attempt('S/a').phase).not.toHaveProperty('unreachableSince');
  });
});

describe('variables and artifacts', () => {
  const plan = aPlan({
    Build: [
      anAction('Package', { namespace: 'pkg', outputVariables: ['VERSION'], outputs: [{ name: 'app', files: [] }] }),
    ],
    Release: [
      anAction('Ship', {
        inputs: ['app'],
        commands: ['deploy #{pkg.VERSION} to #{variables.target}'],
        environment: { RUN: '#{codepipeline.PipelineExecutionId}' },
      }),
    ],
  });

  it('fails an action whose references nobody has set, without starting it', () => {
    const given = Given.execution(plan, { variables: { target: 'staging' } }).succeed('Build/Package', {}, ['app']);
    given.thenStatus('Failed');
    expect(given.attempt('Release/Ship').phase).toMatchObject({
      failure: { code: 'ConfigurationError', message: expect.stringContaining('#{pkg.VERSION}') },
    });
    expect(given.last?.effects.map(({ type }) => type)).not.toContain('StartAction');
  });

  it('keeps only the output variables that were declared', () => {
    const given = Given.execution(plan).succeed('Build/Package', { VERSION: '7', SECRET: 'x' }, ['app']);
    expect(given.state?.namespaces).toEqual({ pkg: { VERSION: '7' } });
  });

  it('fails an action that did not put out a declared artifact', () => {
    Given.execution(plan).succeed('Build/Package', { VERSION: '7' }, []).thenStatus('Failed');
  });
});

describe('work that is being cancelled', () => {
  it('is asked once more when its carrier says that something has happened', () => {
    const test = Given.execution(one({ carrier: 'worker', timeoutMs: 1_000 })).wakeAfter(1_000);
    test.report('S/a', { type: 'ReportDue' }).thenEffects({ type: 'CancelAction', cause: 'TimedOut' } as never);
    test.report('S/a', { type: 'ReportCancelled' }).thenStatus('Failed');
  });
});
