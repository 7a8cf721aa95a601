import { and, count, eq } from 'drizzle-orm';
import type { QuotaName } from '../../contract/usage.ts';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { pipeline, tenantSetting, token } from './schema/index.ts';

export function usageQueries(db: Database) {
  const tables = { pipelines: pipeline, tokens: token } as const;
  return {
    async count(tenant: TenantId, name: QuotaName): Promise<number> {
      const table = tables[name];
      const row = await db.select({ used: count() }).from(table).where(eq(table.tenantId, tenant)).get();
      return row?.used ?? 0;
    },

    /** What the operator has set for this tenant: a row of its settings that no route writes. */
    async limit(tenant: TenantId, name: QuotaName): Promise<number | undefined> {
      const { tenantId, name: setting, value } = tenantSetting;
      const row = await db
        .select({ value })
        .from(tenantSetting)
        .where(and(eq(tenantId, tenant), eq(setting, `limit.${name}`)))
        .get();
      return typeof row?.value === 'number' ? row.value : undefined;
    },
  };
}
