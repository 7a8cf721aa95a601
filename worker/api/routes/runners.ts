import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { EntityName } from '../../../contract/names.ts';
import { Runner } from '../../../contract/runner-protocol.ts';
import { RegisteredRunner, RegisterRunner } from '../../../contract/tokens.ts';
import { writeLog } from '../../services/executions/log.ts';
import { registerRunner } from '../../services/runners/register.ts';
import { connectRunner, listRunners } from '../../services/runners/runners.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, listOf, problems, security, raw } from './shared.ts';

const tags = ['Runners'];

export function runnerRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/runners',
      tags,
      security,
      summary: 'List runners',
      responses: { 200: json(listOf(Runner), 'All runners that have been here lately'), ...problems() },
    }),
    async (c) => c.json({ items: await listRunners(c.get('service')), nextCursor: null }, 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/runners/connect',
      tags,
      security,
      summary: "A runner's WebSocket to its pool; messages as in contract/runner-protocol.ts",
      request: { query: z.object({ pool: EntityName.default('default') }) },
      responses: { 101: { description: 'A WebSocket' }, ...problems() },
    }),
    async (c) => raw(await connectRunner(c.get('service'), c.req.valid('query').pool)),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/runners/register',
      tags,
      security,
      summary: 'Trade a registration token, once, for the token of one runner',
      request: { body: jsonBody(RegisterRunner) },
      responses: { 201: json(RegisteredRunner, "The runner's identity and token, shown this once"), ...problems() },
    }),
    async (c) => c.json(await registerRunner(c.get('service'), c.req.valid('json').name), 201),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/job/log',
      tags,
      security,
      summary: "A job's WebSocket for its log; frames as in contract/log-frames.ts",
      request: { query: z.object({ new: z.enum(['true', 'false']).default('false') }) },
      responses: { 101: { description: 'A WebSocket' }, ...problems() },
    }),
    async (c) => raw(await writeLog(c.get('service'), c.req.valid('query').new === 'true', c.req.raw.headers)),
  );
}
