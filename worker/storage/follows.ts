import { and, eq, sql } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { follow } from './schema/index.ts';

export type FollowRow = typeof follow.$inferSelect;
/** What was looked at, and what came of it. */
export type Followed = Pick<FollowRow, 'commit' | 'checkedAt' | 'version' | 'problem'>;

export function followQueries(db: Database) {
  const ofPipeline = (tenant: TenantId, pipelineId: string) =>
    and(eq(follow.tenantId, tenant), eq(follow.pipelineId, pipelineId));

  return {
    byPipeline(tenant: TenantId, pipelineId: string): Promise<FollowRow | undefined> {
      return db.select().from(follow).where(ofPipeline(tenant, pipelineId)).get();
    },

    /** Those that follow a file on this branch. */
    ofBranch(
      tenant: TenantId,
      connectionId: string,
      { repository, branch }: { readonly repository: string; readonly branch: string },
    ): Promise<FollowRow[]> {
      return db
        .select()
        .from(follow)
        .where(
          and(
            eq(follow.tenantId, tenant),
            eq(follow.connectionId, connectionId),
            sql`lower(${follow.repository}) = ${repository.toLowerCase()}`,
            eq(follow.branch, branch),
          ),
        )
        .all();
    },

    ofConnection(tenant: TenantId, connectionId: string): Promise<FollowRow[]> {
      return db
        .select()
        .from(follow)
        .where(and(eq(follow.tenantId, tenant), eq(follow.connectionId, connectionId)))
        .all();
    },

    /** In place of what it followed before. */
    async put(row: FollowRow): Promise<void> {
      await db
        .insert(follow)
        .values(row)
        .onConflictDoUpdate({ target: [follow.tenantId, follow.pipelineId], set: row });
    },

    async record(tenant: TenantId, pipelineId: string, followed: Followed): Promise<void> {
      await db.update(follow).set(followed).where(ofPipeline(tenant, pipelineId));
    },

    /** False: it followed nothing. */
    async remove(tenant: TenantId, pipelineId: string): Promise<boolean> {
      const removed = await db
        .delete(follow)
        .where(ofPipeline(tenant, pipelineId))
        .returning({ pipelineId: follow.pipelineId });
      return removed.length > 0;
    },
  };
}
