import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ecrImages } from '../../../worker/aws/ecr.ts';
import { AwsDouble } from '../../support/aws-double/aws-double.ts';
import { callsTo } from '../../support/aws-double/calls.ts';
import { plain, sdkConfig, seenOfJson } from '../../support/aws-double/sdk.ts';

/** Our requests to ECR against those of its own SDK; and the double's answers, read by both. */

const DIGEST = `sha256:${'a'.repeat(64)}`;
let double: AwsDouble;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-25T12:00:00Z'), toFake: ['Date'] });
  double = new AwsDouble();
  double.images.set('team/shop', [
    { digest: DIGEST, tags: ['latest', 'v1'], sizeBytes: 44_728_918, pushedAt: 1_548_101_040.5 },
  ]);
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([
  [{ tag: 'v1' }, { imageTag: 'v1' }],
  [{ digest: DIGEST }, { imageDigest: DIGEST }],
])('asks as the SDK does, and learns the same, by %j', async (image, imageId) => {
  const ours = await ecrImages(callsTo(double)).describe('team/shop', image);
  const client = plain(new ECRClient(sdkConfig(double)));
  const command = new DescribeImagesCommand({ repositoryName: 'team/shop', imageIds: [imageId] });
  const [theirs] = (await client.send(command)).imageDetails ?? [];
  const [mine, its] = await Promise.all(double.asked.map(seenOfJson));
  expect(mine).toEqual(its);
  expect(ours).toEqual({
    registryId: theirs?.registryId,
    repositoryName: theirs?.repositoryName,
    digest: theirs?.imageDigest,
    tags: theirs?.imageTags,
    sizeBytes: theirs?.imageSizeInBytes,
    pushedAt: (theirs?.imagePushedAt?.getTime() ?? 0) / 1000,
    uri: `111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/shop@${DIGEST}`,
  });
});

it.each([
  ['team/shop', 'gone', 'RevisionUnavailable', /ImageNotFoundException/],
  ['nobodys', 'v1', 'ConfigurationError', /RepositoryNotFoundException/],
])('says what is not there: %s:%s', async (repository, tag, code, message) => {
  await expect(ecrImages(callsTo(double)).describe(repository, { tag })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
});

it('says so when ECR knows of no image at all', async () => {
  double.instead.push(new Response('{"imageDetails":[]}'));
  await expect(ecrImages(callsTo(double)).describe('team/shop', { tag: 'v1' })).rejects.toMatchObject({
    code: 'RevisionUnavailable',
  });
});
