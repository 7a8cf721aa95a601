import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { s3Objects } from '../../../worker/aws/s3.ts';
import { AwsDouble } from '../../support/aws-double/aws-double.ts';
import { callsTo } from '../../support/aws-double/calls.ts';
import { plain, sdkConfig, seen } from '../../support/aws-double/sdk.ts';

/** Our requests to S3 against those of its own SDK, signatures included; and the double's answers, read by both. */

const KEY = "releases/shop v1+2/ünï(c)o!d'e*.zip";
const DOTTED = 'shop.example.org';
let double: AwsDouble;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-25T12:00:00Z'), toFake: ['Date'] });
  double = new AwsDouble();
  const metadata = { 'codepipeline-artifact-revision-summary': 'Sell at night' };
  double.put('releases', KEY, { id: 'v1', bytes: new TextEncoder().encode('one') });
  double.put('releases', KEY, { id: 'v/2+', bytes: new TextEncoder().encode('two'), metadata });
  double.put(DOTTED, KEY, { id: 'v1', bytes: new TextEncoder().encode('dotted') });
});
afterEach(() => {
  vi.useRealTimers();
});

const sdk = (): S3Client => plain(new S3Client(sdkConfig(double)));

describe('a request', () => {
  it.each(['releases', DOTTED])('for the newest version in "%s" is the SDK’s own', async (Bucket) => {
    await s3Objects(callsTo(double)).newest(Bucket, KEY);
    await sdk().send(new HeadObjectCommand({ Bucket, Key: KEY }));
    const [ours, theirs] = double.asked;
    expect(await seen(ours!)).toEqual(await seen(theirs!));
  });

  it('for a version is the SDK’s own, and its answer says the same to both', async () => {
    const ours = await s3Objects(callsTo(double)).read('releases', KEY, 'v/2+');
    const theirs = await sdk().send(new GetObjectCommand({ Bucket: 'releases', Key: KEY, VersionId: 'v/2+' }));
    const [mine, its] = await Promise.all(double.asked.map(seen));
    expect(mine).toEqual(its);
    expect(ours).toMatchObject({
      versionId: theirs.VersionId,
      etag: theirs.ETag?.replaceAll('"', ''),
      sizeBytes: theirs.ContentLength,
      metadata: theirs.Metadata,
    });
    expect(await new Response(ours.body).text()).toBe(await theirs.Body?.transformToString());
  });
});

describe('what S3 refuses', () => {
  const read = (bucket: string, key: string, version: string) =>
    s3Objects(callsTo(double)).read(bucket, key, version);

  it.each([
    ['a key', () => read('releases', 'gone.zip', 'v1'), 'RevisionUnavailable', /NoSuchKey.*"gone\.zip"/],
    ['a version', () => read('releases', KEY, 'v9'), 'RevisionUnavailable', /NoSuchVersion/],
    ['a bucket', () => read('nobodys', KEY, 'v1'), 'ConfigurationError', /NoSuchBucket/],
    ['an object', () => s3Objects(callsTo(double)).newest('releases', 'x'), 'RevisionUnavailable', /no object "x"/],
  ])('%s that is not there', async (_, call, code, message) => {
    await expect(call()).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it.each([
    [403, 'AccessDenied', { name: 'PermanentFailure', code: 'PermissionError' }],
    [503, 'SlowDown', { name: 'RetryableFailure' }],
    [400, 'RequestTimeout', { name: 'RetryableFailure' }],
    [500, 'InternalError', { name: 'RetryableFailure' }],
    [400, 'InvalidBucketName', { name: 'PermanentFailure', code: 'ConfigurationError' }],
  ])('with %i %s', async (status, code, failure) => {
    double.instead.push(new Response(`<Error><Code>${code}</Code><Message>No.</Message></Error>`, { status }));
    await expect(read('releases', KEY, 'v1')).rejects.toMatchObject(failure);
  });

  it('is asked again where the bucket is', async () => {
    double.buckets.set('far', { region: 'us-west-2', isVersioned: true, objects: new Map() });
    double.put('far', 'x', { id: 'v1', bytes: new Uint8Array(1) });
    expect(await s3Objects(callsTo(double)).newest('far', 'x')).toMatchObject({ versionId: 'v1' });
    expect(double.asked.map(({ url }) => new URL(url).hostname)).toEqual([
      'far.s3.eu-central-1.amazonaws.com',
      'far.s3.us-west-2.amazonaws.com',
    ]);
  });
});

it.each([
  ['evil.example/x', 'a'],
  ['x@evil', 'a'],
  ['releases', '../other/a'],
  ['releases', 'a/./b'],
])('never asks for the bucket "%s" and the key "%s"', async (bucket, key) => {
  await expect(s3Objects(callsTo(double)).newest(bucket, key)).rejects.toMatchObject({ code: 'ConfigurationError' });
  expect(double.asked).toEqual([]);
});

it('takes a connection’s own endpoint, with the bucket in the path', async () => {
  const calls = callsTo(double, { endpoint: 'https://s3.example.net/' });
  await s3Objects(calls)
    .newest('releases', 'a b')
    .catch(() => undefined);
  expect(double.asked.map(({ url }) => url)).toEqual(['https://s3.example.net/releases/a%20b']);
});
