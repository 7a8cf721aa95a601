import type { OpenAPIHono } from '@hono/zod-openapi';
import { badge } from '../services/badges/badge.ts';
import type { ApiEnv, ApiParts } from './context.ts';

/** Pages show a badge as often as they are read; an old one is soon put right. */
const CACHE_S = 30;
const BRANCH_MAX = 255;

/** The picture of how a pipeline is doing, for pages elsewhere. Not part of the API: whoever has the address may look. */
export function badgeRoute(app: OpenAPIHono<ApiEnv>, { ports }: ApiParts): void {
  app.get('/badge/:file{[^/]+\\.svg}', async (c) => {
    const address = c.req.param('file').slice(0, -'.svg'.length);
    const branch = c.req.query('branch')?.slice(0, BRANCH_MAX);
    const { svg, isKnown } = await badge(ports, address, { branch });
    const headers = {
      'content-type': 'image/svg+xml; charset=utf-8',
      'cache-control': `public, max-age=${CACHE_S}`,
      'access-control-allow-origin': '*',
    };
    return c.body(svg, isKnown ? 200 : 404, headers);
  });
}
