import { describe, expect, it } from 'vitest';
import { codeCommitSource } from '../../../worker/providers/code-commit-source.ts';
import type { Pin, Progress, ProviderRun } from '../../../worker/providers/provider.ts';
import { aRun } from '../../support/provider-world.ts';

const TIP = 'c0ffee'.padEnd(40, '0');
const CONFIGURATION = { RepositoryName: 'shop', BranchName: 'main' };

class OneBranch {
  tip = TIP;
  readonly taken: string[] = [];

  readonly provider = codeCommitSource({
    codeCommit: () =>
      Promise.resolve({
        head: () => Promise.resolve(this.tip),
        commit: () => Promise.resolve({ message: 'Brew coffee\n\nand tea', authoredAt: Date.UTC(2026, 4, 1, 12) }),
        tree: async function* (repository, commit) {
          const path = await Promise.resolve(`${repository}@${commit}`);
          yield { path, kind: 'file', mode: 0o644, sizeBytes: 0, body: new Blob([]).stream() };
        },
      }),
    takeTree: async (_, entries) => {
      for await (const { path } of entries) this.taken.push(path);
      return { digest: 'sha256:d', sizeBytes: 5 };
    },
  });

  async run(overrides: Partial<ProviderRun> = {}): Promise<Progress> {
    const outputs = [{ name: 'source' }];
    const run = aRun('Source/CodeCommit', { configuration: CONFIGURATION, outputs, ...overrides });
    let progress = await this.provider.start(run);
    while (progress.kind === 'Running') progress = await this.provider.poll(run, progress.externalId);
    return progress;
  }
}

const pinned = (pin: Partial<Pin> = {}): Partial<ProviderRun> => ({
  pin: { type: 'COMMIT_ID', value: 'beef', ...pin },
});

describe('a source in CodeCommit', () => {
  it('fetches the tip of the branch, with the output variables that CodePipeline documents', async () => {
    const world = new OneBranch();
    expect(await world.run()).toEqual({
      kind: 'Succeeded',
      variables: {
        RepositoryName: 'shop',
        BranchName: 'main',
        CommitId: TIP,
        CommitMessage: 'Brew coffee\n\nand tea',
        AuthorDate: '2026-05-01T12:00:00Z',
      },
      artifacts: [{ name: 'source', digest: 'sha256:d', sizeBytes: 5 }],
      summary: 'c0ffee000000 Brew coffee',
      revision: { id: TIP, type: 'COMMIT_ID', summary: 'Brew coffee', branch: 'main' },
    });
    expect(world.taken).toEqual([`shop@${TIP}`]);
  });

  it('fixes the commit before it fetches: whatever is pushed in between is not fetched', async () => {
    const world = new OneBranch();
    const run = aRun('Source/CodeCommit', { configuration: CONFIGURATION });
    const begun = await world.provider.start(run);
    world.tip = 'beef';
    if (begun.kind !== 'Running') throw new Error(begun.kind);
    expect(await world.provider.poll(run, begun.externalId)).toMatchObject({ variables: { CommitId: TIP } });
  });

  it('fetches the commit that was pinned, of whichever branch', async () => {
    const world = new OneBranch();
    const progress = await world.run(pinned({ branch: 'release' }));
    expect(progress).toMatchObject({ variables: { CommitId: 'beef', BranchName: 'release' } });
    expect(world.taken).toEqual(['shop@beef']);
  });

  it.each<[string, Partial<ProviderRun>, RegExp]>([
    ['no repository', { configuration: { BranchName: 'main' } }, /RepositoryName is missing/],
    ['no branch', { configuration: { RepositoryName: 'shop' } }, /BranchName is missing/],
    [
      'a clone',
      { configuration: { ...CONFIGURATION, OutputArtifactFormat: 'CODEBUILD_CLONE_REF' } },
      /CODEBUILD_CLONE_REF.*Source\/Git/,
    ],
    ['an image pinned', pinned({ type: 'IMAGE_DIGEST' }), /IMAGE_DIGEST/],
  ])('fails with a clear reason for %s', async (_, run, message) => {
    const progress = await new OneBranch().run(run);
    expect(progress).toMatchObject({ code: 'ConfigurationError', message: expect.stringMatching(message) as string });
  });
});
