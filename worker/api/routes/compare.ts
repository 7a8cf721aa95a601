import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { Comparison } from '../../../contract/compare.ts';
import { compare } from '../../services/executions/compare.ts';
import type { ApiEnv } from '../context.ts';
import { json, problems, security } from './shared.ts';

const Both = z.object({
  a: z.string().openapi({ param: { name: 'a', in: 'path' }, description: 'The execution to compare with.' }),
  b: z.string().openapi({ param: { name: 'b', in: 'path' }, description: 'The execution to look at.' }),
});

export function compareRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/executions/{a}/compare/{b}',
      tags: ['Executions'],
      security,
      summary: 'Compare two executions: what went in, how it went, and what came out',
      request: { params: Both },
      responses: { 200: json(Comparison, 'Both, side by side'), ...problems('execution_not_found') },
    }),
    async (c) => {
      const { a, b } = c.req.valid('param');
      return c.json(await compare(c.get('service'), a, b), 200);
    },
  );
}
