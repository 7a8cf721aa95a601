import { and, asc, eq, lt, sql } from 'drizzle-orm';
import type { SettingName } from '../../contract/settings.ts';
import type { TenantId } from '../engine/ids.ts';
import type { ExecutionSummary } from '../engine/summary.ts';
import type { Database } from './database.ts';
import { summaryOf } from './executions.ts';
import { execution } from './schema/index.ts';

const SETTING: SettingName = 'keepHistoryDays';
const DAY_MS = 24 * 60 * 60_000;

/** What is older than its tenant keeps it; for the sweeper, so across tenants. */
export function expiryQueries(db: Database) {
  return {
    /** Reads one row of the index for each tenant, unless there is something to be done. */
    tenants(now: number, defaultDays: number, limit: number) {
      return db.all<{ readonly tenant: TenantId; readonly days: number }>(
        sql`WITH kept AS (
            SELECT organization.id AS tenant, COALESCE(CAST(value AS INTEGER), ${defaultDays}) AS days
            FROM organization LEFT JOIN tenant_setting ON tenant_id = organization.id AND tenant_setting.name = ${SETTING}
          )
          SELECT tenant, days FROM kept WHERE EXISTS (
            SELECT 1 FROM execution WHERE tenant_id = tenant AND ended_at < ${now} - days * ${DAY_MS}
              AND started_at < ${now} - days * ${DAY_MS}
          ) LIMIT ${limit}`,
      );
    },

    /** Oldest first. Started before it ended, so the index by start finds them. */
    async executions(tenant: TenantId, endedBefore: number, limit: number): Promise<ExecutionSummary[]> {
      const { tenantId, startedAt, endedAt } = execution;
      const rows = await db
        .select()
        .from(execution)
        .where(and(eq(tenantId, tenant), lt(startedAt, endedBefore), lt(endedAt, endedBefore)))
        .orderBy(asc(startedAt))
        .limit(limit)
        .all();
      return rows.map(summaryOf);
    },
  };
}
