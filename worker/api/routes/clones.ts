import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { JobClone } from '../../../contract/connections.ts';
import { jobClone } from '../../services/connections/clone.ts';
import type { ApiEnv } from '../context.ts';
import { json, problems, security } from './shared.ts';

export function cloneRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/job/clones/{artifact}',
      tags: ['Runners'],
      security,
      summary: 'What a runner clones an input of its job from, and with',
      request: { params: z.object({ artifact: z.string() }) },
      responses: {
        200: json(JobClone, 'For `git`, and not for the job'),
        ...problems('job_fenced', 'forbidden', 'artifact_not_found', 'connection_not_found', 'host_unavailable'),
      },
    }),
    async (c) => c.json(await jobClone(c.get('service'), c.req.valid('param').artifact), 200),
  );
}
