import {
  asVerified,
  DELIVERY_MAX_BYTES,
  type HookKind,
  type RawDelivery,
  type Verification,
} from '../trigger-source.ts';
import { refusalOfOther } from './sender.ts';
import { fromHex, isSignedWith } from './signature.ts';

/** What all say who sign the raw body with HMAC-SHA-256 and put the signature in hex into a header. */
export async function verifyHex(
  kind: HookKind,
  raw: RawDelivery,
  secrets: readonly string[],
  signature: { readonly header: string; readonly hex: string | undefined },
): Promise<Verification> {
  const other = refusalOfOther(kind, raw);
  if (other !== undefined) return { ok: false, message: other };
  if (raw.body.byteLength > DELIVERY_MAX_BYTES) return { ok: false, message: 'The body is larger than 25 MiB.' };
  const { header, hex } = signature;
  if (hex === undefined) {
    return { ok: false, message: `The delivery is not signed: there is no ${header}. Give the webhook its secret.` };
  }
  const bytes = fromHex(hex);
  if (bytes === undefined) return { ok: false, message: `${header} is not a signature.` };
  if (await isSignedWith(secrets, raw.body, bytes)) return asVerified(raw);
  return { ok: false, message: `${header} does not fit the body and the secret of this hook.` };
}

/** The same for those who say `sha256=` before the hex. */
export function verifySha256(
  kind: HookKind,
  raw: RawDelivery,
  secrets: readonly string[],
  header: string,
): Promise<Verification> {
  const hex = raw.headers[header.toLowerCase()]?.replace(/^sha256=/, '');
  return verifyHex(kind, raw, secrets, { header, hex });
}
