import { describe, expect, it } from 'vitest';
import { statusReport } from '../../../worker/engine/commit-status.ts';
import type { Pin } from '../../../worker/engine/model.ts';
import { anAction, anApproval, aPlan } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const configuration = { Connection: 'hub', FullRepositoryId: 'acme/shop', BranchName: 'main' };
const checkout = anAction('Checkout', {
  type: 'Source/Connection',
  carrier: 'worker',
  commands: [],
  configuration,
  outputs: [{ name: 'source', files: [] }],
});
const plan = aPlan({
  Source: [checkout],
  Build: [anAction('Unit'), anAction('Lint')],
  Release: [anApproval('SignOff')],
});
const pin: Pin = { type: 'COMMIT_ID', value: 'c0ffee', branch: 'main' };
const target = { connection: 'hub', repository: 'acme/shop', commit: 'c0ffee', branch: 'main' };

const begin = (pins: Record<string, Pin> = { Checkout: pin }) => Given.execution(plan, { revisions: {}, pins });

function fetch(given: Given): Given {
  return given.report('Source/Checkout', {
    type: 'ReportSucceeded',
    variables: {},
    artifacts: [{ name: 'source', digest: 'sha256:1', sizeBytes: 1 }],
    revision: {
      id: 'c0ffee',
      type: 'COMMIT_ID',
      summary: '',
      branch: 'main',
      at: { connection: 'hub', repository: 'acme/shop' },
    },
  });
}

const reported = (given: Given): readonly (number | null)[] =>
  given.last!.effects.flatMap((effect) => (effect.type === 'ReportStatus' ? [effect.stage] : []));
const report = (given: Given, stage: number | null) => statusReport(given.state!, stage);

describe('a commit at a Git host', () => {
  it('hears of the whole and of each stage when anything of it changes', () => {
    const given = begin();
    expect(reported(given)).toEqual([null, 0]);
    expect(new Set(reported(fetch(given)))).toEqual(new Set([null, 0, 1]));
    expect(reported(given.succeed('Build/Unit'))).toEqual([]);
    expect(reported(given.succeed('Build/Lint'))).toEqual([1, 2, 2]);
    given.when({
      type: 'AnswerApproval',
      action: 'Release/SignOff' as never,
      result: 'Approved',
      summary: '',
      by: 'ada',
    });
    expect(reported(given)).toEqual([2, null]);
  });

  it('is told how things stand when it is told, not when it was to be told', () => {
    const given = fetch(begin());
    const of = { execution: 'exec-1', number: 1, pipeline: 'web-shop', targets: [target] };
    expect(report(given, 1)).toEqual({
      ...of,
      stage: 'Build',
      state: 'running',
      description: 'Build is in progress.',
    });
    given.succeed('Build/Lint').fail('Build/Unit', 'TOKEN=hunter2');
    // Statuses are public where the repository is: whatever an action has said stays here.
    expect(report(given, 1)).toEqual({ ...of, stage: 'Build', state: 'failure', description: 'Unit failed.' });
    expect(report(given, null)).toEqual({
      ...of,
      state: 'failure',
      description: 'Execution 1 has failed.',
      stages: [
        { name: 'Source', status: 'Succeeded' },
        { name: 'Build', status: 'Failed' },
        { name: 'Release', status: null },
      ],
    });
  });

  it('hears that a person is waited for', () => {
    const given = fetch(begin()).succeed('Build/Unit').succeed('Build/Lint');
    expect(report(given, 2)).toMatchObject({ state: 'running', description: 'SignOff waits for approval.' });
  });

  it('hears of a stop', () => {
    const given = fetch(begin());
    given.when({ type: 'Stop', abandon: true, by: 'ada', reason: '' });
    for (const action of ['Build/Unit', 'Build/Lint']) given.report(action, { type: 'ReportCancelled' });
    expect(report(given, 1)).toMatchObject({ state: 'cancelled', description: 'Build was stopped.' });
    expect(report(given, null)).toMatchObject({ state: 'cancelled' });
  });

  it('is the one that was pinned until something has been fetched', () => {
    expect(report(begin(), 0)).toMatchObject({ targets: [target] });
    expect(report(begin({}), 0)).toBeUndefined();
  });

  it('is one of a pull request, if the pin says so', () => {
    const pullRequest = { number: 7, title: 'x', base: 'main' };
    expect(report(begin({ Checkout: { ...pin, pullRequest } }), 0)).toMatchObject({ targets: [{ pullRequest: 7 }] });
  });

  it('hears nothing of a stage that has not been entered, nor where references would have to be resolved first', () => {
    expect(report(begin(), 1)).toBeUndefined();
    const open = { ...checkout, configuration: { ...configuration, FullRepositoryId: '#{variables.repository}' } };
    const given = Given.execution(aPlan({ Source: [open] }), { pins: { Checkout: pin }, revisions: {} });
    expect(report(given, null)).toBeUndefined();
  });

  it('hears nothing of a rollback, and a pipeline without such a source says nothing at all', () => {
    expect(reported(Given.execution(plan, { pins: { Checkout: pin }, kind: 'ROLLBACK' }))).toEqual([]);
    expect(reported(Given.execution(aPlan({ Build: [anAction('Unit')] })))).toEqual([]);
  });
});
