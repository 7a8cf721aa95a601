const encoder = new TextEncoder();

/** Keys for separate purposes from the one secret that the operator sets, by HKDF-SHA-256 (RFC 5869). */
export class KeyRing {
  readonly #secret: Promise<CryptoKey>;
  readonly #keys = new Map<string, Promise<CryptoKey>>();

  constructor(secret: string) {
    this.#secret = crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, ['deriveKey', 'deriveBits']);
  }

  /** HMAC-SHA-256 under the key for `purpose`. */
  async sign(purpose: string, text: string): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.sign('HMAC', await this.#hmacKey(purpose), encoder.encode(text)));
  }

  async verify(purpose: string, text: string, signature: Uint8Array<ArrayBuffer>): Promise<boolean> {
    return crypto.subtle.verify('HMAC', await this.#hmacKey(purpose), signature, encoder.encode(text));
  }

  /** AES-256 for wrapping other keys. */
  async wrappingKey(purpose: string): Promise<CryptoKey> {
    const usages: ('wrapKey' | 'unwrapKey')[] = ['wrapKey', 'unwrapKey'];
    return crypto.subtle.deriveKey(
      hkdf(purpose),
      await this.#secret,
      { name: 'AES-GCM', length: 256 },
      false,
      usages,
    );
  }

  /** Tells the keys for one purpose of several rings apart, and nothing else about them. */
  async fingerprint(purpose: string): Promise<string> {
    return base64url(await this.sign(`${purpose}-fingerprint`, 'fingerprint')).slice(0, 16);
  }

  /** 256 bits for a library that keeps its own secret, as text. */
  async secretFor(purpose: string): Promise<string> {
    const bits = await crypto.subtle.deriveBits(hkdf(purpose), await this.#secret, 256);
    return base64url(new Uint8Array(bits));
  }

  #hmacKey(purpose: string): Promise<CryptoKey> {
    const known = this.#keys.get(purpose);
    if (known !== undefined) return known;
    const made = this.#secret.then((secret) =>
      crypto.subtle.deriveKey(hkdf(purpose), secret, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, [
        'sign',
        'verify',
      ]),
    );
    this.#keys.set(purpose, made);
    return made;
  }
}

function hkdf(purpose: string) {
  return { name: 'HKDF', hash: 'SHA-256', salt: encoder.encode('millrace'), info: encoder.encode(purpose) };
}

/** In hex. */
export async function sha256(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === 'string' ? encoder.encode(data) : data;
  return hexOf(await crypto.subtle.digest('SHA-256', bytes));
}

export function hexOf(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Undefined when the text is not base64url. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
