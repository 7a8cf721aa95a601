import { TextReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { TOO_LARGE } from '../support/aws-double/code-commit.ts';
import { AwsWorld, sourceOf } from '../support/workerd/aws-world.ts';

async function zipOf(files: Readonly<Record<string, string>>): Promise<Uint8Array<ArrayBuffer>> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, text] of Object.entries(files)) await zip.add(name, new TextReader(text));
  return new Uint8Array(await new Blob([await zip.close()]).arrayBuffer());
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text));

describe('Source/S3', () => {
  let world: AwsWorld;
  const configuration = { S3Bucket: 'releases', S3ObjectKey: 'shop.zip' };
  beforeAll(async () => {
    world = await AwsWorld.create();
    await world.connect('cloud');
    const metadata = { 'codepipeline-artifact-revision-summary': 'Sell at night' };
    world.aws.put('releases', 'shop.zip', { id: 'v1', bytes: await zipOf({ 'a.txt': 'old' }) });
    world.aws.put('releases', 'shop.zip', { id: 'v2', bytes: await zipOf({ 'a.txt': 'new', 'd/b': 'b' }), metadata });
    world.aws.put('releases', 'template.yaml', { id: 't1', bytes: bytes('Resources: {}') });
  });

  it('puts the newest version out, unpacked, through the only connection there is', async () => {
    const execution = await world.run('Source/S3', configuration);
    expect(execution).toMatchObject({ status: 'Succeeded', revisions: [{ id: 'v2', summary: 'Sell at night' }] });
    expect(sourceOf(execution).outputs).toEqual({
      BucketName: 'releases',
      ObjectKey: 'shop.zip',
      ETag: 'etag-of-v2',
      VersionId: 'v2',
    });
    expect(await world.files(execution)).toEqual({ 'a.txt': 'new', 'd/b': 'b' });
  });

  it('puts out what the start has named', async () => {
    const sourceRevisions = [{ actionName: 'Code', revisionType: 'S3_OBJECT_VERSION_ID', revisionValue: 'v1' }];
    const execution = await world.run('Source/S3', configuration, { start: { sourceRevisions } });
    expect(await world.files(execution)).toEqual({ 'a.txt': 'old' });
  });

  it('puts a single file out as it is', async () => {
    const execution = await world.run('Source/S3', { ...configuration, S3ObjectKey: 'template.yaml' });
    expect(await world.files(execution)).toEqual({ 'template.yaml': 'Resources: {}' });
  });

  it('works in the region and the role of the action', async () => {
    world.aws.buckets.set('far', { region: 'us-west-2', isVersioned: true, objects: new Map() });
    world.aws.put('far', 'shop.zip', { id: 'f1', bytes: await zipOf({ far: 'away' }) });
    const action = 'region: us-west-2\n        roleArn: arn:aws:iam::111122223333:role/reader';
    const before = world.aws.asked.length;
    const execution = await world.run('Source/S3', { ...configuration, S3Bucket: 'far' }, { action });
    expect(await world.files(execution)).toEqual({ far: 'away' });
    const asked = world.aws.asked.slice(before).map(({ url, headers }) => ({
      host: new URL(url).hostname,
      as: /Credential=(\w+)/.exec(headers.get('authorization') ?? '')?.[1],
    }));
    expect(asked).toEqual([
      { host: 'sts.us-west-2.amazonaws.com', as: 'AKIADOUBLE000001' },
      { host: 'far.s3.us-west-2.amazonaws.com', as: 'ASIAreader' },
      { host: 'far.s3.us-west-2.amazonaws.com', as: 'ASIAreader' },
    ]);
  });

  it('fails with what S3 says when there is no such object', async () => {
    const execution = await world.run('Source/S3', { ...configuration, S3ObjectKey: 'gone.zip' });
    expect(execution.status).toBe('Failed');
    expect(sourceOf(execution).error).toMatchObject({
      code: 'RevisionUnavailable',
      message: expect.stringMatching(/no object "gone\.zip"/) as string,
    });
  });

  it('asks which connection is meant when there are several, and takes the one that is named', async () => {
    await world.connect('other', { region: 'us-east-1' });
    expect(sourceOf(await world.run('Source/S3', configuration)).error).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringMatching(/cloud, other/) as string,
    });
    const execution = await world.run('Source/S3', { ...configuration, Connection: 'cloud' });
    expect(execution.status).toBe('Succeeded');
  });

  it('says that there is no connection to AWS', async () => {
    const alone = await AwsWorld.create();
    expect(sourceOf(await alone.run('Source/S3', configuration)).error).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringMatching(/no connection to AWS/) as string,
    });
  });
});

describe('Source/ECR', () => {
  it('puts out which image the tag is at', async () => {
    const world = await AwsWorld.create();
    await world.connect('cloud');
    const digest = `sha256:${'a'.repeat(64)}`;
    world.aws.images.set('team/shop', [{ digest, tags: ['stable'], sizeBytes: 7, pushedAt: 1_548_101_040 }]);
    const execution = await world.run('Source/ECR', { RepositoryName: 'team/shop', ImageTag: 'stable' });
    expect(execution).toMatchObject({
      status: 'Succeeded',
      revisions: [{ id: digest, summary: 'team/shop:stable' }],
    });
    const ImageURI = `111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/shop@${digest}`;
    expect(sourceOf(execution).outputs).toMatchObject({ ImageTag: 'stable', ImageDigest: digest, ImageURI });
    const { 'imageDetail.json': file = '' } = await world.files(execution);
    expect(JSON.parse(file)).toMatchObject({ ImageURI, ImageTags: ['stable'], Version: '1.0' });
  });
});

describe('Source/CodeCommit', () => {
  const configuration = { RepositoryName: 'shop', BranchName: 'main' };
  let world: AwsWorld;
  beforeAll(async () => {
    world = await AwsWorld.create();
    await world.connect('cloud');
    const files = {
      'README.md': ['# Shop'],
      'bin/run': ['echo hi', 'EXECUTABLE'],
      'src/deep/a.ts': ['a'],
      latest: ['bin/run', 'SYMLINK'],
    } as const;
    world.aws.repositories.set('shop', {
      branches: { main: 'c0ffee' },
      commits: {
        c0ffee: { message: 'Sell at night', files },
        beef: { message: 'Before', files: { a: ['1'] } },
        huge: { message: 'Much', files: { a: ['1'], film: [TOO_LARGE], z: ['2'] } },
      },
    });
  });
  const startWith = (revisionValue: string) => ({
    start: { sourceRevisions: [{ actionName: 'Code', revisionType: 'COMMIT_ID', revisionValue }] },
  });

  it('puts the tree at the tip of the branch out', async () => {
    const execution = await world.run('Source/CodeCommit', configuration);
    expect(execution).toMatchObject({ status: 'Succeeded', revisions: [{ id: 'c0ffee', summary: 'Sell at night' }] });
    expect(sourceOf(execution).outputs).toEqual({
      RepositoryName: 'shop',
      BranchName: 'main',
      CommitId: 'c0ffee',
      CommitMessage: 'Sell at night',
      AuthorDate: '2025-11-25T12:00:00Z',
      CommitterDate: '2025-11-25T12:00:00Z',
    });
    expect(await world.files(execution)).toEqual({
      'README.md': '# Shop',
      'bin/run': 'echo hi',
      'src/deep/a.ts': 'a',
      latest: '-> bin/run',
    });
  });

  it('puts out the commit that the start has named', async () => {
    const execution = await world.run('Source/CodeCommit', configuration, startWith('beef'));
    expect(await world.files(execution)).toEqual({ a: '1' });
  });

  it('fails for good when one of the files cannot be had, and leaves nothing behind', async () => {
    const execution = await world.run('Source/CodeCommit', configuration, startWith('huge'));
    expect(sourceOf(execution).error).toMatchObject({
      code: 'RevisionUnavailable',
      message: expect.stringMatching(/FileTooLargeException/) as string,
    });
    const { objects } = await env.BUCKET.list({ prefix: `t/${world.tenant.id}/incoming/` });
    expect(objects).toEqual([]);
  });
});
