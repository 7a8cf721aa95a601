import { beforeEach, describe, expect, it } from 'vitest';
import type { AwsCalls } from '../../../worker/aws/client.ts';
import { type AwsService } from '../../../worker/aws/client.ts';
import { AwsDouble, json } from '../../support/aws-double/aws-double.ts';
import { callsTo } from '../../support/aws-double/calls.ts';

const ECR: AwsService = { name: 'Amazon ECR', host: 'api.ecr', signing: 'ecr', target: 'Ecr' };
const role = (name: string) => ({ arn: `arn:aws:iam::111122223333:role/${name}`, externalId: 'millrace-a' });
const HOUR = 3_600_000;
const EXPIRES = Date.parse('2030-01-01T00:00:00Z');
let double: AwsDouble;
let now: number;
beforeEach(() => {
  double = new AwsDouble();
  now = EXPIRES - HOUR;
});

const ok = (): Response => json(200, { fine: true });
const hosts = (): string[] => double.asked.map(({ url }) => new URL(url).hostname);

describe('a role', () => {
  /** Answers of the service itself; STS answers as it does. */
  async function call(calls: AwsCalls): Promise<Request> {
    await calls.json(ECR, 'Op', {});
    return double.asked.at(-1)!;
  }

  it('is assumed once for as long as it holds, and what it gives is signed with', async () => {
    const calls = serving(callsTo(double, { roles: [role('reader')] }, () => now));
    expect((await call(calls)).headers.get('x-amz-security-token')).toBe('session-of-reader');
    await call(calls);
    now = EXPIRES - 4 * 60_000;
    await call(calls);
    expect(hosts().filter((host) => host.startsWith('sts.'))).toHaveLength(2);
  });

  it('is assumed from the one before it', async () => {
    const calls = serving(callsTo(double, { roles: [role('hub'), role('deployer')] }, () => now));
    expect((await call(calls)).headers.get('authorization')).toContain('Credential=ASIAdeployer/');
    expect(
      double.asked.slice(0, 2).map(({ headers }) => /Credential=(\w+)/.exec(headers.get('authorization') ?? '')?.[1]),
    ).toEqual([AwsDouble.KEY, 'ASIAhub']);
  });

  it('is assumed anew when AWS says that its session has run out', async () => {
    const calls = serving(callsTo(double, { roles: [role('reader')] }, () => now));
    await call(calls);
    double.instead.push(json(400, { __type: 'ExpiredTokenException', message: 'Expired.' }));
    await expect(calls.json(ECR, 'Op', {})).rejects.toMatchObject({ name: 'RetryableFailure' });
    await call(calls);
    expect(hosts().filter((host) => host.startsWith('sts.'))).toHaveLength(2);
  });

  it('that may not be assumed is a matter of permission', async () => {
    const refused = { ...role('reader'), externalId: 'of-somebody-else' };
    await expect(callsTo(double, { roles: [refused] }).json(ECR, 'Op', {})).rejects.toMatchObject({
      code: 'PermissionError',
    });
  });
});

/** Lets the double answer whatever is not STS with success, unless something else is to be answered. */
function serving(calls: AwsCalls): AwsCalls {
  const { answer } = double;
  Object.assign(double, {
    answer: async (request: Request) => {
      const isSts = request.url.includes('//sts.');
      const response = await answer(request);
      return isSts || response.status !== 404 ? response : ok();
    },
  });
  return calls;
}

describe('an answer', () => {
  it.each([
    [400, { __type: 'ns#ThrottlingException', message: 'x' }, { name: 'RetryableFailure' }],
    [500, { __type: 'ServerException' }, { name: 'RetryableFailure' }],
    [429, {}, { name: 'RetryableFailure' }],
    [400, { __type: 'AccessDeniedException', Message: 'Not you.' }, { code: 'PermissionError', message: /Not you/ }],
    [400, { __type: 'com.amazonaws#ImageNotFoundException:http://x' }, { code: 'RevisionUnavailable' }],
    [400, { __type: 'RepositoryNotFoundException' }, { code: 'ConfigurationError' }],
    [400, { __type: 'ValidationException' }, { code: 'ConfigurationError' }],
    [200, 'no object', { code: 'ConfigurationError', message: /does not answer as Amazon ECR/ }],
  ])(
    'of %i with %j',
    async (status, body, { message, ...failure }: { message?: RegExp; name?: string; code?: string }) => {
      double.instead.push(json(status, body));
      await expect(callsTo(double).json(ECR, 'Op', {})).rejects.toMatchObject({
        ...failure,
        ...(message === undefined ? {} : { message: expect.stringMatching(message) as string }),
      });
    },
  );

  it('has its code in a header, if there is one', async () => {
    const headers = { 'x-amzn-errortype': 'ImageNotFoundException:http://internal/' };
    double.instead.push(new Response('{}', { status: 400, headers }));
    await expect(callsTo(double).json(ECR, 'Op', {})).rejects.toMatchObject({ code: 'RevisionUnavailable' });
  });
});

it.each([
  ['us-gov-west-1', 'api.ecr.us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'api.ecr.cn-north-1.amazonaws.com.cn'],
  ['eusc-de-east-1', 'api.ecr.eusc-de-east-1.amazonaws.eu'],
])('the services of %s are at %s', async (region, host) => {
  double.instead.push(ok());
  await callsTo(double, { region }).json(ECR, 'Op', {});
  expect(hosts()).toEqual([host]);
});

it('no region leads anywhere else', () => {
  expect(() => callsTo(double, { region: 'x.evil.example/' })).toThrow(/no Region/);
});
