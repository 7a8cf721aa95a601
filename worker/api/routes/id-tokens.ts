import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { IdToken, MintIdToken } from '../../../contract/id-tokens.ts';
import { mintIdToken } from '../../services/id-tokens/mint.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, problems, security } from './shared.ts';

export function idTokenRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/job/id-token',
      tags: ['Runners'],
      security,
      summary: 'Get an OpenID Connect token that says which attempt of which action is asking',
      description:
        'For the commands of an action with `identity: true`, with what they are given for it, while a runner holds the job. ' +
        'The token lives ten minutes. What issues it is described at ' +
        '`/.well-known/openid-configuration`.',
      request: { body: jsonBody(MintIdToken) },
      responses: {
        201: json(IdToken, 'The token'),
        ...problems('validation_failed', 'job_fenced', 'id_token_refused'),
      },
    }),
    async (c) => {
      const { audience } = c.req.valid('json');
      return c.json(await mintIdToken(c.get('service'), audience, new URL(c.req.url).origin), 201);
    },
  );
}
