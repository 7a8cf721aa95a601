import { apiPath, type ApiClient, withQuery } from '#lib/api/client.ts';
import type { AuditEntry, Page } from '#lib/api/contract.ts';
import { type AuditFilter, withAuditFilter } from './filter.ts';

export function listAudit(api: ApiClient, filter: AuditFilter, cursor: string | null): Promise<Page<AuditEntry>> {
  return api.get(withQuery(withAuditFilter(apiPath('audit'), filter), { cursor, limit: 50 }));
}

/** The browser saves it by itself; `millrace audit verify --file` checks it. */
export const exportPath = apiPath('audit', 'export');
