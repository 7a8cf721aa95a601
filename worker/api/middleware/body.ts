import { readText } from '../../kernel/read-text.ts';
import { DomainError } from '../../services/domain-error.ts';
import type { ApiContext } from '../context.ts';

/** Definitions and orders are small; bytes of artifacts never come this way. */
export const BODY_MAX_BYTES = 1024 * 1024;

/** The body as text, refused as soon as it is seen to be too large, whatever its headers say. */
export async function textBody(c: ApiContext): Promise<string> {
  if (Number(c.req.header('content-length') ?? 0) > BODY_MAX_BYTES) throw tooLarge();
  const text = await readText(c.req.raw.body as ReadableStream<Uint8Array> | null, BODY_MAX_BYTES);
  if (text === undefined) throw tooLarge();
  return text;
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DomainError('bad_request', `The body is not JSON: ${String(error)}.`);
  }
}

export function tooLarge(): DomainError {
  return new DomainError('payload_too_large', 'The body may hold 1 MiB at most.');
}

/** A body that is streamed on needs to be announced: R2 wants to know how long it is. */
export function streamBody(c: ApiContext): { body: ReadableStream<Uint8Array>; sizeBytes: number } {
  const length = c.req.header('content-length');
  if (length === undefined || !/^\d+$/.test(length)) {
    throw new DomainError('length_required', 'Send a Content-Length; chunked uploads are not taken.');
  }
  const body = c.req.raw.body as ReadableStream<Uint8Array> | null;
  const nothing = new Blob([]).stream() as ReadableStream<Uint8Array>;
  return { body: body ?? nothing, sizeBytes: Number(length) };
}
