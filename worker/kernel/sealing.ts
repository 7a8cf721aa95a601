import { base64url, fromBase64url } from './crypto.ts';

/** AES-256-GCM (NIST SP 800-38D). What is sealed can be opened with the same key and under the same words, and not otherwise. */
export interface Sealed {
  readonly iv: string;
  readonly bytes: string;
}

const IV_BYTES = 12;
const encoder = new TextEncoder();

export async function seal(key: CryptoKey, bytes: Uint8Array, about: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(gcm(iv, about), key, new Uint8Array(bytes));
  return { iv: base64url(iv), bytes: inPieces(new Uint8Array(sealed)) };
}

/** Throws when the key is another, or when the words are. */
export async function open(key: CryptoKey, { iv, bytes }: Sealed, about: string): Promise<Uint8Array<ArrayBuffer>> {
  const opened = await crypto.subtle.decrypt(gcm(bytesOf(iv), about), key, bytesOf(bytes));
  return new Uint8Array(opened);
}

/** A new key for sealing, wrapped; it never leaves this function in any other form. */
export async function newWrappedKey(by: CryptoKey, about: string): Promise<Sealed> {
  return wrap(
    by,
    await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']),
    about,
  );
}

export async function unwrap(by: CryptoKey, { iv, bytes }: Sealed, about: string): Promise<CryptoKey> {
  return unwrapped(by, { iv, bytes }, about, false);
}

export async function rewrap(from: CryptoKey, to: CryptoKey, sealed: Sealed, about: string): Promise<Sealed> {
  return wrap(to, await unwrapped(from, sealed, about, true), about);
}

async function wrap(by: CryptoKey, key: CryptoKey | CryptoKeyPair, about: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const wrapped = await crypto.subtle.wrapKey('raw', key as CryptoKey, by, gcm(iv, about));
  return { iv: base64url(iv), bytes: base64url(new Uint8Array(wrapped)) };
}

function unwrapped(by: CryptoKey, { iv, bytes }: Sealed, about: string, isExtractable: boolean): Promise<CryptoKey> {
  const algorithm = { name: 'AES-GCM' };
  const usages: ('encrypt' | 'decrypt')[] = ['encrypt', 'decrypt'];
  return crypto.subtle.unwrapKey(
    'raw',
    bytesOf(bytes),
    by,
    gcm(bytesOf(iv), about),
    algorithm,
    isExtractable,
    usages,
  );
}

function gcm(iv: Uint8Array<ArrayBuffer>, about: string) {
  return { name: 'AES-GCM', iv, additionalData: encoder.encode(about) };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64url(text);
  if (bytes === undefined) throw new Error('sealed bytes are not base64url');
  return bytes;
}

/** A call takes no more arguments than this many bytes make; a multiple of three, so that the pieces fit together. */
const PIECE_BYTES = 24_576;

function inPieces(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) text += base64url(bytes.subarray(at, at + PIECE_BYTES));
  return text;
}
