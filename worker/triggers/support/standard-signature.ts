import {
  asVerified,
  DELIVERY_MAX_BYTES,
  type HookKind,
  type RawDelivery,
  type Verification,
} from '../trigger-source.ts';
import { fromBase64 } from './base64.ts';
import { refusalOfOther } from './sender.ts';
import { isSignedWithKeys } from './signature.ts';

/** What is older, or from further ahead, may be somebody's recording. */
const TOLERANCE_MS = 5 * 60_000;

/** A host that signs as Standard Webhooks says: its id for the delivery, the time and the body, maybe with several keys. */
export async function verifyStandard(
  kind: HookKind,
  raw: RawDelivery,
  keys: readonly Uint8Array<ArrayBuffer>[],
  now: number,
): Promise<Verification> {
  const refused = (message: string): Verification => ({ ok: false, message });
  const other = refusalOfOther(kind, raw);
  if (other !== undefined) return refused(other);
  if (raw.body.byteLength > DELIVERY_MAX_BYTES) return refused('The body is larger than 25 MiB.');
  const { 'webhook-id': id, 'webhook-timestamp': at = '', 'webhook-signature': list = '' } = raw.headers;
  if (id === undefined || !/^\d{1,12}$/.test(at)) {
    return refused('The delivery is signed without the webhook-id and webhook-timestamp that belong to it.');
  }
  const signatures = list
    .split(' ')
    .flatMap((one) => (one.startsWith('v1,') ? (fromBase64(one.slice(3)) ?? []) : []));
  const head = new TextEncoder().encode(`${id}.${at}.`);
  const signed = new Uint8Array(head.byteLength + raw.body.byteLength);
  signed.set(head);
  signed.set(raw.body, head.byteLength);
  if (!(await isSignedWithKeys(keys, signed, signatures))) {
    return refused('No v1 signature in webhook-signature fits the body and the secret of this hook.');
  }
  if (Math.abs(now - Number(at) * 1000) <= TOLERANCE_MS) return asVerified(raw);
  return refused('The delivery was signed more than five minutes away from our clock.');
}
