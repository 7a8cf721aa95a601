import { describe, expect, it } from 'vitest';
import type { FetchedBytes, Pin, Progress, ProviderRun } from '../../../worker/providers/provider.ts';
import { type ObjectVersion, s3Source } from '../../../worker/providers/s3-source.ts';
import { aRun } from '../../support/provider-world.ts';

const ZIP = 'PK\u0003\u0004 and so on';
const CONFIGURATION = { S3Bucket: 'releases', S3ObjectKey: 'shop.zip' };

/** A bucket with one object at every key; its newest version is v2. */
class OneObject {
  newest: ObjectVersion = { versionId: 'v2', etag: 'e', metadata: {} };
  content: string | Uint8Array<ArrayBuffer> = ZIP;
  more: Partial<ObjectVersion> = {};
  isCancelled = false;
  readonly asked: string[] = [];
  readonly taken: (Omit<FetchedBytes, 'body'> & { readonly text: string })[] = [];

  readonly provider = s3Source({
    s3: () =>
      Promise.resolve({
        newest: (bucket, key) => {
          this.asked.push(`newest ${bucket}/${key}`);
          return Promise.resolve(this.newest);
        },
        read: (bucket, key, versionId) => {
          this.asked.push(`${bucket}/${key}@${versionId}`);
          // Byte by byte, as no network would be so kind not to.
          const bytes = typeof this.content === 'string' ? new TextEncoder().encode(this.content) : this.content;
          let at = 0;
          const body = new ReadableStream<Uint8Array>({
            pull: (controller) => {
              if (at === bytes.byteLength) controller.close();
              else controller.enqueue(bytes.subarray(at, (at += 1)));
            },
            cancel: () => {
              this.isCancelled = true;
            },
          });
          return Promise.resolve({ versionId, etag: `etag-of-${versionId}`, metadata: {}, ...this.more, body });
        },
      }),
    take: async (_, { body, ...bytes }) => {
      this.taken.push({ ...bytes, text: await new Response(body).text() });
      return { digest: 'sha256:d', sizeBytes: 5 };
    },
  });

  /** Start, and whatever polls follow. */
  async run(overrides: Partial<ProviderRun> = {}): Promise<Progress> {
    const run = aRun('Source/S3', { configuration: CONFIGURATION, outputs: [{ name: 'source' }], ...overrides });
    let progress = await this.provider.start(run);
    while (progress.kind === 'Running') progress = await this.provider.poll(run, progress.externalId);
    return progress;
  }
}

const pinned = (type: Pin['type'], value: string, key?: string): Partial<ProviderRun> => ({
  pin: { type, value, ...(key === undefined ? {} : { key }) },
});

describe('a source in a bucket', () => {
  it('fetches the newest version, with the output variables that CodePipeline documents', async () => {
    const world = new OneObject();
    world.more = { metadata: { 'codepipeline-artifact-revision-summary': 'Sell at night' } };
    expect(await world.run()).toEqual({
      kind: 'Succeeded',
      variables: { BucketName: 'releases', ObjectKey: 'shop.zip', ETag: 'etag-of-v2', VersionId: 'v2' },
      artifacts: [{ name: 'source', digest: 'sha256:d', sizeBytes: 5 }],
      summary: 'Sell at night',
      revision: { id: 'v2', type: 'S3_OBJECT_VERSION_ID', summary: 'Sell at night' },
    });
    expect(world.asked).toEqual(['newest releases/shop.zip', 'releases/shop.zip@v2']);
    expect(world.taken).toEqual([{ format: 'zip', text: ZIP }]);
  });

  it('fixes the version before it fetches: whatever is uploaded in between is not fetched', async () => {
    const world = new OneObject();
    const run = aRun('Source/S3', { configuration: CONFIGURATION });
    const begun = await world.provider.start(run);
    world.newest = { ...world.newest, versionId: 'v3' };
    if (begun.kind !== 'Running') throw new Error(begun.kind);
    expect(await world.provider.poll(run, begun.externalId)).toMatchObject({ variables: { VersionId: 'v2' } });
  });

  it('fetches the version that was pinned, and says of it what is known', async () => {
    const world = new OneObject();
    expect(await world.run(pinned('S3_OBJECT_VERSION_ID', 'v1'))).toMatchObject({
      revision: { id: 'v1', summary: 'shop.zip, version v1' },
    });
    expect(world.asked).toEqual(['releases/shop.zip@v1']);
  });

  it('takes another key from the start alone where the definition lets it', async () => {
    const world = new OneObject();
    const configuration = { ...CONFIGURATION, AllowOverrideForS3ObjectKey: 'true' };
    await world.run({ configuration, ...pinned('S3_OBJECT_KEY', 'other.zip') });
    await world.run({ configuration, ...pinned('S3_OBJECT_VERSION_ID', 'v1', 'third.zip') });
    // What an event tells of is the key that is meant anyway.
    await world.run(pinned('S3_OBJECT_VERSION_ID', 'v1', 'shop.zip'));
    expect(world.asked).toEqual([
      'newest releases/other.zip',
      'releases/other.zip@v2',
      'releases/third.zip@v1',
      'releases/shop.zip@v1',
    ]);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, Partial<FetchedBytes>]>([
    ['a/shop.zip', ZIP, { format: 'zip' }],
    ['empty.zip', 'PK\u0005\u0006', { format: 'zip' }],
    ['no-ending', ZIP, { format: 'zip' }],
    ['shop.tar.gz', new Uint8Array([0x1f, 0x8b, 8, 0, 1]), { format: 'tar.gz' }],
    ['shop.TGZ', new Uint8Array([0x1f, 0x8b, 8, 0, 1]), { format: 'tar.gz' }],
    ['dump.sql.gz', new Uint8Array([0x1f, 0x8b, 8, 0, 1]), { format: 'file', name: 'dump.sql.gz' }],
    ['a/b/template.yaml', 'Resources:', { format: 'file', name: 'template.yaml' }],
    ['empty', '', { format: 'file', name: 'empty' }],
  ])('takes "%s" for what it is', async (S3ObjectKey, content, bytes) => {
    const world = new OneObject();
    world.content = content;
    await world.run({ configuration: { ...CONFIGURATION, S3ObjectKey } });
    const [{ text, ...taken } = { text: '' }] = world.taken;
    expect(taken).toEqual(bytes);
    expect(text).toBe(typeof content === 'string' ? content : new TextDecoder().decode(content));
  });

  it('hands on how long a file is, so that it need not be held', async () => {
    const world = new OneObject();
    world.content = 'Resources:';
    world.more = { sizeBytes: 10 };
    await world.run({ configuration: { ...CONFIGURATION, S3ObjectKey: 'template.yaml' } });
    expect(world.taken).toMatchObject([{ format: 'file', sizeBytes: 10 }]);
  });

  it('takes nothing of what is too large', async () => {
    const world = new OneObject();
    world.more = { sizeBytes: 2 ** 40 };
    expect(await world.run()).toMatchObject({
      code: 'RevisionUnavailable',
      message: expect.stringMatching(/256 MiB/) as string,
    });
    expect({ taken: world.taken, isCancelled: world.isCancelled }).toEqual({ taken: [], isCancelled: true });
  });

  it.each<[string, Partial<ProviderRun>, string, RegExp]>([
    ['no bucket', { configuration: { S3ObjectKey: 'x' } }, 'ConfigurationError', /S3Bucket is missing/],
    ['no key', { configuration: { S3Bucket: 'x' } }, 'ConfigurationError', /S3ObjectKey is missing/],
    ['a commit pinned', pinned('COMMIT_ID', 'c0ffee'), 'ConfigurationError', /COMMIT_ID/],
    ['a key of the start', pinned('S3_OBJECT_KEY', 'x'), 'ConfigurationError', /AllowOverrideForS3ObjectKey/],
    ['the key of a version', pinned('S3_OBJECT_VERSION_ID', 'v', 'x'), 'ConfigurationError', /"x"/],
  ])('fails with a clear reason for %s', async (_, run, code, message) => {
    expect(await new OneObject().run(run)).toEqual({
      kind: 'Failed',
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it.each(['x.zip', 'x.tgz', 'x.tar.gz'])('refuses %s when it is nothing of the kind', async (S3ObjectKey) => {
    const world = new OneObject();
    world.content = 'no archive';
    const configuration = { ...CONFIGURATION, S3ObjectKey };
    expect(await world.run({ configuration })).toMatchObject({ code: 'RevisionUnavailable' });
    expect({ taken: world.taken, isCancelled: world.isCancelled }).toEqual({ taken: [], isCancelled: true });
  });

  it('says what is wrong with a bucket that keeps no versions', async () => {
    const world = new OneObject();
    world.newest = { etag: 'e', metadata: {} };
    expect(await world.run()).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringMatching(/"releases" keeps no versions/) as string,
    });
  });
});
