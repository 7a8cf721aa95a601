import { z } from 'zod';
import type { VerifiedDelivery } from '../trigger-source.ts';

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

const ID_MAX_LENGTH = 200;
const TEXT_MAX_LENGTH = 1_000;
const URL_MAX_LENGTH = 2_000;
const NAME_MAX_LENGTH = 500;

/** The body, if it is JSON in UTF-8 and has the shape that is asked for. What is not in the shape does not come through. */
export function readPayload<T>({ body }: Pick<VerifiedDelivery, 'body'>, schema: z.ZodType<T>): Read<T> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    return { ok: false, message: 'The body is not JSON.' };
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') ?? '';
  const what = issue?.message ?? 'it has another shape';
  return { ok: false, message: `The body is not what it should be${place === '' ? '' : ` at ${place}`}: ${what}.` };
}

/** What a sender calls its delivery, or the hash of the body. */
export function deliveryId(delivery: VerifiedDelivery, ...headers: readonly string[]): string {
  const id = headers.map((name) => delivery.headers[name]).find((value) => value !== undefined && value !== '');
  return id === undefined || id.length > ID_MAX_LENGTH ? delivery.bodyHash : id;
}

/** Signed forms would verify as well, and then be no JSON. */
export function isForm({ headers }: Pick<VerifiedDelivery, 'headers'>): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/** A full name, like `example-org/shop`. */
export const NAME = z.string().min(1).max(NAME_MAX_LENGTH);

/** Hosts number what they know, or give it a name. */
export const ID = z.union([z.number().int(), z.string().min(1).max(NAME_MAX_LENGTH)]).transform(String);

/** The id of a commit, in SHA-1 or SHA-256; all zeros where there is none. */
export const SHA = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'it must be the id of a commit');

/** For people to read: as much as anybody would. */
export const TEXT = z.string().transform((text) => shortened(text, TEXT_MAX_LENGTH));

export function shortened(text: string, lengthMax: number): string {
  // Half a character would not be one.
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A link that a page may show; nothing else than http and https leads anywhere good. */
export function linkOf(url: string | null | undefined): { readonly url?: string } {
  return typeof url === 'string' && url.length <= URL_MAX_LENGTH && /^https?:\/\//.test(url) ? { url } : {};
}

export function instantOf(text: string | null | undefined): { readonly authoredAt?: number } {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? {} : { authoredAt: at };
}

export function isNothing(sha: string): boolean {
  return /^0+$/.test(sha);
}
