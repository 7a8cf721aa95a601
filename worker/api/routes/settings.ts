import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { ChangeSettings, Settings } from '../../../contract/settings.ts';
import { changeSettings, getSettings } from '../../services/settings/settings.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, problems, security } from './shared.ts';

const tags = ['Tenant'];

export function settingRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/settings',
      tags,
      security,
      summary: 'What the tenant has set for itself, or the defaults',
      responses: { 200: json(Settings, 'The settings'), ...problems() },
    }),
    async (c) => c.json(await getSettings(c.get('service')), 200),
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/settings',
      tags,
      security,
      summary: 'Change settings; what is left out stays as it is',
      request: { body: jsonBody(ChangeSettings) },
      responses: { 200: json(Settings, 'All settings, as they are now'), ...problems('validation_failed') },
    }),
    async (c) => c.json(await changeSettings(c.get('service'), c.req.valid('json')), 200),
  );
}
