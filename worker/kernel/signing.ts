import { base64url, fromBase64url, type KeyRing } from './crypto.ts';

const encoder = new TextEncoder();
const ALGORITHM = 'Ed25519';
/** What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410). */
const PKCS8 = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]);

export interface PublicKey {
  /** Named after the key itself, so that the same key has the same id everywhere. */
  readonly id: string;
  readonly algorithm: typeof ALGORITHM;
  /** The 32 bytes, in base64url. */
  readonly publicKey: string;
}

export interface Signer {
  readonly key: PublicKey;
  /** In base64url; the same text has the same signature always. */
  readonly sign: (text: string) => Promise<string>;
}

/** Ed25519 for one purpose, made from the operator's secret: whoever has the public key can check, and nobody else can sign. */
export async function signerFor(keys: KeyRing, purpose: string): Promise<Signer> {
  const seed = fromBase64url(await keys.secretFor(purpose));
  if (seed === undefined) throw new Error('a derived secret is not base64url');
  const pair = await crypto.subtle.importKey('pkcs8', new Uint8Array([...PKCS8, ...seed]), ALGORITHM, true, ['sign']);
  const { x = '' } = (await crypto.subtle.exportKey('jwk', pair)) as JsonWebKey;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(x)));
  return {
    key: { id: base64url(digest).slice(0, 16), algorithm: ALGORITHM, publicKey: x },
    sign: async (text) => base64url(new Uint8Array(await crypto.subtle.sign(ALGORITHM, pair, encoder.encode(text)))),
  };
}
