import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { CloseTenant, RenameTenant, Tenant } from '../../../contract/tenant.ts';
import { exportStream } from '../../services/tenants/export.ts';
import { closeTenant, getTenant, renameTenant, restoreTenant } from '../../services/tenants/life.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, problems, raw, security } from './shared.ts';

const tags = ['Tenant'];
const ExportQuery = z.object({
  after: z
    .string()
    .max(100)
    .default('')
    .openapi({ description: 'What the `more` line at the end of an export says.' }),
});

export function tenantLifeRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/tenant',
      tags,
      security,
      summary: 'Get the tenant',
      responses: { 200: json(Tenant, 'The tenant'), ...problems() },
    }),
    async (c) => c.json(await getTenant(c.get('service')), 200),
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/tenant',
      tags,
      security,
      summary: 'Rename the tenant',
      description: 'Its slug stays, since addresses and programs hold on to it.',
      request: { body: jsonBody(RenameTenant) },
      responses: { 200: json(Tenant, 'The tenant as renamed'), ...problems('validation_failed') },
    }),
    async (c) => c.json(await renameTenant(c.get('service'), c.req.valid('json').name), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/tenant/export',
      tags,
      security,
      summary: 'Export everything that the tenant has',
      description:
        'NDJSON, compressed with gzip: the tenant, members, settings, freezes, names of secrets, all versions of all ' +
        'pipelines, the audit log with what proves it (`millrace audit verify --file` reads it out of here), and all executions ' +
        'with their events. The last line has the type `end`, or `more` and where to go on.',
      request: { query: ExportQuery },
      responses: {
        200: {
          description: 'The export',
          content: { 'application/gzip': { schema: z.string().meta({ format: 'binary' }) } },
        },
        ...problems(),
      },
    }),
    (c) => {
      const ctx = c.get('service');
      const headers = {
        'content-type': 'application/gzip',
        'content-disposition': `attachment; filename="${ctx.tenant.slug}.ndjson.gz"`,
      };
      return raw(new Response(exportStream(ctx, c.req.valid('query').after), { headers }));
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/tenant',
      tags,
      security,
      summary: 'Delete the tenant, after a grace period',
      description:
        'Nothing starts from now on. Until the date that is answered, the tenant can be restored; after it, everything is ' +
        'deleted, the keys of its secrets first.',
      request: { body: jsonBody(CloseTenant) },
      responses: { 202: json(Tenant, 'When it will be deleted'), ...problems('validation_failed') },
    }),
    async (c) => c.json(await closeTenant(c.get('service'), c.req.valid('json').slug), 202),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/tenant/restore',
      tags,
      security,
      summary: 'Do not delete the tenant after all',
      responses: { 200: json(Tenant, 'The tenant'), ...problems('tenant_closing') },
    }),
    async (c) => c.json(await restoreTenant(c.get('service')), 200),
  );
}
