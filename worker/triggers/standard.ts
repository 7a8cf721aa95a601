import { z } from 'zod';
import { fromBase64 } from './support/base64.ts';
import { deliveryId, readPayload } from './support/payload.ts';
import { verifyStandard } from './support/standard-signature.ts';
import type { TriggerSource } from './trigger-source.ts';

const ID_MAX_LENGTH = 200;
const TYPE_MAX_LENGTH = 200;

/** Anybody who signs as Standard Webhooks says (standardwebhooks.com, version 1.0.0), with a shared secret: `v1` signatures. */
export const standardTrigger: TriggerSource = {
  kind: 'standard',

  async verify(raw, secrets, { now }) {
    const { 'webhook-id': id = '' } = raw.headers;
    if (id === '' || id.length > ID_MAX_LENGTH || id.includes('.')) {
      return { ok: false, message: 'webhook-id must be there, without a dot, and 200 characters long at most.' };
    }
    const keys = secrets.flatMap((secret) => fromBase64(secret.replace(/^whsec_/, '')) ?? []);
    return verifyStandard('standard', raw, keys, now);
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
