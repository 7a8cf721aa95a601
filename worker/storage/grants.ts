import { and, eq } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { memberGrant } from './schema/index.ts';

export type GrantRow = typeof memberGrant.$inferSelect;

export function grantQueries(db: Database) {
  return {
    /** The person's further role for this pipeline. */
    async roleFor(tenant: TenantId, user: string, pipeline: string): Promise<string | undefined> {
      const row = await db
        .select({ role: memberGrant.role })
        .from(memberGrant)
        .where(
          and(eq(memberGrant.tenantId, tenant), eq(memberGrant.userId, user), eq(memberGrant.pipelineId, pipeline)),
        )
        .get();
      return row?.role;
    },
  };
}
