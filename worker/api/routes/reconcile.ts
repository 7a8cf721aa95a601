import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { Reconciliation } from '../../../contract/reconcile.ts';
import { reconcile } from '../../services/history/reconcile.ts';
import type { ApiEnv } from '../context.ts';
import { json, PageQuery, problems, security } from './shared.ts';

const tags = ['Tenant'];

export function reconcileRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/reconcile',
      tags,
      security,
      summary: 'Hold the index of history against the executions themselves',
      description:
        'One page; go on with `nextCursor` until it is null. The sums of all pages prove that both say the same, or tell ' +
        'where not. `fix=true` writes what the execution says over its row.',
      request: {
        query: PageQuery.extend({
          limit: z.coerce.number().int().min(1).max(100).default(50),
          fix: z.enum(['true', 'false']).default('false'),
        }),
      },
      responses: { 200: json(Reconciliation, 'A page of the comparison'), ...problems('bad_request') },
    }),
    async (c) => {
      const { cursor, limit, fix } = c.req.valid('query');
      return c.json(await reconcile(c.get('service'), { cursor, limit, fix: fix === 'true' }), 200);
    },
  );
}
