import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { EntityName } from '../../../contract/names.ts';
import {
  JobSecrets,
  PutSecret,
  RotateSecrets,
  Secret,
  SecretRotation,
  SecretScopeQuery,
} from '../../../contract/secrets.ts';
import { jobSecrets } from '../../services/secrets/deliver.ts';
import { listSecrets, putSecret, removeSecret, rotateSecrets } from '../../services/secrets/secrets.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, listOf, problems, security } from './shared.ts';

const tags = ['Secrets'];
const SecretParam = z.object({
  name: EntityName.openapi({ param: { name: 'name', in: 'path' }, example: 'npm-token' }),
});

export function secretRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/secrets',
      tags,
      security,
      summary: 'List secrets: names and scopes, never values',
      request: { query: SecretScopeQuery },
      responses: { 200: json(listOf(Secret), 'All, or those of the scope'), ...problems('pipeline_not_found') },
    }),
    async (c) => c.json({ items: await listSecrets(c.get('service'), c.req.valid('query')), nextCursor: null }, 200),
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/secrets/{name}',
      tags,
      security,
      summary: 'Set a secret, or replace its value',
      description: 'Actions that start from now on get the new value. It can be used, and never be read again.',
      request: { params: SecretParam, query: SecretScopeQuery, body: jsonBody(PutSecret) },
      responses: { 200: json(Secret, 'The secret'), ...problems('validation_failed', 'pipeline_not_found') },
    }),
    async (c) => {
      const { name } = c.req.valid('param');
      return c.json(await putSecret(c.get('service'), name, c.req.valid('query'), c.req.valid('json')), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/secrets/{name}',
      tags,
      security,
      summary: 'Delete a secret',
      description: 'Actions that ask for it fail from now on. Those that have it keep it.',
      request: { params: SecretParam, query: SecretScopeQuery },
      responses: { 204: { description: 'Deleted' }, ...problems('secret_not_found', 'pipeline_not_found') },
    }),
    async (c) => {
      await removeSecret(c.get('service'), c.req.valid('param').name, c.req.valid('query'));
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/secrets/rotate',
      tags,
      security,
      summary: 'Bring keys and sealed values up to date, so many at a time',
      request: { body: jsonBody(RotateSecrets) },
      responses: { 200: json(SecretRotation, 'What was done, and what is left'), ...problems('validation_failed') },
    }),
    async (c) => c.json(await rotateSecrets(c.get('service'), c.req.valid('json')), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/job/secrets',
      tags: ['Runners'],
      security,
      summary: "A job's secrets, right before it begins",
      responses: { 200: json(JobSecrets, 'Environment variables'), ...problems('job_fenced', 'secret_unavailable') },
    }),
    async (c) => c.json(await jobSecrets(c.get('service')), 200),
  );
}
