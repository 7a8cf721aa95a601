import {
  asVerified,
  DELIVERY_MAX_BYTES,
  type HookKind,
  type RawDelivery,
  type Verification,
} from '../trigger-source.ts';
import { refusalOfOther } from './sender.ts';
import { isOneOf } from './signature.ts';

/**
 * For senders that can sign nothing, but show the secret in a header: weaker, for whoever sees one request can make others. What they
 * say is looked up before anything is deployed: they name a revision, they do not bring one.
 */
export async function verifyShown(
  kind: HookKind,
  raw: RawDelivery,
  secrets: readonly string[],
  where: { readonly header: string; readonly shown: string | undefined },
): Promise<Verification> {
  const other = refusalOfOther(kind, raw);
  if (other !== undefined) return { ok: false, message: other };
  if (raw.body.byteLength > DELIVERY_MAX_BYTES) return { ok: false, message: 'The body is larger than 25 MiB.' };
  const { header, shown } = where;
  if (shown === undefined) return { ok: false, message: `There is no ${header} with the secret of this hook.` };
  if (await isOneOf(secrets, shown)) return asVerified(raw);
  return { ok: false, message: `${header} does not hold the secret of this hook.` };
}
