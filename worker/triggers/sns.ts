import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { fromBase64 } from './support/base64.ts';
import { readPayload, TEXT } from './support/payload.ts';
import { asVerified, DELIVERY_MAX_BYTES, type TriggerSource, type VerifyParts } from './trigger-source.ts';

/** A redelivery keeps its time stamp; SNS gives up after an hour by default (developer guide, "Message delivery retries"). */
const AGE_MAX_MS = 60 * 60_000;
const AHEAD_MAX_MS = 5 * 60_000;
const LENGTH_MAX = 300_000;

const TYPES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'] as const;
const MESSAGE = z.object({
  Type: z.enum(TYPES),
  MessageId: z.string().min(1).max(200),
  TopicArn: z.string().min(1).max(300),
  Message: z.string().max(LENGTH_MAX),
  Timestamp: z.string().max(50),
  Subject: z.string().max(1_000).nullish(),
  Token: z.string().max(1_000).optional(),
  SubscribeURL: z.string().max(2_000).optional(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string().max(2_000),
  SigningCertURL: z.string().max(1_000),
});
type Message = z.infer<typeof MESSAGE>;

/** Whose certificate is to be believed, and where a subscription is confirmed. */
const HOST = /^sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?$/;

/**
 * Amazon SNS, which signs with a key of its own for everybody's topics: what makes a message ours is that its topic is on the hook's list.
 * Developer guide, "Verifying the signatures of Amazon SNS messages".
 */
export const snsTrigger: TriggerSource = {
  kind: 'sns',

  async verify(raw, _, parts) {
    if (raw.body.byteLength > DELIVERY_MAX_BYTES) return { ok: false, message: 'The body is larger than 25 MiB.' };
    if (!Object.hasOwn(raw.headers, 'x-amz-sns-message-type')) {
      return {
        ok: false,
        message: 'There is no x-amz-sns-message-type. Raw message delivery must be off: it is not signed.',
      };
    }
    // Its signature is in the body; nothing else of it counts before that has been found right.
    const read = readPayload(raw, MESSAGE);
    if (!read.ok) return read;
    const problem = await problemOf(read.value, parts);
    return problem === undefined ? asVerified(raw) : { ok: false, message: problem };
  },

  parse(delivery) {
    const read = readPayload(delivery, MESSAGE);
    if (!read.ok) return read;
    const { Type: name, MessageId: deliveryId, Message: payload, TopicArn, Subject, SubscribeURL } = read.value;
    const about = { deliveryId, name };
    if (name === 'SubscriptionConfirmation') {
      const ignored = 'The topic may deliver here from now on.';
      return { ok: true, parsed: { ...about, events: [], ignored, ...confirmation(SubscribeURL) } };
    }
    if (name === 'UnsubscribeConfirmation') {
      return { ok: true, parsed: { ...about, events: [], ignored: 'The topic delivers here no more.' } };
    }
    const type = TEXT.parse(Subject ?? '').slice(0, 200);
    return {
      ok: true,
      parsed: { ...about, events: [{ kind: 'custom', type, payload: jsonOf(payload), actor: { name: TopicArn } }] },
    };
  },
};

/** What is no JSON is a text, and that is JSON too. */
function jsonOf(message: string): string {
  try {
    JSON.parse(message);
    return message;
  } catch {
    return JSON.stringify(message);
  }
}

function confirmation(url: string | undefined): { readonly confirm?: string } {
  return url !== undefined && isAmazon(url) ? { confirm: url } : {};
}

function isAmazon(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, port, username } = new URL(text);
  return protocol === 'https:' && port === '' && username === '' && HOST.test(hostname);
}

async function problemOf(
  message: Message,
  { now, fetchText, topics = [] }: VerifyParts,
): Promise<string | undefined> {
  const { TopicArn, Timestamp, SigningCertURL, Signature, SignatureVersion } = message;
  if (!topics.includes(TopicArn)) return 'The topic is not among those that may deliver to this hook.';
  const age = now - Date.parse(Timestamp);
  if (!(age <= AGE_MAX_MS && age >= -AHEAD_MAX_MS)) {
    return 'The message is more than an hour old, or from the future.';
  }
  if (!isAmazon(SigningCertURL) || !new URL(SigningCertURL).pathname.endsWith('.pem')) {
    return 'SigningCertURL does not lead to a certificate of Amazon SNS.';
  }
  const signature = fromBase64(Signature);
  if (signature === undefined) return 'Signature is not base64.';
  const hash = SignatureVersion === '1' ? 'SHA-1' : 'SHA-256';
  const key = await keyIn(await fetchText(SigningCertURL), hash, now);
  if (key === undefined) return 'The certificate is none, or not valid now.';
  const signed = new TextEncoder().encode(signedText(message));
  const isRight = await crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, signature, signed);
  return isRight ? undefined : 'Signature does not fit the message.';
}

async function keyIn(pem: string, hash: string, now: number): Promise<CryptoKey | undefined> {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return undefined;
  }
  if (!(now >= Date.parse(certificate.validFrom) && now <= Date.parse(certificate.validTo))) return undefined;
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return crypto.subtle.importKey('spki', spki, { name: 'RSASSA-PKCS1-v1_5', hash }, false, ['verify']);
}

/** Name and value, a line each, in the order of the alphabet. */
function signedText(message: Message): string {
  const names: readonly (keyof Message)[] =
    message.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  return names
    .flatMap((name) => {
      const value = message[name];
      return value === undefined || value === null ? [] : [`${name}\n${value}\n`];
    })
    .join('');
}
