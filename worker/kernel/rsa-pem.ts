const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
/** Version 0 and the algorithm rsaEncryption without parameters: how PKCS #8 (RFC 5208) introduces a key of PKCS #1. */
const RSA_HEADER = [2, 1, 0, 48, 13, 6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1, 5, 0];
const SEQUENCE = 0x30;
const OCTET_STRING = 0x04;

/** A private RSA key for signing with RS256, from PEM: PKCS #8, or PKCS #1 as GitHub hands it out. Undefined: it is neither. */
export async function rsaPrivateKey(pem: string): Promise<CryptoKey | undefined> {
  const match = /-----BEGIN (RSA )?PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END (?:RSA )?PRIVATE KEY-----/.exec(pem);
  if (match === null) return undefined;
  try {
    const bytes = Uint8Array.from(atob((match[2] ?? '').replaceAll(/\s/g, '')), (char) => char.charCodeAt(0));
    const pkcs8 = match[1] === undefined ? bytes : asPkcs8(bytes);
    return await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
  } catch {
    return undefined;
  }
}

/** WebCrypto reads PKCS #8 alone. */
function asPkcs8(pkcs1: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(element(SEQUENCE, [...RSA_HEADER, ...element(OCTET_STRING, [...pkcs1])]));
}

/** One element of DER (X.690): tag, length, content. */
function element(tag: number, content: readonly number[]): number[] {
  const { length } = content;
  if (length < 0x80) return [tag, length, ...content];
  if (length < 0x100) return [tag, 0x81, length, ...content];
  return [tag, 0x82, length >> 8, length & 0xff, ...content];
}
