import { describe, expect, it } from 'vitest';
import { PermanentFailure, RetryableFailure } from '../../../worker/kernel/failure.ts';
import type { CommitDetails } from '../../../worker/hosts/git-host.ts';
import { connectionSource, type SourceHost } from '../../../worker/providers/connection-source.ts';
import type { FetchedBytes, Pin, Progress, ProviderRun } from '../../../worker/providers/provider.ts';
import { aRun } from '../../support/provider-world.ts';

const COMMIT: CommitDetails = {
  id: 'c0ffee'.padEnd(40, '0'),
  message: 'Brew coffee\n\nand tea',
  author: 'Ada',
  authoredAt: Date.UTC(2026, 4, 1, 12),
  url: 'https://git.example.com/shop/c0ffee',
};

/** A host with one repository, one branch and one commit; and its fork, with another. */
class OneCommit {
  tip = COMMIT;
  readonly asked: string[] = [];
  readonly taken: (FetchedBytes & { readonly text: string })[] = [];
  failure: Error | undefined;

  readonly host: SourceHost = {
    repository: () =>
      Promise.resolve({ name: 'acme/shop', id: '1', defaultBranch: 'trunk', url: 'x', isPrivate: true }),
    head: (_, branch) => Promise.resolve(branch === 'gone' ? undefined : this.tip),
    commit: (repository, id) => {
      this.asked.push(`${repository}@${id}`);
      if (this.failure !== undefined) return Promise.reject(this.failure);
      const isThere =
        (repository === 'acme/shop' && id === COMMIT.id) || (repository === 'eve/shop' && id === 'beef');
      return Promise.resolve(isThere ? { ...COMMIT, id } : undefined);
    },
    archive: (repository, commit) => {
      const text = `${repository}@${commit}`;
      return Promise.resolve({ body: new Blob([text]).stream(), format: 'tar.gz', topFolder: true });
    },
  };

  readonly provider = connectionSource({
    host: (tenant, name) => Promise.resolve(tenant === 'tenant-a' && name === 'hub' ? this.host : undefined),
    take: async (_, bytes) => {
      this.taken.push({ ...bytes, text: await new Response(bytes.body).text() });
      return { digest: 'sha256:d', sizeBytes: 5 };
    },
  });

  /** Start, and whatever polls follow. */
  async run(overrides: Partial<ProviderRun> = {}): Promise<Progress> {
    const run = aRun('Source/Connection', {
      configuration: CONFIGURATION,
      outputs: [{ name: 'source' }],
      ...overrides,
    });
    let progress = await this.provider.start(run);
    while (progress.kind === 'Running') progress = await this.provider.poll(run, progress.externalId);
    return progress;
  }
}

const CONFIGURATION = { Connection: 'hub', FullRepositoryId: 'acme/shop', BranchName: 'main' };
const pinned = (pin: Partial<Pin> = {}): Partial<ProviderRun> => ({
  pin: { type: 'COMMIT_ID', value: COMMIT.id, branch: 'main', ...pin },
});

describe('a source at a connection', () => {
  it('fetches the commit that was pinned, with the output variables that CodePipeline documents', async () => {
    const world = new OneCommit();
    expect(await world.run(pinned())).toEqual({
      kind: 'Succeeded',
      variables: {
        Connection: 'hub',
        FullRepositoryName: 'acme/shop',
        BranchName: 'main',
        CommitId: COMMIT.id,
        CommitMessage: COMMIT.message,
        CommitUrl: COMMIT.url,
        Author: 'Ada',
        AuthorDate: '2026-05-01T12:00:00Z',
      },
      artifacts: [{ name: 'source', digest: 'sha256:d', sizeBytes: 5 }],
      summary: 'c0ffee000000 Brew coffee',
      revision: {
        id: COMMIT.id,
        type: 'COMMIT_ID',
        summary: 'Brew coffee',
        branch: 'main',
        url: COMMIT.url,
        at: { connection: 'hub', repository: 'acme/shop' },
      },
    });
    expect(world.taken).toMatchObject([{ text: `acme/shop@${COMMIT.id}`, format: 'tar.gz', topFolder: true }]);
  });

  it('fixes the tip of the branch before it fetches: whatever is pushed in between is not fetched', async () => {
    const world = new OneCommit();
    const run = aRun('Source/Connection', { configuration: CONFIGURATION, outputs: [{ name: 'source' }] });
    const begun = await world.provider.start(run);
    world.tip = { ...COMMIT, id: 'beef' };
    if (begun.kind !== 'Running') throw new Error(begun.kind);
    const { CommitId, BranchName } = variablesOf(await world.provider.poll(run, begun.externalId));
    expect({ CommitId, BranchName }).toEqual({ CommitId: COMMIT.id, BranchName: 'main' });
  });

  it('takes the default branch where the definition names none, and the ARN for a name', async () => {
    const world = new OneCommit();
    const configuration = { ConnectionArn: 'hub', FullRepositoryId: 'acme/shop' };
    const run = { type: 'Source/CodeStarSourceConnection', configuration };
    expect(variablesOf(await world.run(run))).toMatchObject({ ConnectionArn: 'hub', BranchName: 'trunk' });
  });

  it('looks for the commit of a fork in the fork, and says that strangers wrote it', async () => {
    const world = new OneCommit();
    const pullRequest = { number: 7, title: 'Tea', base: 'main', headRepository: 'eve/shop', url: 'https://x/7' };
    const progress = await world.run(pinned({ value: 'beef', branch: 'tea', pullRequest, isUntrusted: true }));
    expect(world.asked).toEqual(['acme/shop@beef', 'eve/shop@beef']);
    expect(progress).toMatchObject({ revision: { id: 'beef', isUntrusted: true } });
    expect(variablesOf(progress)).toMatchObject({
      PullRequestNumber: '7',
      PullRequestTitle: 'Tea',
      PullRequestBaseBranch: 'main',
    });
  });

  it('can put out a reference for a runner to clone, but never for strangers', async () => {
    const world = new OneCommit();
    const configuration = { ...CONFIGURATION, OutputArtifactFormat: 'CODEBUILD_CLONE_REF' };
    expect(await world.run({ configuration, ...pinned() })).toMatchObject({ revision: { isClone: true } });
    expect(world.taken).toMatchObject([
      {
        format: 'file',
        name: '.millrace/clone.json',
        text: JSON.stringify({ repository: 'acme/shop', commit: COMMIT.id, branch: 'main' }),
      },
    ]);
    expect(await world.run({ configuration, ...pinned({ isUntrusted: true }) })).toMatchObject({
      kind: 'Failed',
      code: 'PermissionError',
    });
  });

  it('cuts a message of more than 100 KiB, and no character in two', async () => {
    const world = new OneCommit();
    world.host.commit = () => Promise.resolve({ ...COMMIT, message: `x${'ü'.repeat(60_000)}` });
    const { CommitMessage = '' } = variablesOf(await world.run(pinned()));
    expect(new TextEncoder().encode(CommitMessage).byteLength).toBe(102_399);
    expect(CommitMessage).toMatch(/^xü+$/);
  });

  it.each<[string, Partial<ProviderRun>, string, RegExp]>([
    ['no connection', { configuration: { FullRepositoryId: 'a/b' } }, 'ConfigurationError', /Connection is missing/],
    ['no repository', { configuration: { Connection: 'hub' } }, 'ConfigurationError', /FullRepositoryId is missing/],
    ['an unknown connection', { configuration: { ...CONFIGURATION, Connection: 'x' } }, 'ConfigurationError', /"x"/],
    ["another tenant's connection", { tenant: 'tenant-b' }, 'ConfigurationError', /no connection "hub"/],
    ['no such branch', { configuration: { ...CONFIGURATION, BranchName: 'gone' } }, 'RevisionUnavailable', /"gone"/],
    ['no such commit', pinned({ value: 'dead' }), 'RevisionUnavailable', /no commit dead in acme\/shop/],
    ['an image pinned', pinned({ type: 'IMAGE_DIGEST' }), 'ConfigurationError', /IMAGE_DIGEST/],
  ])('fails with a clear reason for %s', async (_, run, code, message) => {
    expect(await new OneCommit().run(run)).toEqual({
      kind: 'Failed',
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it('lets what the host cannot do just now be tried again, and what it refuses for good be said', async () => {
    const world = new OneCommit();
    world.failure = new RetryableFailure('503');
    await expect(world.run(pinned())).rejects.toThrow('503');
    world.failure = new PermanentFailure('PermissionError', '401');
    await expect(world.run(pinned())).rejects.toThrow('401');
    world.failure = new PermanentFailure('RevisionUnavailable', '404');
    expect(await world.run(pinned())).toMatchObject({ code: 'RevisionUnavailable' });
  });
});

function variablesOf(progress: Progress): Readonly<Record<string, string>> {
  if (progress.kind !== 'Succeeded') throw new Error(JSON.stringify(progress));
  return progress.variables;
}
