import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { CreatedToken, CreateToken, RotateToken, Token } from '../../../contract/tokens.ts';
import { createToken } from '../../services/tokens/mint.ts';
import { rotateToken } from '../../services/tokens/rotate.ts';
import { listTokens, revokeToken } from '../../services/tokens/tokens.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, listOf, problems, security } from './shared.ts';

const tags = ['Tenant'];
const TokenParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });

export function tokenRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/tokens',
      tags,
      security,
      summary: 'List tokens',
      description: 'All of the tenant, if you may see them, else your own.',
      responses: { 200: json(listOf(Token), 'The tokens, the newest first'), ...problems() },
    }),
    async (c) => c.json({ items: await listTokens(c.get('service')), nextCursor: null }, 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/tokens',
      tags,
      security,
      summary: 'Make a token for a program, for yourself or for runners',
      description: 'Never one that may do more than you.',
      request: { body: jsonBody(CreateToken) },
      responses: {
        201: json(CreatedToken, 'The token, shown this once'),
        ...problems('validation_failed', 'quota_exceeded'),
      },
    }),
    async (c) => c.json(await createToken(c.get('service'), c.req.valid('json')), 201),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/tokens/{id}/rotate',
      tags,
      security,
      summary: 'Make a new token with the same rights; the old one ends after the overlap',
      request: { params: TokenParam, body: jsonBody(RotateToken) },
      responses: {
        201: json(CreatedToken, 'The new token, shown this once'),
        ...problems('token_not_found', 'token_not_rotatable'),
      },
    }),
    async (c) => {
      const { overlapHours } = c.req.valid('json');
      return c.json(await rotateToken(c.get('service'), c.req.valid('param').id, overlapHours), 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/tokens/{id}',
      tags,
      security,
      summary: 'Revoke a token, at once',
      request: { params: TokenParam },
      responses: { 204: { description: 'Revoked' }, ...problems('token_not_found') },
    }),
    async (c) => {
      await revokeToken(c.get('service'), c.req.valid('param').id);
      return c.body(null, 204);
    },
  );
}
