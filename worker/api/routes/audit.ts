import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { AuditCheckpoint, AuditEntry, AuditFilter, AuditKey } from '../../../contract/audit.ts';
import { exportAudit } from '../../services/audit/export.ts';
import { listAudit, listCheckpoints } from '../../services/audit/list.ts';
import type { ApiEnv } from '../context.ts';
import { json, listOf, PageQuery, problems, raw, security } from './shared.ts';

const tags = ['Audit'];

export function auditRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/audit',
      tags,
      security,
      summary: 'Who did what, and who tried to, the newest first',
      description:
        'A page may hold fewer than asked for and still have a next one: it looks through so much at a time.',
      request: { query: AuditFilter.extend(PageQuery.shape) },
      responses: { 200: json(listOf(AuditEntry), 'Entries of the audit log'), ...problems('bad_request') },
    }),
    async (c) => {
      const { cursor, limit, ...filter } = c.req.valid('query');
      return c.json(await listAudit(c.get('service'), filter, { cursor, limit }), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/audit/export',
      tags,
      security,
      summary: 'The whole audit log with its checkpoints, one JSON a line; `millrace audit verify` checks it',
      responses: {
        200: { description: 'The log', content: { 'application/x-ndjson': {} } },
        ...problems(),
      },
    }),
    (c) => {
      const headers = {
        'content-type': 'application/x-ndjson',
        'content-disposition': `attachment; filename="audit.ndjson"`,
      };
      return raw(new Response(exportAudit(c.get('service')), { headers }));
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/audit/checkpoints',
      tags,
      security,
      summary: 'The signed checkpoints of the audit log, the newest first',
      request: { query: PageQuery },
      responses: { 200: json(listOf(AuditCheckpoint), 'Checkpoints'), ...problems('bad_request') },
    }),
    async (c) => c.json(await listCheckpoints(c.get('service'), c.req.valid('query')), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/audit/key',
      tags,
      security,
      summary: 'The public key that checkpoints are signed with',
      responses: { 200: json(AuditKey, 'The key'), ...problems() },
    }),
    async (c) => c.json((await c.get('service').ports.audit.signer()).key, 200),
  );
}
