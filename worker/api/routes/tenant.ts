import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { Me } from '../../../contract/tokens.ts';
import { actorName, watcherOf } from '../../services/context.ts';
import type { ApiEnv } from '../context.ts';
import { json, problems, security } from './shared.ts';

const tags = ['Tenant'];

export function tenantRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/me',
      tags,
      security,
      summary: 'Who is asking, and for which tenant',
      responses: { 200: json(Me, 'The caller'), ...problems() },
    }),
    (c) => {
      const { actor, tenant } = c.get('service');
      const kind = actor.kind === 'person' ? 'person' : 'token';
      const id = actor.kind === 'job' ? actor.job : actor.id;
      return c.json({ actor: { kind, id, name: actorName(actor) } as const, tenant }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/live',
      tags,
      security,
      summary: 'A WebSocket: one line for each execution that changes',
      responses: { 101: { description: 'A WebSocket' }, ...problems() },
    }),
    async (c) => {
      const { tenant, actor, ports } = c.get('service');
      return ports.live.tenant(tenant.id, watcherOf(actor));
    },
  );
}
