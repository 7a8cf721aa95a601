import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AcceptedDelivery } from '../../../contract/deliveries.ts';
import { receiveDelivery } from '../../services/deliveries/receive.ts';
import type { ApiEnv, ApiParts } from '../context.ts';
import { json, problems, raw } from './shared.ts';

const tags = ['Hooks'];

/** Where deliveries come in: nobody signs in here, for whatever comes is signed. */
export function hookRoutes(app: OpenAPIHono<ApiEnv>, { ports, log }: ApiParts): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/hooks/{id}',
      tags,
      summary: 'Deliver what has happened, signed with the secret of the hook',
      description:
        'The body is whatever the sender of the hook’s kind makes, 25 MiB at most. It is kept before it is answered, and looked at ' +
        'afterwards; the same delivery again changes nothing.',
      request: { params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }) },
      responses: {
        202: json(AcceptedDelivery, 'Kept'),
        ...problems('hook_not_found', 'delivery_unverified', 'payload_too_large', 'inbox_full'),
      },
    }),
    async (c) => {
      const { id, isNew, reply } = await receiveDelivery(ports, log, {
        hook: c.req.valid('param').id,
        headers: c.req.raw.headers,
        body: c.req.raw.body as ReadableStream<Uint8Array> | null,
        sender: c.req.header('cf-connecting-ip') ?? '',
      });
      if (reply !== undefined) {
        return raw(c.body(reply.body, reply.status as never, { 'content-type': 'text/plain; charset=utf-8' }));
      }
      return c.json({ id, isNew }, 202);
    },
  );
}
