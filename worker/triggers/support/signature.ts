import { isSame } from '../../kernel/timing-safe.ts';

/** Nobody changes more secrets than this at once. */
const SIGNATURES_MAX = 10;
const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' };

/** Whether one of the secrets has signed these bytes with HMAC-SHA-256. All are tried, so that time does not tell which of them did. */
export async function isSignedWith(
  secrets: readonly string[],
  bytes: Uint8Array<ArrayBuffer>,
  signature: Uint8Array,
): Promise<boolean> {
  const matches = await Promise.all(
    // An empty secret would be everybody's.
    secrets.filter((secret) => secret !== '').map(async (secret) => isSame(await hmac(secret, bytes), signature)),
  );
  return matches.includes(true);
}

/** The same for senders whose secrets are bytes, and who may send several signatures while a secret is being changed. */
export async function isSignedWithKeys(
  keys: readonly Uint8Array<ArrayBuffer>[],
  bytes: Uint8Array<ArrayBuffer>,
  signatures: readonly Uint8Array[],
): Promise<boolean> {
  const right = await Promise.all(keys.filter(({ byteLength }) => byteLength > 0).map((key) => hmac(key, bytes)));
  const pairs = right.flatMap((one) => signatures.slice(0, SIGNATURES_MAX).map((other) => isSame(one, other)));
  return (await Promise.all(pairs)).includes(true);
}

/** For senders that show the secret itself. */
export async function isOneOf(secrets: readonly string[], shown: string): Promise<boolean> {
  const matches = await Promise.all(secrets.filter((secret) => secret !== '').map((secret) => isSame(secret, shown)));
  return matches.includes(true);
}

/** Undefined: not 32 bytes in hex. */
export function fromHex(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{64}$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

async function hmac(secret: string | Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const raw = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  const key = await crypto.subtle.importKey('raw', raw, ALGORITHM, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes));
}
