import { describe, expect, it } from 'vitest';
import { actionTypes } from '../../../worker/definition/action-types.ts';
import type { ActionProvider, Progress, ProviderRun } from '../../../worker/providers/provider.ts';
import { providerRegistry } from '../../../worker/providers/registry.ts';
import { aRun, FakeWorld } from '../../support/provider-world.ts';

interface Case {
  readonly good: Partial<ProviderRun>;
  /** Configurations that can never work. */
  readonly bad: readonly Readonly<Record<string, string>>[];
}

const configuration = (good: Readonly<Record<string, string>>, ...bad: Case['bad']): Case => ({
  good: { configuration: good },
  bad,
});
const plain: Case = { good: {}, bad: [] };
const digest = `sha256:${'0'.repeat(64)}`;

/** Whoever adds a provider says here what it can and cannot run on. */
const CASES: Readonly<Record<string, Case>> = {
  'Build/Commands': plain,
  'Test/Commands': plain,
  'Deploy/Commands': plain,
  'Compute/Commands': plain,
  'Rule/Commands': plain,
  'Source/Git': plain,
  'Source/Upload': { good: { revision: { id: 'r', digest, sizeBytes: 1, summary: '' } }, bad: [] },
  'Source/Connection': configuration(
    { Connection: 'hub', FullRepositoryId: 'acme/shop', BranchName: 'main' },
    {},
    { Connection: 'hub' },
    { FullRepositoryId: 'acme/shop' },
  ),
  'Source/CodeStarSourceConnection': configuration({ ConnectionArn: 'arn:x', FullRepositoryId: 'acme/shop' }, {}),
  'Source/CodeCommit': configuration(
    { RepositoryName: 'shop', BranchName: 'main' },
    {},
    { RepositoryName: 'shop' },
    { BranchName: 'main' },
    { RepositoryName: 'shop', BranchName: 'main', OutputArtifactFormat: 'CODEBUILD_CLONE_REF' },
  ),
  'Source/ECR': configuration({ RepositoryName: 'team/shop' }, {}, { RepositoryName: '' }),
  'Source/S3': configuration(
    { S3Bucket: 'releases', S3ObjectKey: 'shop.zip.sig' },
    {},
    { S3Bucket: 'releases' },
    { S3ObjectKey: 'shop.zip.sig' },
  ),
  'Invoke/Delay': configuration({ Seconds: '5' }, {}, { Seconds: 'soon' }, { Seconds: '-1' }, { Seconds: '1e9' }),
  'Invoke/Pipeline': configuration(
    { PipelineName: 'other', Variables: '[{"name": "target", "value": "staging"}]' },
    {},
    { PipelineName: 'other', Wait: 'perhaps' },
    { PipelineName: 'other', Variables: 'target=staging' },
    { PipelineName: 'other', Variables: '[{"name": "target"}]' },
    { PipelineName: 'other', Variables: '{"target": "staging"}' },
  ),
  'Rule/DeploymentWindow': configuration(
    { Cron: '0 * 8-17 ? * MON-FRI *', TimeZone: 'Europe/Berlin' },
    {},
    { Cron: 'every day' },
    { Cron: '0 * 8-17 ? * MON-FRI *', TimeZone: 'Mars/Olympus' },
  ),
  'Rule/Freeze': configuration({ Calendar: 'default' }),
  'Rule/HttpCheck': configuration(
    { Url: 'https://example.com/health' },
    {},
    { Url: 'nonsense' },
    { Url: 'http://169.254.169.254/latest/meta-data' },
    { Url: 'https://user:password@example.com' },
    { Url: 'https://example.com', Method: 'DELETE' },
    { Url: 'https://example.com', ExpectedStatus: 'fine' },
    { Url: 'https://example.com', JsonPath: '$..x' },
    { Url: 'https://example.com', Expected: 'up' },
    { Url: 'https://example.com', Method: 'HEAD', BodyContains: 'up' },
  ),
  'Rule/Soak': configuration({ Minutes: '30' }, {}, { Minutes: 'long' }, { Minutes: '999999' }),
  'Rule/VariableCheck': configuration(
    { Variable: 'main', Operator: 'EQ', Value: 'main' },
    {},
    { Variable: 'main' },
    { Value: 'main' },
    { Variable: 'main', Operator: 'LIKE', Value: 'main' },
    { Variable: 'main', Operator: 'MATCHES', Value: '(' },
    { Variable: 'main', Operator: 'MATCHES', Value: '(a)\\1' },
    { Variable: 'main', Operator: 'MATCHES', Value: 'a'.repeat(1001) },
  ),
};

function given(type: string): { world: FakeWorld; provider: ActionProvider } {
  const world = new FakeWorld();
  const provider = providerRegistry(world).get(type);
  if (provider === undefined) throw new Error(`no provider for ${type}`);
  return { world, provider };
}

function externalIdOf(progress: Progress): string | undefined {
  return progress.kind === 'Running' ? progress.externalId : undefined;
}

it('every provider stands here', () => {
  expect([...providerRegistry(new FakeWorld()).keys()].sort()).toEqual(Object.keys(CASES).sort());
});

it('every type of the catalogue that can be run is carried out by somebody', () => {
  const runnable = actionTypes().filter((type) => type.runnable && type.carrier !== 'person');
  expect(runnable.map(({ key }) => key).sort()).toEqual(Object.keys(CASES).sort());
});

describe.each(Object.entries(CASES))('%s', (type, { good, bad }) => {
  it('started twice with the same job, says the same and starts one thing at most', async () => {
    const { world, provider } = given(type);
    const run = aRun(type, good);
    const first = await provider.start(run);
    expect(await provider.start(run)).toEqual(first);
    expect(world.running.size).toBeLessThanOrEqual(1);
    if (!type.startsWith('Rule/')) expect(first.kind).not.toBe('Failed');
  });

  it('either reports by itself, says when to ask, or is done', async () => {
    const { provider } = given(type);
    const progress = await provider.start(aRun(type, good));
    if (progress.kind !== 'Running' || progress.checkAfterMs === undefined) return;
    expect(progress.checkAfterMs).toBeGreaterThan(0);
    const polled = await provider.poll(aRun(type, good), progress.externalId);
    expect(['Running', 'Succeeded']).toContain(polled.kind);
  });

  it('can be cancelled before it was started, while it runs, and again', async () => {
    const { provider } = given(type);
    const run = aRun(type, good);
    expect(await provider.cancel(run, undefined, 'Stopped')).toBe('Cancelled');
    const externalId = externalIdOf(await provider.start(run));
    for (const cause of ['Stopped', 'TimedOut', 'Orphaned']) {
      expect(['Cancelled', 'Cancelling']).toContain(await provider.cancel(run, externalId, cause));
    }
  });

  it('whatever it says keeps to what the engine can take', async () => {
    const { provider } = given(type);
    const progress = await provider.start(aRun(type, good));
    if (type.startsWith('Rule/') && type !== 'Rule/Commands') {
      expect(['Succeeded', 'ConditionUnmet']).toContain(progress.kind === 'Failed' ? progress.code : progress.kind);
    }
    expect(JSON.parse(JSON.stringify(progress))).toEqual(progress);
  });

  it.each(bad.map((one) => ({ one })))('calls $one a mistake of the configuration', async ({ one }) => {
    const { world, provider } = given(type);
    const run = aRun(type, { configuration: one });
    expect(await provider.start(run)).toMatchObject({
      kind: 'Failed',
      code: 'ConfigurationError',
      message: expect.stringMatching(/\.$/),
    });
    expect(world.running.size).toBe(0);
    expect(world.requests).toEqual([]);
    expect(await provider.cancel(run, undefined, 'Stopped')).toBe('Cancelled');
  });
});
