import { z } from 'zod';
import { fromBase64 } from './support/base64.ts';
import { deliveryId, readPayload } from './support/payload.ts';
import { refusalOfOther } from './support/sender.ts';
import { isSignedWithKeys } from './support/signature.ts';
import { asVerified, DELIVERY_MAX_BYTES, type TriggerSource } from './trigger-source.ts';

/** As the specification's own libraries: what is older, or from further ahead, may be somebody's recording. */
const TOLERANCE_MS = 5 * 60_000;
const ID_MAX_LENGTH = 200;
const TYPE_MAX_LENGTH = 200;

/** Anybody who signs as Standard Webhooks says (standardwebhooks.com, version 1.0.0), with a shared secret: `v1` signatures. */
export const standardTrigger: TriggerSource = {
  kind: 'standard',

  async verify(raw, secrets, { now }) {
    const other = refusalOfOther('standard', raw);
    if (other !== undefined) return { ok: false, message: other };
    if (raw.body.byteLength > DELIVERY_MAX_BYTES) return { ok: false, message: 'The body is larger than 25 MiB.' };
    const { 'webhook-id': id = '', 'webhook-timestamp': at = '', 'webhook-signature': list = '' } = raw.headers;
    if (id === '' || id.length > ID_MAX_LENGTH || id.includes('.')) {
      return { ok: false, message: 'webhook-id must be there, without a dot, and 200 characters long at most.' };
    }
    if (!/^\d{1,12}$/.test(at)) return { ok: false, message: 'webhook-timestamp must be seconds since 1970.' };
    if (Math.abs(now - Number(at) * 1000) > TOLERANCE_MS) {
      return { ok: false, message: 'webhook-timestamp is more than five minutes away from our clock.' };
    }
    const signatures = list
      .split(' ')
      .flatMap((one) => (one.startsWith('v1,') ? (fromBase64(one.slice(3)) ?? []) : []));
    const head = new TextEncoder().encode(`${id}.${at}.`);
    const signed = new Uint8Array(head.byteLength + raw.body.byteLength);
    signed.set(head);
    signed.set(raw.body, head.byteLength);
    const keys = secrets.flatMap((secret) => fromBase64(secret.replace(/^whsec_/, '')) ?? []);
    if (await isSignedWithKeys(keys, signed, signatures)) return asVerified(raw);
    return {
      ok: false,
      message: 'webhook-signature holds no v1 signature that fits the body and the secret of this hook.',
    };
  },

  parse(delivery) {
    const read = readPayload(delivery, z.unknown());
    if (!read.ok) return read;
    const { type } = z
      .object({ type: z.string().max(TYPE_MAX_LENGTH).catch('') })
      .catch({ type: '' })
      .parse(read.value);
    const payload = new TextDecoder().decode(delivery.body);
    return {
      ok: true,
      parsed: {
        deliveryId: deliveryId(delivery, 'webhook-id'),
        name: type === '' ? 'webhook' : type,
        events: [{ kind: 'custom', type, payload, actor: { name: 'webhook' } }],
      },
    };
  },
};
