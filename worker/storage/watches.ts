import { and, asc, eq, inArray, isNotNull, ne, or, sql } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { pipeline, watch } from './schema/index.ts';

export type WatchRow = typeof watch.$inferSelect;
/** As a definition has it. */
export type Watched = Pick<WatchRow, 'action' | 'reference' | 'repository'>;

export function watchQueries(db: Database) {
  const ofPipeline = (tenant: TenantId, pipelineId: string) =>
    and(eq(watch.tenantId, tenant), eq(watch.pipelineId, pipelineId));

  return {
    /** Source actions that watch a repository; its id at the host finds those, too, that know it by an older name. */
    watching(tenant: TenantId, connectionId: string, repository: { name: string; id?: string }): Promise<WatchRow[]> {
      const byName = eq(watch.repository, repository.name.toLowerCase());
      return db
        .select()
        .from(watch)
        .where(
          and(
            eq(watch.tenantId, tenant),
            eq(watch.connectionId, connectionId),
            repository.id === undefined ? byName : or(byName, eq(watch.repositoryId, repository.id)),
          ),
        )
        .all();
    },

    /** Which pipelines use which connections, and what they call them. */
    async uses(
      tenant: TenantId,
    ): Promise<readonly { readonly connectionId: string; readonly reference: string; readonly pipeline: string }[]> {
      const rows = await db
        .selectDistinct({ connectionId: watch.connectionId, reference: watch.reference, pipeline: pipeline.name })
        .from(watch)
        .innerJoin(pipeline, and(eq(pipeline.tenantId, watch.tenantId), eq(pipeline.id, watch.pipelineId)))
        .where(and(eq(watch.tenantId, tenant), isNotNull(watch.connectionId)))
        .orderBy(asc(pipeline.name))
        .all();
      return rows.flatMap(({ connectionId, ...use }) => (connectionId === null ? [] : [{ connectionId, ...use }]));
    },

    /** What is called so, wherever it leads. */
    byReference(tenant: TenantId, reference: string): Promise<WatchRow[]> {
      return db
        .select()
        .from(watch)
        .where(and(eq(watch.tenantId, tenant), eq(watch.reference, reference)))
        .all();
    },

    ofPipeline(tenant: TenantId, pipelineId: string): Promise<WatchRow[]> {
      return db.select().from(watch).where(ofPipeline(tenant, pipelineId)).orderBy(asc(watch.action)).all();
    },

    /** Exactly these, from now on. What is known of a repository is kept as long as it is watched. */
    async replace(
      tenant: TenantId,
      pipelineId: string,
      watched: readonly (Watched & Pick<WatchRow, 'connectionId'>)[],
    ): Promise<void> {
      const actions = sql`(SELECT value FROM json_each(${JSON.stringify(watched.map(({ action }) => action))}))`;
      const gone = db
        .delete(watch)
        .where(and(ofPipeline(tenant, pipelineId), sql`${watch.action} NOT IN ${actions}`));
      const puts = watched.map(({ action, reference, repository, connectionId }) =>
        db
          .insert(watch)
          .values({ tenantId: tenant, pipelineId, action, reference, connectionId, repository, repositoryId: null })
          .onConflictDoUpdate({
            target: [watch.tenantId, watch.pipelineId, watch.action],
            set: {
              reference,
              connectionId,
              repository,
              repositoryId: sql`CASE WHEN ${watch.connectionId} = excluded.connection_id
                AND ${watch.repository} = excluded.repository THEN ${watch.repositoryId} END`,
            },
          }),
      );
      await db.batch([gone, ...puts]);
    },

    async removePipeline(tenant: TenantId, pipelineId: string): Promise<void> {
      await db.delete(watch).where(ofPipeline(tenant, pipelineId));
    },

    /** Who waits for a connection of that name or ARN has it now; who meant it by another one has it no more. */
    async resolve(tenant: TenantId, connectionId: string, references: readonly string[]): Promise<void> {
      await db.batch([
        db
          .update(watch)
          .set({ connectionId, repositoryId: null })
          .where(
            and(
              eq(watch.tenantId, tenant),
              inArray(watch.reference, [...references]),
              sql`${watch.connectionId} IS NOT ${connectionId}`,
            ),
          ),
        db
          .update(watch)
          .set({ connectionId: null, repositoryId: null })
          .where(
            and(
              eq(watch.tenantId, tenant),
              eq(watch.connectionId, connectionId),
              ...references.map((reference) => ne(watch.reference, reference)),
            ),
          ),
      ]);
    },

    /** What the host calls the repository for good. */
    async learnId(tenant: TenantId, connectionId: string, repository: string, repositoryId: string): Promise<void> {
      await db
        .update(watch)
        .set({ repositoryId })
        .where(
          and(
            eq(watch.tenantId, tenant),
            eq(watch.connectionId, connectionId),
            eq(watch.repository, repository.toLowerCase()),
          ),
        );
    },
  };
}
