import { and, asc, eq } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { memberGrant, pipeline } from './schema/index.ts';

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

    /** With the names of the pipelines; those that are gone are left out. */
    of(tenant: TenantId, user: string) {
      return db
        .select({
          pipeline: pipeline.name,
          role: memberGrant.role,
          createdAt: memberGrant.createdAt,
          createdBy: memberGrant.createdBy,
        })
        .from(memberGrant)
        .innerJoin(pipeline, and(eq(pipeline.tenantId, tenant), eq(pipeline.id, memberGrant.pipelineId)))
        .where(and(eq(memberGrant.tenantId, tenant), eq(memberGrant.userId, user)))
        .orderBy(asc(pipeline.name))
        .all();
    },

    async set(tenant: TenantId, row: Omit<GrantRow, 'tenantId'>): Promise<void> {
      const { role, createdAt, createdBy } = row;
      await db
        .insert(memberGrant)
        .values({ tenantId: tenant, ...row })
        .onConflictDoUpdate({
          target: [memberGrant.tenantId, memberGrant.userId, memberGrant.pipelineId],
          set: { role, createdAt, createdBy },
        });
    },

    /** False: there was none. */
    async remove(tenant: TenantId, user: string, pipelineId: string): Promise<boolean> {
      const removed = await db
        .delete(memberGrant)
        .where(
          and(eq(memberGrant.tenantId, tenant), eq(memberGrant.userId, user), eq(memberGrant.pipelineId, pipelineId)),
        )
        .returning({ role: memberGrant.role });
      return removed.length > 0;
    },
  };
}
