import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  ApproveDelivery,
  CreatedHook,
  CreateHook,
  Delivery,
  DeliveryDetails,
  DeliveryQuery,
  Hook,
  ReplayedDelivery,
  WhyNot,
  WhyNotQuery,
} from '../../../contract/deliveries.ts';
import { createHook, deleteHook, listAllHooks } from '../../services/deliveries/hooks.ts';
import { listDeliveries } from '../../services/deliveries/list.ts';
import { approveDelivery, getDelivery, replayDelivery } from '../../services/deliveries/one.ts';
import { whyNot } from '../../services/deliveries/why-not.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, listOf, NameParam, PageQuery, problems, security } from './shared.ts';

const tags = ['Hooks'];
const HookParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const DeliveryParams = HookParam.extend({
  delivery: z.string().openapi({ param: { name: 'delivery', in: 'path' } }),
});

/** What came in through hooks, and what became of it. */
export function deliveryRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/hooks',
      tags,
      security,
      summary: 'List hooks, and what was not signed right',
      responses: { 200: json(listOf(Hook), 'All hooks'), ...problems() },
    }),
    async (c) => {
      const items = await listAllHooks(c.get('service'), new URL(c.req.url).origin);
      return c.json({ items, nextCursor: null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/hooks',
      tags,
      security,
      summary: 'Make a hook for something that is no Git host',
      description: 'Those of Git hosts are made at their connection. The secret is in this answer and nowhere else.',
      request: { body: jsonBody(CreateHook) },
      responses: {
        201: json(CreatedHook, 'The hook'),
        ...problems('validation_failed', 'connection_not_found', 'hook_exists'),
      },
    }),
    async (c) => {
      const hook = await createHook(c.get('service'), c.req.valid('json'), new URL(c.req.url).origin);
      return c.json(hook, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/hooks/{id}',
      tags,
      security,
      summary: 'Delete a hook that is no repository’s, and all that came to it',
      request: { params: HookParam },
      responses: { 204: { description: 'Deleted' }, ...problems('bad_request', 'hook_not_found') },
    }),
    async (c) => {
      await deleteHook(c.get('service'), c.req.valid('param').id);
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/deliveries',
      tags,
      security,
      summary: 'List deliveries and their verdicts, newest first',
      request: { query: PageQuery.extend(DeliveryQuery.shape) },
      responses: {
        200: json(listOf(Delivery), 'A page of deliveries'),
        ...problems('bad_request', 'validation_failed', 'pipeline_not_found'),
      },
    }),
    async (c) => {
      const { cursor, limit, ...query } = c.req.valid('query');
      return c.json(await listDeliveries(c.get('service'), query, { cursor, limit }), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/hooks/{id}/deliveries/{delivery}',
      tags,
      security,
      summary: 'Get a delivery with its headers and payload',
      description: 'Secrets of the hook and of its connection are masked.',
      request: { params: DeliveryParams },
      responses: { 200: json(DeliveryDetails, 'The delivery'), ...problems('hook_not_found', 'delivery_not_found') },
    }),
    async (c) => {
      const { id, delivery } = c.req.valid('param');
      return c.json(await getDelivery(c.get('service'), id, delivery), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/hooks/{id}/deliveries/{delivery}/replay',
      tags,
      security,
      summary: 'Take a delivery as if it had come again',
      description: 'It is decided by the definitions as they are now, and starts executions again.',
      request: { params: DeliveryParams },
      responses: {
        202: json(ReplayedDelivery, 'The new delivery'),
        ...problems('hook_not_found', 'delivery_not_found', 'tenant_closing'),
      },
    }),
    async (c) => {
      const { id, delivery } = c.req.valid('param');
      return c.json(await replayDelivery(c.get('service'), id, delivery), 202);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/hooks/{id}/deliveries/{delivery}/approve',
      tags,
      security,
      summary: 'Let a pull request from a fork into a pipeline',
      description: 'It runs without secrets and without an identity all the same.',
      request: { params: DeliveryParams, body: jsonBody(ApproveDelivery) },
      responses: {
        204: { description: 'It is offered to the pipeline again' },
        ...problems('hook_not_found', 'pipeline_not_found', 'delivery_not_waiting', 'tenant_closing'),
      },
    }),
    async (c) => {
      const { id, delivery } = c.req.valid('param');
      await approveDelivery(c.get('service'), id, delivery, c.req.valid('json').pipeline);
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}/why-not',
      tags,
      security,
      summary: 'Why did this commit start no execution?',
      request: { params: NameParam, query: WhyNotQuery },
      responses: {
        200: json(WhyNot, 'The one reason, or the execution that it started'),
        ...problems('pipeline_not_found', 'validation_failed'),
      },
    }),
    async (c) => {
      const { name } = c.req.valid('param');
      return c.json(await whyNot(c.get('service'), name, c.req.valid('query').commit), 200);
    },
  );
}
