import { createMiddleware } from 'hono/factory';
import { readBytes } from '../../kernel/read-text.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import { BODY_MAX_BYTES, tooLarge } from './body.ts';

/** Their bytes are streamed on, and what they may hold is theirs to say. */
const STREAMED = /^\/api\/v1\/(artifacts|sources)\//;
/** They may be larger than anything else, and are read by whoever has looked whether there is such a hook. */
const DELIVERIES = /^\/api\/v1\/hooks\/[^/]+$/;

/**
 * No body but an artifact's is read that may be too large: one that is announced is refused unread, one that is not is read as far
 * as it may go. What reads it afterwards, validators and the auth library alike, can do so without a thought.
 */
export const bodyLimit = createMiddleware<ApiEnv>(async (c, next) => {
  const { body } = c.req.raw;
  if (body !== null && !isStreamed(c)) {
    const length = c.req.header('content-length');
    if (Number(length ?? 0) > BODY_MAX_BYTES) throw tooLarge();
    if (length === undefined) {
      const bytes = await readBytes(body as ReadableStream<Uint8Array>, BODY_MAX_BYTES);
      if (bytes === undefined) throw tooLarge();
      c.req.raw = new Request(c.req.raw, { body: bytes });
    }
  }
  await next();
});

function isStreamed(c: ApiContext): boolean {
  const { method, path } = c.req;
  return (method === 'PUT' && STREAMED.test(path)) || (method === 'POST' && DELIVERIES.test(path));
}
