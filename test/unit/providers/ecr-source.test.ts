import { describe, expect, it } from 'vitest';
import { ecrSource, type RegistryImage } from '../../../worker/providers/ecr-source.ts';
import type { FetchedBytes, Pin, Progress, ProviderRun } from '../../../worker/providers/provider.ts';
import { aRun } from '../../support/provider-world.ts';

const OLD = `sha256:${'a'.repeat(64)}`;
const NEW = `sha256:${'b'.repeat(64)}`;
const uri = (digest: string): string => `111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/shop@${digest}`;

/** A repository whose every tag is at the newest image. */
class Registry {
  newest = NEW;
  readonly asked: unknown[] = [];
  readonly taken: (Omit<FetchedBytes, 'body'> & { readonly content: unknown })[] = [];

  readonly provider = ecrSource({
    ecr: () =>
      Promise.resolve({
        describe: (repositoryName, image): Promise<RegistryImage> => {
          this.asked.push(image);
          const digest = 'digest' in image ? image.digest : this.newest;
          const tags = ['latest'];
          const [sizeBytes, pushedAt] = [44_728_918, 1_548_101_040];
          const registryId = '111122223333';
          return Promise.resolve({ registryId, repositoryName, digest, tags, sizeBytes, pushedAt, uri: uri(digest) });
        },
      }),
    take: async (_, { body, ...bytes }) => {
      this.taken.push({ ...bytes, content: await new Response(body).json() });
      return { digest: 'sha256:d', sizeBytes: 5 };
    },
  });

  async run(overrides: Partial<ProviderRun> = {}): Promise<Progress> {
    const configuration = { RepositoryName: 'team/shop' };
    const run = aRun('Source/ECR', { configuration, outputs: [{ name: 'image' }], ...overrides });
    let progress = await this.provider.start(run);
    while (progress.kind === 'Running') progress = await this.provider.poll(run, progress.externalId);
    return progress;
  }
}

const pinned = (pin: Partial<Pin>): Partial<ProviderRun> => ({
  pin: { type: 'IMAGE_DIGEST', value: OLD, ...pin },
});

describe('a source in a registry', () => {
  it('puts out which image it is, as CodePipeline writes it', async () => {
    const world = new Registry();
    expect(await world.run()).toEqual({
      kind: 'Succeeded',
      variables: {
        RegistryId: '111122223333',
        RepositoryName: 'team/shop',
        ImageTag: 'latest',
        ImageDigest: NEW,
        ImageURI: uri(NEW),
      },
      artifacts: [{ name: 'image', digest: 'sha256:d', sizeBytes: 5 }],
      summary: 'team/shop:latest',
      revision: { id: NEW, type: 'IMAGE_DIGEST', summary: 'team/shop:latest' },
    });
    expect(world.taken).toEqual([
      {
        format: 'file',
        name: 'imageDetail.json',
        content: {
          ImageSizeInBytes: '44728918',
          ImageDigest: NEW,
          Version: '1.0',
          ImagePushedAt: 'Mon Jan 21 20:04:00 UTC 2019',
          RegistryId: '111122223333',
          RepositoryName: 'team/shop',
          ImageURI: uri(NEW),
          ImageTags: ['latest'],
        },
      },
    ]);
  });

  it('fixes the digest first: whatever is pushed to the tag in between is not handed on', async () => {
    const world = new Registry();
    world.newest = OLD;
    const run = aRun('Source/ECR', { configuration: { RepositoryName: 'team/shop', ImageTag: 'v1' } });
    const begun = await world.provider.start(run);
    world.newest = NEW;
    if (begun.kind !== 'Running') throw new Error(begun.kind);
    const progress = await world.provider.poll(run, begun.externalId);
    expect(progress).toMatchObject({ variables: { ImageDigest: OLD, ImageTag: 'v1' } });
    expect(world.asked).toEqual([{ tag: 'v1' }, { digest: OLD }]);
  });

  it('takes the image that was pinned, or the tag of an event that knows no more', async () => {
    const world = new Registry();
    expect(await world.run(pinned({ tag: 'v9' }))).toMatchObject({ variables: { ImageDigest: OLD, ImageTag: 'v9' } });
    expect(await world.run(pinned({ value: 'v8', tag: 'v8' }))).toMatchObject({ variables: { ImageTag: 'v8' } });
    expect(world.asked).toEqual([{ digest: OLD }, { tag: 'v8' }, { digest: NEW }]);
  });

  it.each<[string, Partial<ProviderRun>, RegExp]>([
    ['no repository', { configuration: {} }, /RepositoryName is missing/],
    ['a commit pinned', pinned({ type: 'COMMIT_ID' }), /COMMIT_ID/],
    ['no digest', pinned({ value: 'latest' }), /"latest" is no digest/],
  ])('fails with a clear reason for %s', async (_, run, message) => {
    const progress = await new Registry().run(run);
    expect(progress).toMatchObject({ code: 'ConfigurationError', message: expect.stringMatching(message) as string });
  });
});
