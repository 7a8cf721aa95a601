import type { AuditKey } from '../../../contract/audit.ts';
import { type Broken, type Verified, verify } from '../../../worker/audit/verify.ts';
import { sha256 } from '../../../worker/kernel/crypto.ts';

/** As somebody does it who has the export and the public key and nothing else; `known`: the key's id, as they know it. */
export async function verifyLog(
  lines: readonly string[],
  key: AuditKey,
  known: string | undefined = key.id,
): Promise<Verified | Broken> {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.publicKey };
  const publicKey = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['verify']);
  const bytes = (b64: string) =>
    Uint8Array.from(atob(b64.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  return verify(lines, {
    digest: sha256,
    isSigned: async (signed, signature, id) =>
      id === known
        ? crypto.subtle.verify('Ed25519', publicKey, bytes(signature), new TextEncoder().encode(signed))
        : undefined,
  });
}
