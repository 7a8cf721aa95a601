import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SchedulePreview, ScheduleView } from '../../../contract/schedules.ts';
import { listSchedules, previewSchedule } from '../../services/pipelines/schedules.ts';
import type { ApiEnv } from '../context.ts';
import { json, listOf, NameParam, problems, security } from './shared.ts';

const tags = ['Schedules'];

export function scheduleRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}/schedules',
      tags,
      security,
      summary: 'What starts the pipeline by the clock: what each schedule did last, and when it fires next',
      request: { params: NameParam },
      responses: {
        200: json(listOf(ScheduleView), 'All schedules of the pipeline'),
        ...problems('pipeline_not_found'),
      },
    }),
    async (c) => {
      const items = await listSchedules(c.get('service'), c.req.valid('param').name);
      return c.json({ items, nextCursor: null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/schedules/preview',
      tags,
      security,
      summary: 'When a schedule would fire; nothing is saved',
      request: {
        query: z.object({
          cron: z.string().min(1).max(255).openapi({ example: '0 2 * * MON-FRI' }),
          timezone: z.string().min(1).max(64).default('UTC').openapi({ example: 'Europe/Berlin' }),
        }),
      },
      responses: { 200: json(SchedulePreview, 'Its next ten firings'), ...problems('validation_failed') },
    }),
    (c) => {
      const { cron, timezone } = c.req.valid('query');
      return c.json(previewSchedule(c.get('service'), cron, timezone), 200);
    },
  );
}
