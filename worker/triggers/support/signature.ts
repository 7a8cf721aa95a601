import { isSame } from '../../kernel/timing-safe.ts';

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

async function hmac(secret: string, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), ALGORITHM, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes));
}
