import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { Usage } from '../../../contract/usage.ts';
import { getUsage } from '../../services/quotas.ts';
import type { ApiEnv } from '../context.ts';
import { json, problems, security } from './shared.ts';

export function usageRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/usage',
      tags: ['Tenant'],
      security,
      summary: 'How much the tenant has of what it may have only so much of',
      responses: { 200: json(Usage, 'What is used, and the limits'), ...problems() },
    }),
    async (c) => c.json(await getUsage(c.get('service')), 200),
  );
}
