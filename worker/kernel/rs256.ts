import { base64url, fromBase64url } from './crypto.ts';
import type { Sealed } from './sealing.ts';

/** RS256 (RFC 7518, 3.3): what AWS and nearly everybody else takes. */
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const GENERATED = { ...ALGORITHM, modulusLength: 2048, publicExponent: Uint8Array.from([1, 0, 1]) };
const IV_BYTES = 12;
const encoder = new TextEncoder();

export interface RsaPublicKey {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
}

export interface NewRsaKey {
  readonly kid: string;
  readonly publicKey: RsaPublicKey;
  readonly wrapped: Sealed;
}

/** The private key leaves this function wrapped, and in no other form. */
export async function newRsaKey(by: CryptoKey): Promise<NewRsaKey> {
  const pair = (await crypto.subtle.generateKey(GENERATED, true, ['sign', 'verify'])) as CryptoKeyPair;
  const { n = '', e = '' } = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey;
  const publicKey: RsaPublicKey = { kty: 'RSA', n, e };
  const kid = await thumbprint(publicKey);
  return { kid, publicKey, wrapped: await wrap(pair.privateKey, by, kid) };
}

/** Throws when it was wrapped by another key, or is another key than `kid` says. */
export async function unwrapRsaKey(wrapped: Sealed, by: CryptoKey, kid: string): Promise<CryptoKey> {
  return unwrap(wrapped, by, kid, false);
}

export async function rewrapRsaKey(wrapped: Sealed, from: CryptoKey, to: CryptoKey, kid: string): Promise<Sealed> {
  return wrap(await unwrap(wrapped, from, kid, true), to, kid);
}

/** RFC 7638: members in this order, nothing between them. */
export async function thumbprint({ e, kty, n }: RsaPublicKey): Promise<string> {
  return base64url(
    new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(JSON.stringify({ e, kty, n })))),
  );
}

/** A JSON Web Token. Without a `kid`: for whoever knows one key of the issuer only. */
export async function signJwt(claims: object, key: CryptoKey, kid?: string): Promise<string> {
  const part = (value: object): string => base64url(encoder.encode(JSON.stringify(value)));
  const text = `${part({ alg: 'RS256', typ: 'JWT', kid })}.${part(claims)}`;
  const signature = await crypto.subtle.sign(ALGORITHM, key, encoder.encode(text));
  return `${text}.${base64url(new Uint8Array(signature))}`;
}

async function wrap(key: CryptoKey, by: CryptoKey, kid: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const bytes = await crypto.subtle.wrapKey('pkcs8', key, by, gcm(iv, kid));
  return { iv: base64url(iv), bytes: base64url(new Uint8Array(bytes)) };
}

function unwrap({ iv, bytes }: Sealed, by: CryptoKey, kid: string, isExtractable: boolean): Promise<CryptoKey> {
  const [ivBytes, wrapped] = [fromBase64url(iv), fromBase64url(bytes)];
  if (ivBytes === undefined || wrapped === undefined) throw new Error('a wrapped key is not base64url');
  return crypto.subtle.unwrapKey('pkcs8', wrapped, by, gcm(ivBytes, kid), ALGORITHM, isExtractable, ['sign']);
}

function gcm(iv: Uint8Array<ArrayBuffer>, kid: string) {
  return { name: 'AES-GCM', iv, additionalData: encoder.encode(kid) };
}
