import { describe, expect, it } from 'vitest';
import { aPlan, anAction, anApproval } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const twoStages = aPlan({
  Build: [anAction('Lint'), anAction('Unit'), anAction('Package', { runOrder: 2 })],
  Deploy: [anAction('Ship')],
});

describe('stages and run orders', () => {
  it('starts all actions of the first run order at once', () => {
    Given.execution(twoStages)
      .thenStages('InProgress', undefined)
      .thenAction('Build/Lint', 'InProgress')
      .thenAction('Build/Unit', 'InProgress')
      .thenAction('Build/Package', undefined);
  });

  it('starts the next run order when every action of the one before has succeeded', () => {
    Given.execution(twoStages)
      .succeed('Build/Lint')
      .thenAction('Build/Package', undefined)
      .succeed('Build/Unit')
      .thenAction('Build/Package', 'InProgress')
      .thenEffects({ type: 'StartAction', action: 'Build/Package' } as never);
  });

  it('enters the next stage in the very turn that ends the one before', () => {
    Given.execution(twoStages)
      .succeed('Build/Lint')
      .succeed('Build/Unit')
      .succeed('Build/Package')
      .thenStages('Succeeded', 'InProgress')
      .thenAction('Deploy/Ship', 'InProgress')
      .thenEvents('ActionSucceeded', 'StageSucceeded', 'StageEntered', 'ActionStarted');
  });

  it('succeeds when its last stage does', () => {
    Given.execution(aPlan({ Only: [anAction('One')] }))
      .succeed('Only/One')
      .thenStatus('Succeeded')
      .thenStages('Succeeded')
      .thenEffects({ type: 'ReportPosition' }, { type: 'PublishSummary', urgent: true });
  });

  it('lets siblings run to their end when an action fails, and starts nothing further', () => {
    Given.execution(twoStages)
      .fail('Build/Lint')
      .thenStatus('InProgress')
      .thenAction('Build/Unit', 'InProgress')
      .succeed('Build/Unit')
      .thenAction('Build/Package', undefined)
      .thenStages('Failed', undefined)
      .thenStatus('Failed');
  });

  it('does nothing with a second Begin', () => {
    const given = Given.execution(twoStages);
    const origin = given.state;
    if (origin === undefined) throw new Error('not begun');
    given.when({ type: 'Begin', origin, epoch: 1, through: 0 }).thenNothingHappened();
    expect(given.state).toBe(origin);
  });

  it('takes a newer grant from a Begin that is sent again', () => {
    const given = Given.execution(twoStages, {}, 0);
    const origin = given.state;
    if (origin === undefined) throw new Error('not begun');
    given.when({ type: 'Begin', origin, epoch: 2, through: 1 }).thenEvents('Admitted');
  });

  it('refuses orders to an execution that was never begun', () => {
    new Given().when({ type: 'Stop', abandon: false, by: 'ada', reason: '' }).thenRejected('execution_not_found');
  });
});

describe('admission', () => {
  const threeStages = aPlan({ A: [anAction('a')], B: [anAction('b')], C: [anAction('c')] });

  it('waits in front of a stage that was not granted, and says so to its pipeline', () => {
    Given.execution(threeStages, {}, 0)
      .succeed('A/a')
      .thenEvents('ActionSucceeded', 'StageSucceeded', 'AdmissionAwaited')
      .thenEffects({ type: 'ReportPosition', urgent: true }, { type: 'PublishSummary', urgent: false })
      .thenStages('Succeeded', undefined, undefined)
      .thenStatus('InProgress');
  });

  it('enters the stage when the grant arrives', () => {
    Given.execution(threeStages, {}, 0)
      .succeed('A/a')
      .when({ type: 'Admit', epoch: 2, through: 1 })
      .thenStages('Succeeded', 'InProgress', undefined);
  });

  it('ignores a grant that is older than the one it has', () => {
    Given.execution(threeStages, {}, 0)
      .when({ type: 'Admit', epoch: 3, through: 1 })
      .when({ type: 'Admit', epoch: 2, through: 2 })
      .thenNothingHappened()
      .succeed('A/a')
      .succeed('B/b')
      .thenStages('Succeeded', 'Succeeded', undefined);
  });

  it('gives up what was granted ahead when it starts to wait', () => {
    const given = Given.execution(threeStages, {}, 0).succeed('A/a');
    expect(given.state?.admission).toMatchObject({ waiting: true, stage: 1, through: 0 });
  });

  it('ends as Superseded while it waits', () => {
    Given.execution(threeStages, {}, 0).succeed('A/a').when({ type: 'Supersede' }).thenStatus('Superseded');
  });

  it('cannot be superseded inside a stage', () => {
    Given.execution(threeStages, {}, 0).when({ type: 'Supersede' }).thenNothingHappened().thenStatus('InProgress');
  });

  it('stops at once while it waits in front of a stage', () => {
    Given.execution(threeStages, {}, 0)
      .succeed('A/a')
      .when({ type: 'Stop', abandon: false, by: 'ada', reason: 'no' })
      .thenStatus('Stopped')
      .thenStages('Succeeded', undefined, undefined);
  });

  it('counts its positions upwards, so that the pipeline can tell old from new', () => {
    const steps = Given.execution(threeStages)
      .succeed('A/a')
      .succeed('B/b')
      .succeed('C/c')
      .events.flatMap((event) => ('step' in event ? [event.step] : []));
    expect(steps).toEqual([1, 2, 3, 4]);
  });
});

describe('approval', () => {
  const plan = aPlan({ Release: [anApproval('SignOff', { timeoutMs: 60_000 }), anAction('Ship', { runOrder: 2 })] });
  const answer = { type: 'AnswerApproval', action: 'Release/SignOff' as never, by: 'rita' } as const;

  it('lets the next run order go when approved', () => {
    const given = Given.execution(plan).thenAction('Release/SignOff', 'InProgress');
    given
      .when({ ...answer, result: 'Approved', summary: 'fine' })
      .thenAction('Release/SignOff', 'Succeeded')
      .thenAction('Release/Ship', 'InProgress');
    expect(given.attempt('Release/SignOff')).toMatchObject({ summary: 'fine', phase: { by: 'rita' } });
  });

  it('fails the stage when rejected', () => {
    const given = Given.execution(plan).when({ ...answer, result: 'Rejected', summary: 'not today' });
    given.thenStatus('Failed').thenStages('Failed');
    expect(given.attempt('Release/SignOff').phase).toMatchObject({
      failure: { code: 'Rejected', message: 'not today' },
    });
  });

  it('fails when nobody answers in time', () => {
    const given = Given.execution(plan).wakeAfter(60_000).thenStatus('Failed');
    expect(given.attempt('Release/SignOff').phase).toMatchObject({ failure: { code: 'ApprovalExpired' } });
  });

  it('refuses a token of another request', () => {
    Given.execution(plan)
      .when({ ...answer, result: 'Approved', summary: '', token: 'exec-1:Release/SignOff:0' })
      .thenRejected('approval_token_stale')
      .thenAction('Release/SignOff', 'InProgress');
  });

  it('takes the token of this request', () => {
    const given = Given.execution(plan);
    const { phase } = given.attempt('Release/SignOff');
    if (phase.kind !== 'AwaitingApproval') throw new Error('not waiting');
    given
      .when({ ...answer, result: 'Approved', summary: '', token: phase.token })
      .thenAction('Release/SignOff', 'Succeeded');
  });

  it('refuses a second answer', () => {
    Given.execution(plan)
      .when({ ...answer, result: 'Approved', summary: '' })
      .when({ ...answer, result: 'Rejected', summary: '' })
      .thenRejected('approval_not_pending')
      .thenAction('Release/SignOff', 'Succeeded');
  });

  it('refuses to approve what is not an approval', () => {
    Given.execution(plan)
      .when({ ...answer, action: 'Release/Ship' as never, result: 'Approved', summary: '' })
      .thenRejected('action_not_found');
  });
});
