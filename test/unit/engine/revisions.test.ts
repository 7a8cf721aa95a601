import { describe, expect, it } from 'vitest';
import type { FetchedRevision, Pin } from '../../../worker/engine/model.ts';
import { rollbackTarget } from '../../../worker/engine/rollback.ts';
import { resolveRun } from '../../../worker/engine/run.ts';
import { decideStart } from '../../../worker/engine/start.ts';
import { summarize } from '../../../worker/engine/summary.ts';
import { trustOf } from '../../../worker/engine/trust.ts';
import { executionView } from '../../../worker/engine/view.ts';
import { anAction, aPlan } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const checkout = anAction('Checkout', {
  type: 'Source/Connection',
  carrier: 'worker',
  configuration: { BranchName: 'main' },
  outputs: [{ name: 'source', files: [] }],
});
const plan = aPlan({ Source: [checkout], Build: [anAction('Unit', { inputs: ['source'] })] });
const pin: Pin = { type: 'COMMIT_ID', value: 'c0ffee', branch: 'main', summary: 'Brew' };
const fetched: FetchedRevision = { id: 'c0ffee', type: 'COMMIT_ID', summary: 'Brew', branch: 'main' };

function fetching(pins: Record<string, Pin> = {}, revision = fetched): Given {
  return Given.execution(plan, { revisions: {}, pins }).report('Source/Checkout', {
    type: 'ReportSucceeded',
    variables: { CommitId: 'c0ffee' },
    artifacts: [{ name: 'source', digest: 'sha256:1', sizeBytes: 7 }],
    revision,
  });
}

describe('a source action that fetches', () => {
  it('is told what has been pinned', () => {
    const { state } = Given.execution(plan, { pins: { Checkout: pin } });
    const action = plan.stages[0]!.actions[0]!;
    expect(resolveRun(state!, action, 1)).toMatchObject({ run: { pin } });
  });

  it('says what it has fetched, and that is the revision of the execution from then on', () => {
    const { state } = fetching();
    const revision = { ...fetched, digest: 'sha256:1', sizeBytes: 7 };
    expect(state!.revisions).toEqual({ Checkout: revision });
    expect(executionView(state!).revisions).toMatchObject([{ action: 'Checkout', id: 'c0ffee', branch: 'main' }]);
    expect(rollbackTarget(state!).revisions).toEqual({ Checkout: revision });
  });

  it('shows in lists as what was pinned until it has fetched, and as what it has fetched then', () => {
    const { state } = Given.execution(plan, { revisions: {}, pins: { Checkout: pin } });
    expect(summarize(state!, 1)).toMatchObject({ revision: 'Brew', branch: 'main', revisionId: 'c0ffee' });
    expect(summarize(fetching().state!, 2)).toMatchObject({ revision: 'Brew', revisionDigest: 'sha256:1' });
  });
});

describe('a start', () => {
  const start = (pins: Record<string, Pin>, kept = {}) =>
    decideStart(plan, [], { variables: {}, revisions: {}, pins, kept }, () => []);

  it('pins what it is told to', () => {
    expect(start({ Checkout: pin })).toMatchObject({ ok: true, pins: { Checkout: pin } });
  });

  it('refuses to pin what fetches nothing', () => {
    expect(start({ Unit: pin })).toMatchObject({ ok: false, code: 'source_action_not_found' });
  });

  it('fetches again what the execution had that it is forked from, and is no better than that', () => {
    const kept = { Checkout: { ...fetched, digest: 'sha256:1', sizeBytes: 7, isUntrusted: true } };
    expect(start({}, kept)).toMatchObject({ pins: { Checkout: { ...pin, isUntrusted: true } } });
    const other = { ...pin, value: 'beef' };
    expect(start({ Checkout: other }, kept)).toMatchObject({ pins: { Checkout: other } });
  });
});

describe('trust', () => {
  const trust = (of: Partial<Pin>) =>
    trustOf(Given.execution(plan, { pins: { Checkout: { ...pin, ...of } } }).state!);

  it('goes to the branch that the source action names, and to no other', () => {
    expect(trust({})).toMatchObject({ isUntrusted: false, isOnNamedBranches: true });
    expect(trust({ branch: 'main2' })).toMatchObject({ isOnNamedBranches: false });
    expect(trust({ tag: 'v1' })).toMatchObject({ isOnNamedBranches: false });
    expect(trust({ pullRequest: { number: 1, title: 'x', base: 'main' } })).toMatchObject({
      isOnNamedBranches: false,
    });
  });

  it('goes to nothing that strangers wrote, also after it has been fetched', () => {
    expect(trust({ isUntrusted: true })).toMatchObject({ isUntrusted: true });
    const later = fetching({}, { ...fetched, isUntrusted: true });
    expect(trustOf(later.state!)).toMatchObject({ isUntrusted: true });
  });
});

describe('a source that is only a reference to clone', () => {
  const unit = plan.stages[1]!.actions[0]!;
  const at = { connection: 'hub', repository: 'acme/shop' };
  const clonesOf = (given: Given) => {
    const resolution = resolveRun(given.state!, unit, 1);
    return resolution.ok ? resolution.run.clones : undefined;
  };

  it('is cloned by whoever has it as an input, from where the source action says', () => {
    const given = fetching({}, { ...fetched, at, isClone: true });
    const clone = { artifact: 'source', ...at, commit: 'c0ffee', branch: 'main', isRefused: false };
    expect(clonesOf(given)).toEqual([clone]);
  });

  it('gets no credentials where strangers have a hand in', () => {
    expect(clonesOf(fetching({}, { ...fetched, at, isClone: true, isUntrusted: true }))).toMatchObject([
      { isRefused: true },
    ]);
  });

  it('is none because the bytes look like one', () => {
    expect(clonesOf(fetching({}, { ...fetched, at }))).toBeUndefined();
    expect(clonesOf(fetching({}, { ...fetched, isClone: true }))).toBeUndefined();
  });
});

describe('a source that a runner fetches with git', () => {
  const git = anAction('Checkout', {
    type: 'Source/Git',
    commands: [],
    configuration: { Url: 'https://git.example.com/shop.git', BranchName: 'main' },
    environment: { GIT_USERNAME: 'ci' },
    outputs: [{ name: 'source', files: [] }],
    outputVariables: ['CommitId', 'CommitMessage', 'BranchName'],
  });
  const given = () => Given.execution(aPlan({ Source: [git] }), { revisions: {}, pins: { Checkout: pin } });

  it('is told in the environment, and never in the script, what to fetch', () => {
    const resolution = resolveRun(given().state!, given().state!.plan.stages[0]!.actions[0]!, 1);
    if (!resolution.ok) throw new Error(resolution.failure.message);
    expect(resolution.run.environment).toEqual({
      GIT_USERNAME: 'ci',
      MILLRACE_GIT_URL: 'https://git.example.com/shop.git',
      MILLRACE_GIT_BRANCH: 'main',
      MILLRACE_GIT_COMMIT: 'c0ffee',
      MILLRACE_GIT_FULL: '',
    });
    expect(resolution.run.commands.join('\n')).not.toMatch(/shop\.git|c0ffee/);
  });

  it('makes what it has fetched the revision of the execution', () => {
    const { state } = given().report('Source/Checkout', {
      type: 'ReportSucceeded',
      variables: { CommitId: 'c0ffee', CommitMessage: 'Brew\n\ntea', BranchName: 'main' },
      artifacts: [{ name: 'source', digest: 'sha256:1', sizeBytes: 7 }],
    });
    expect(state!.revisions).toMatchObject({ Checkout: { id: 'c0ffee', summary: 'Brew', branch: 'main' } });
  });
});
