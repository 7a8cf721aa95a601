import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { CreatedToken, CreateToken, Me, Token } from '../../../contract/tokens.ts';
import { actorName } from '../../services/context.ts';
import { createToken, listTokens, revokeToken } from '../../services/tokens/tokens.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, listOf, problems, security } from './shared.ts';

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
      const { tenant, ports } = c.get('service');
      return ports.live.tenant(tenant.id);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/tokens',
      tags,
      security,
      summary: 'List tokens',
      responses: { 200: json(listOf(Token), 'All tokens of the tenant'), ...problems() },
    }),
    async (c) => c.json({ items: await listTokens(c.get('service')), nextCursor: null }, 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/tokens',
      tags,
      security,
      summary: 'Make a token for a program or a runner',
      request: { body: jsonBody(CreateToken) },
      responses: { 201: json(CreatedToken, 'The token, shown this once'), ...problems() },
    }),
    async (c) => c.json(await createToken(c.get('service'), c.req.valid('json')), 201),
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/tokens/{id}',
      tags,
      security,
      summary: 'Revoke a token, at once',
      request: { params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }) },
      responses: { 204: { description: 'Revoked' }, ...problems('token_not_found') },
    }),
    async (c) => {
      await revokeToken(c.get('service'), c.req.valid('param').id);
      return c.body(null, 204);
    },
  );
}
