import { createSign, generateKeyPairSync } from 'node:crypto';
import { cryptoProvider, X509CertificateGenerator } from '@peculiar/x509';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventBridgeTrigger } from '../../../worker/triggers/eventbridge.ts';
import { registryTrigger } from '../../../worker/triggers/registry-push.ts';
import { snsTrigger } from '../../../worker/triggers/sns.ts';
import { standardTrigger } from '../../../worker/triggers/standard.ts';
import type { Parsed, RawDelivery, TriggerSource, VerifyParts } from '../../../worker/triggers/trigger-source.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const SECRET = 'abcdefghijklmnopqrstuvwxyz0123456789abcdefghijkl';
const never = { now: NOW, fetchText: () => Promise.reject(new Error('asked')) };

const raw = (body: string, headers: Record<string, string> = {}): RawDelivery => ({
  headers,
  body: new TextEncoder().encode(body),
  receivedAt: NOW,
});

async function verdict(
  trigger: TriggerSource,
  delivery: RawDelivery,
  secrets = [SECRET],
  parts: VerifyParts = never,
) {
  const verification = await trigger.verify(delivery, secrets, parts);
  return verification.ok ? 'right' : verification.message;
}

async function parsed(trigger: TriggerSource, delivery: RawDelivery, parts: VerifyParts = never): Promise<Parsed> {
  const verification = await trigger.verify(delivery, [SECRET], parts);
  if (!verification.ok) throw new Error(verification.message);
  const result = trigger.parse(verification.delivery);
  if (!result.ok) throw new Error(result.message);
  return result.parsed;
}

describe('whoever signs as Standard Webhooks says', () => {
  const body = JSON.stringify({ type: 'release.published', data: { tag: 'v1' } });
  const signed = (of: { at?: number; id?: string; secret?: string; body?: string } = {}) => {
    const { at = NOW, id = 'msg_1', secret = SECRET, body: text = body } = of;
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, new Date(at), text),
    };
    return raw(text, headers);
  };

  it('is believed, with its own library, whichever way the secret is written', async () => {
    expect(await verdict(standardTrigger, signed())).toBe('right');
    expect(await verdict(standardTrigger, signed({ secret: `whsec_${SECRET}` }))).toBe('right');
    expect(await verdict(standardTrigger, signed(), ['b25l', SECRET])).toBe('right');
  });

  it('may send several signatures, of kinds that nobody here knows too', async () => {
    const delivery = signed();
    const list = `v1a,c29tZQ== v1,${btoa('x'.repeat(32))} ${delivery.headers['webhook-signature'] ?? ''}`;
    const headers = { ...delivery.headers, 'webhook-signature': list };
    expect(await verdict(standardTrigger, { ...delivery, headers })).toBe('right');
  });

  it.each<[string, RawDelivery, RegExp]>([
    ['another secret', signed({ secret: btoa('another') }), /fits/],
    ['another body', { ...signed(), body: new TextEncoder().encode('{}') }, /fits/],
    ['an old recording', signed({ at: NOW - 6 * 60_000 }), /five minutes/],
    ['the future', signed({ at: NOW + 6 * 60_000 }), /five minutes/],
    ['no signature', { ...signed(), headers: { ...signed().headers, 'webhook-signature': '' } }, /fits/],
    ['another id', { ...signed(), headers: { ...signed().headers, 'webhook-id': 'msg_2' } }, /fits/],
    ['an id with a dot', signed({ id: 'msg.1' }), /webhook-id/],
    ['no time', { ...signed(), headers: { ...signed().headers, 'webhook-timestamp': 'now' } }, /webhook-timestamp/],
  ])('is not believed with %s', async (_, delivery, message) => {
    expect(await verdict(standardTrigger, delivery)).toMatch(message);
  });

  it('is not believed by a hook without a secret', async () => {
    expect(await verdict(standardTrigger, signed(), [])).toMatch(/fits/);
    expect(await verdict(standardTrigger, signed(), [''])).toMatch(/fits/);
  });

  it('hands its body on as it is, under its own id', async () => {
    expect(await parsed(standardTrigger, signed())).toEqual({
      deliveryId: 'msg_1',
      name: 'release.published',
      events: [{ kind: 'custom', type: 'release.published', payload: body, actor: { name: 'webhook' } }],
    });
    expect(await parsed(standardTrigger, signed({ body: '[1]' }))).toMatchObject({ name: 'webhook' });
  });
});

describe('an event of EventBridge', () => {
  const event = (of: object) =>
    raw(JSON.stringify({ version: '0', id: 'e-1', account: '111122223333', region: 'eu-central-1', ...of }), {
      'x-millrace-secret': SECRET,
    });
  const C = 'c'.repeat(40);
  const codeCommit = (detail: object) =>
    event({
      source: 'aws.codecommit',
      'detail-type': 'CodeCommit Repository State Change',
      detail: { repositoryName: 'shop', referenceType: 'branch', referenceName: 'main', ...detail },
    });
  const ecr = (detail: object) =>
    event({
      source: 'aws.ecr',
      'detail-type': 'ECR Image Action',
      detail: {
        'action-type': 'PUSH',
        result: 'SUCCESS',
        'repository-name': 'shop',
        'image-tag': 'latest',
        ...detail,
      },
    });

  it('is believed for its header alone', async () => {
    const delivery = event({ source: 'x', 'detail-type': 'y' });
    expect(await verdict(eventBridgeTrigger, delivery)).toBe('right');
    expect(await verdict(eventBridgeTrigger, delivery, ['other'])).toMatch(/does not hold/);
    expect(await verdict(eventBridgeTrigger, { ...delivery, headers: {} })).toMatch(/There is no/);
    expect(await verdict(eventBridgeTrigger, { ...delivery, headers: { 'x-millrace-secret': '' } }, [''])).toMatch(
      /not/,
    );
  });

  it.each<[string, RawDelivery, object]>([
    [
      'a push to CodeCommit',
      codeCommit({ event: 'referenceUpdated', commitId: C, oldCommitId: 'd'.repeat(40) }),
      { kind: 'push', repository: { name: 'shop' }, ref: { kind: 'branch', name: 'main' }, after: { id: C } },
    ],
    ['a new branch', codeCommit({ event: 'referenceCreated', commitId: C }), { kind: 'push', after: { id: C } }],
    [
      'an object in S3',
      event({
        source: 'aws.s3',
        'detail-type': 'Object Created',
        detail: { bucket: { name: 'b' }, object: { key: 'app.zip', 'version-id': 'v1', etag: 'e' } },
      }),
      { kind: 'object', bucket: 'b', key: 'app.zip', versionId: 'v1', etag: 'e' },
    ],
    [
      'an object in S3, by way of CloudTrail',
      event({
        source: 'aws.s3',
        'detail-type': 'AWS API Call via CloudTrail',
        detail: {
          eventName: 'PutObject',
          requestParameters: { bucketName: 'b', key: 'app.zip' },
          responseElements: { 'x-amz-version-id': 'v2' },
        },
      }),
      { kind: 'object', bucket: 'b', key: 'app.zip', versionId: 'v2' },
    ],
    [
      'an image in ECR',
      ecr({ 'image-digest': `sha256:${'0'.repeat(64)}` }),
      { kind: 'image', repository: { name: 'shop' }, tag: 'latest', digest: `sha256:${'0'.repeat(64)}` },
    ],
    ['anything else', event({ source: 'acme', 'detail-type': 'Sold' }), { kind: 'custom', type: 'Sold' }],
  ])('is %s', async (_, delivery, expected) => {
    expect(await parsed(eventBridgeTrigger, delivery)).toMatchObject({ deliveryId: 'e-1', events: [expected] });
  });

  it.each<[string, RawDelivery]>([
    ['an image that was deleted', ecr({ 'action-type': 'DELETE' })],
    ['an image that failed', ecr({ result: 'FAILURE' })],
    ['a branch that is none', codeCommit({ event: 'referenceUpdated', referenceName: '../x', commitId: C })],
    [
      'an object that was read',
      event({ source: 'aws.s3', 'detail-type': 'AWS API Call via CloudTrail', detail: {} }),
    ],
  ])('starts nothing when it is %s', async (_, delivery) => {
    const { events, ignored } = await parsed(eventBridgeTrigger, delivery);
    expect({ events, ignored }).toEqual({ events: [], ignored: expect.any(String) as string });
  });

  it('says of a deleted branch that nothing is there any more', async () => {
    const { events } = await parsed(eventBridgeTrigger, codeCommit({ event: 'referenceDeleted', oldCommitId: C }));
    expect(events).toMatchObject([{ kind: 'push', before: C }]);
    expect(events[0]).not.toHaveProperty('after');
  });
});

describe('a push to a registry', () => {
  const bodies: readonly [string, object, object][] = [
    [
      'Distribution',
      {
        events: [
          { id: 'r-1', action: 'pull', target: { repository: 'acme/shop', tag: 'v1' } },
          { id: 'r-2', action: 'push', target: { repository: 'acme/shop', tag: 'v1', digest: 'sha256:1' } },
        ],
      },
      { repository: 'acme/shop', tag: 'v1', digest: 'sha256:1' },
    ],
    [
      'Docker Hub',
      { push_data: { tag: 'v1', pusher: 'ada', pushed_at: 1 }, repository: { repo_name: 'acme/shop' } },
      { repository: 'acme/shop', tag: 'v1' },
    ],
    [
      'Harbor',
      {
        type: 'PUSH_ARTIFACT',
        operator: 'ada',
        event_data: {
          resources: [{ tag: 'v1', digest: 'sha256:1' }],
          repository: { repo_full_name: 'acme/shop' },
        },
      },
      { repository: 'acme/shop', tag: 'v1', digest: 'sha256:1' },
    ],
  ];

  it.each(bodies)('at %s is a webhook of one form', async (_, body, payload) => {
    const delivery = raw(JSON.stringify(body), { authorization: `Bearer ${SECRET}` });
    const { events } = await parsed(registryTrigger, delivery);
    expect(events).toMatchObject([{ kind: 'custom', type: 'push' }]);
    expect(events.map((event) => (event.kind === 'custom' ? (JSON.parse(event.payload) as unknown) : event))).toEqual(
      [payload],
    );
  });

  it.each([
    ['a bearer token', `Bearer ${SECRET}`],
    ['a password', `Basic ${btoa(`millrace:${SECRET}`)}`],
    ['the whole header', SECRET],
  ])('shows the secret as %s', async (_, authorization) => {
    expect(await verdict(registryTrigger, raw('{}', { authorization }))).toBe('right');
  });

  it('is not believed without it', async () => {
    expect(await verdict(registryTrigger, raw('{}'))).toMatch(/There is no/);
    expect(await verdict(registryTrigger, raw('{}', { authorization: 'Bearer wrong' }))).toMatch(/does not hold/);
    expect(await verdict(registryTrigger, raw('{}', { authorization: 'Basic %%%' }))).toMatch(/does not hold/);
  });
});

describe('a message of Amazon SNS', () => {
  const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:releases';
  const CERTIFICATE = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem';
  let pem: string;
  let privateKey: string;
  let asked: string[] = [];

  beforeAll(async () => {
    const algorithm = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      publicExponent: new Uint8Array([1, 0, 1]),
      modulusLength: 2048,
    };
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    cryptoProvider.set(crypto);
    const keys = {
      privateKey: await crypto.subtle.importKey(
        'pkcs8',
        pair.privateKey.export({ type: 'pkcs8', format: 'der' }),
        algorithm,
        true,
        ['sign'],
      ),
      publicKey: await crypto.subtle.importKey(
        'spki',
        pair.publicKey.export({ type: 'spki', format: 'der' }),
        algorithm,
        true,
        ['verify'],
      ),
    };
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: 'CN=sns.amazonaws.com',
      notBefore: new Date(NOW - 86_400_000),
      notAfter: new Date(NOW + 86_400_000),
      signingAlgorithm: algorithm,
      keys,
    });
    pem = certificate.toString('pem');
  });

  /** What the developer guide says is signed, written out once more. */
  function message(of: Record<string, string> = {}, version = '2'): RawDelivery {
    const fields: Record<string, string> = {
      Type: 'Notification',
      MessageId: 'm-1',
      TopicArn: TOPIC,
      Subject: 'Released',
      Message: '{"tag":"v1"}',
      Timestamp: new Date(NOW).toISOString(),
      ...of,
    };
    const names =
      fields['Type'] === 'Notification'
        ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
        : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
    const text = names.flatMap((name) => (name in fields ? [`${name}\n${fields[name] ?? ''}\n`] : [])).join('');
    const signature = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
      .update(text)
      .sign(privateKey, 'base64');
    const body = { ...fields, SignatureVersion: version, Signature: signature, SigningCertURL: CERTIFICATE };
    return raw(JSON.stringify(body), { 'x-amz-sns-message-type': fields['Type'] ?? '' });
  }

  const changed = (of: Record<string, unknown>, from = message()) =>
    raw(JSON.stringify({ ...(JSON.parse(new TextDecoder().decode(from.body)) as object), ...of }), {
      ...from.headers,
    });
  const parts = (of: Partial<VerifyParts> = {}): VerifyParts => ({
    now: NOW,
    topics: [TOPIC],
    fetchText: (url) => {
      asked.push(url);
      return Promise.resolve(pem);
    },
    ...of,
  });
  const check = (delivery: RawDelivery, of: Partial<VerifyParts> = {}) =>
    verdict(snsTrigger, delivery, [], parts(of));

  it.each(['1', '2'])('is believed with a signature of version %s', async (version) => {
    asked = [];
    expect(await check(message({}, version))).toBe('right');
    expect(asked).toEqual([CERTIFICATE]);
  });

  it('is believed without a subject', async () => {
    const { Subject: _, ...rest } = JSON.parse(new TextDecoder().decode(message().body)) as Record<string, string>;
    expect(await check(raw(JSON.stringify(rest), message().headers))).toMatch(/does not fit/);
  });

  it('asks nobody for a certificate elsewhere', async () => {
    asked = [];
    for (const SigningCertURL of [
      'https://sns.eu-central-1.amazonaws.com.evil.example/x.pem',
      'https://evil.example/sns.eu-central-1.amazonaws.com.pem',
      'http://sns.eu-central-1.amazonaws.com/x.pem',
      'https://sns.eu-central-1.amazonaws.com/x.html',
      'https://user@sns.eu-central-1.amazonaws.com/x.pem',
      'nonsense',
    ]) {
      expect(await check(changed({ SigningCertURL }))).toMatch(/certificate of Amazon/);
    }
    expect(asked).toEqual([]);
  });

  it('is not believed when anything of it is not as it was signed', async () => {
    expect(await check(changed({ Message: '{"tag":"v2"}' }))).toMatch(/does not fit/);
    expect(await check(changed({ Signature: '%%%' }))).toMatch(/base64/);
    expect(await check(message(), { topics: ['arn:aws:sns:eu-central-1:666:releases'] })).toMatch(/topic/);
    expect(await check(message(), { now: NOW + 61 * 60_000 })).toMatch(/hour old/);
    expect(await check(message(), { fetchText: () => Promise.resolve('no certificate') })).toMatch(/none/);
    expect(await check({ ...message(), headers: {} })).toMatch(/Raw message delivery/);
  });

  it('is handed on as a webhook', async () => {
    expect(await parsed(snsTrigger, message(), parts())).toEqual({
      deliveryId: 'm-1',
      name: 'Notification',
      events: [{ kind: 'custom', type: 'Released', payload: '{"tag":"v1"}', actor: { name: TOPIC } }],
    });
    const text = await parsed(snsTrigger, message({ Message: 'not JSON' }), parts());
    expect(text.events).toMatchObject([{ payload: '"not JSON"' }]);
  });

  it('confirms the subscription that it asks for, at Amazon and nowhere else', async () => {
    const url = 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t';
    const order = { Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL: url };
    expect(await parsed(snsTrigger, message(order), parts())).toMatchObject({ events: [], confirm: url });
    const evil = { ...order, SubscribeURL: 'https://evil.example/' };
    expect(await parsed(snsTrigger, message(evil), parts())).not.toHaveProperty('confirm');
  });
});
