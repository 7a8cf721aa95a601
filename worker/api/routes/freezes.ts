import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { Freeze, FreezePreview, PreviewFreeze, PreviewQuery, SaveFreeze } from '../../../contract/freezes.ts';
import { addFreeze, changeFreeze, getFreeze, listFreezes, removeFreeze } from '../../services/freezes/freezes.ts';
import { previewCalendar, previewDraft } from '../../services/freezes/preview.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, listOf, problems, security } from './shared.ts';

const tags = ['Freezes'];
const FreezeParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });

export function freezeRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/freezes',
      tags,
      security,
      summary: 'The freeze calendar, the next freeze first',
      responses: { 200: json(listOf(Freeze), 'All entries of the calendar'), ...problems() },
    }),
    async (c) => c.json({ items: await listFreezes(c.get('service')), nextCursor: null }, 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/freezes',
      tags,
      security,
      summary: 'Add an entry to the freeze calendar',
      description: 'Stages whose conditions have a Rule/Freeze are held while it lasts; others are not.',
      request: { body: jsonBody(SaveFreeze) },
      responses: { 201: json(Freeze, 'The entry'), ...problems('validation_failed', 'freezes_limit') },
    }),
    async (c) => c.json(await addFreeze(c.get('service'), c.req.valid('json')), 201),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/freezes/preview',
      tags,
      security,
      summary: 'Which stages the calendar holds, and when',
      request: { query: PreviewQuery },
      responses: { 200: json(FreezePreview, 'What is held'), ...problems('validation_failed') },
    }),
    async (c) => c.json(await previewCalendar(c.get('service'), c.req.valid('query')), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/freezes/preview',
      tags,
      security,
      summary: 'Which stages an entry would hold by itself, and when; nothing is saved',
      request: { body: jsonBody(PreviewFreeze) },
      responses: { 200: json(FreezePreview, 'What would be held'), ...problems('validation_failed') },
    }),
    async (c) => {
      const { freeze, ...bounds } = c.req.valid('json');
      return c.json(await previewDraft(c.get('service'), freeze, bounds), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/freezes/{id}',
      tags,
      security,
      summary: 'Get an entry of the freeze calendar',
      request: { params: FreezeParam },
      responses: { 200: json(Freeze, 'The entry'), ...problems('freeze_not_found') },
    }),
    async (c) => c.json(await getFreeze(c.get('service'), c.req.valid('param').id), 200),
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/freezes/{id}',
      tags,
      security,
      summary: 'Change an entry of the freeze calendar',
      description: 'Executions that wait for its end notice within five minutes.',
      request: { params: FreezeParam, body: jsonBody(SaveFreeze) },
      responses: { 200: json(Freeze, 'The entry as changed'), ...problems('validation_failed', 'freeze_not_found') },
    }),
    async (c) => c.json(await changeFreeze(c.get('service'), c.req.valid('param').id, c.req.valid('json')), 200),
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/freezes/{id}',
      tags,
      security,
      summary: 'Delete an entry of the freeze calendar',
      request: { params: FreezeParam },
      responses: { 204: { description: 'Deleted' }, ...problems('freeze_not_found') },
    }),
    async (c) => {
      await removeFreeze(c.get('service'), c.req.valid('param').id);
      return c.body(null, 204);
    },
  );
}
