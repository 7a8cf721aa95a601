import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { Badge } from '../../../contract/badges.ts';
import { badgeAddress } from '../../services/badges/badge.ts';
import type { ApiEnv } from '../context.ts';
import { json, NameParam, problems, security } from './shared.ts';

export function badgeRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}/badge',
      tags: ['Pipelines'],
      security,
      summary: 'Where the badge of a pipeline is',
      description: 'An SVG with the status of the newest execution; `?branch=` takes only those of one branch.',
      request: { params: NameParam },
      responses: { 200: json(Badge, 'Its address, and what goes into a README'), ...problems('pipeline_not_found') },
    }),
    async (c) => {
      const { name } = c.req.valid('param');
      const { origin } = new URL(c.req.url);
      const url = `${origin}/badge/${await badgeAddress(c.get('service'), name)}.svg`;
      const link = `${origin}/pipelines/${encodeURIComponent(name)}`;
      return c.json({ url, link, markdown: `[![${name}](${url})](${link})` }, 200);
    },
  );
}
