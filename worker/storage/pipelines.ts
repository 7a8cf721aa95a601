import { and, asc, eq, gt, lt, or, sql } from 'drizzle-orm';
import type { PipelineId, TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { pipeline, pool } from './schema/index.ts';

export type PipelineRow = typeof pipeline.$inferSelect;
type Published = Pick<PipelineRow, 'version' | 'mode' | 'stages' | 'updatedAt' | 'nextScheduleAt'>;

export interface LatePlace {
  readonly tenantId: TenantId;
  readonly nextScheduleAt: number;
  readonly id: PipelineId;
}

export function pipelineQueries(db: Database) {
  const byName = (tenant: TenantId, name: string) =>
    db
      .select()
      .from(pipeline)
      .where(and(eq(pipeline.tenantId, tenant), eq(pipeline.name, name)))
      .get();

  return {
    byName,

    /** The pipeline of that name, made with `id` if there was none. Two callers at once get the same one. */
    async claimName(tenant: TenantId, name: string, id: PipelineId, at: number): Promise<PipelineRow> {
      await db
        .insert(pipeline)
        .values({
          tenantId: tenant,
          id,
          name,
          version: 0,
          mode: 'SUPERSEDED',
          stages: [],
          createdAt: at,
          updatedAt: at,
        })
        .onConflictDoNothing();
      const row = await byName(tenant, name);
      if (row === undefined) throw new Error('a pipeline vanished while its name was being claimed');
      return row;
    },

    /** Published pipelines by name, from the one after `after` on. */
    list(tenant: TenantId, after: string, limit: number): Promise<PipelineRow[]> {
      return db
        .select()
        .from(pipeline)
        .where(and(eq(pipeline.tenantId, tenant), gt(pipeline.name, after), gt(pipeline.version, 0)))
        .orderBy(asc(pipeline.name))
        .limit(limit)
        .all();
    },

    /** By id; whatever has been deleted since is missing. One parameter for all of them: a statement takes no more than 100. */
    async names(tenant: TenantId, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
      if (ids.length === 0) return new Map();
      const among = sql`${pipeline.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
      const rows = await db
        .select({ id: pipeline.id, name: pipeline.name })
        .from(pipeline)
        .where(and(eq(pipeline.tenantId, tenant), among))
        .all();
      return new Map(rows.map(({ id, name }) => [id, name]));
    },

    /** An older version never undoes a newer one. */
    async publish(tenant: TenantId, id: PipelineId, published: Published): Promise<void> {
      const { version, nextScheduleAt } = published;
      // Published again, it is written again only where its schedules have come or gone: the sweeper looks after when.
      const hasOtherSchedules = and(
        eq(pipeline.version, version),
        sql`(${pipeline.nextScheduleAt} IS NULL) <> (${nextScheduleAt} IS NULL)`,
      );
      await db
        .update(pipeline)
        .set(published)
        .where(
          and(
            eq(pipeline.tenantId, tenant),
            eq(pipeline.id, id),
            or(lt(pipeline.version, version), hasOtherSchedules),
          ),
        );
    },

    /** For the sweeper, across tenants: pipelines that should have been awake before `at`, after the given place in the list. */
    late(at: number, after: LatePlace, limit: number): Promise<readonly LatePlace[]> {
      return db.all<LatePlace>(
        sql`SELECT tenant_id AS tenantId, next_schedule_at AS nextScheduleAt, id
          FROM pipeline INDEXED BY pipeline_by_schedule
          WHERE next_schedule_at IS NOT NULL AND next_schedule_at < ${at}
            AND (tenant_id, next_schedule_at, id) > (${after.tenantId}, ${after.nextScheduleAt}, ${after.id})
          ORDER BY tenant_id, next_schedule_at, id LIMIT ${limit}`,
      );
    },

    async scheduleNext(tenant: TenantId, id: PipelineId, nextScheduleAt: number | null): Promise<void> {
      await db
        .update(pipeline)
        .set({ nextScheduleAt })
        .where(and(eq(pipeline.tenantId, tenant), eq(pipeline.id, id)));
    },

    async remove(tenant: TenantId, id: PipelineId): Promise<void> {
      await db.delete(pipeline).where(and(eq(pipeline.tenantId, tenant), eq(pipeline.id, id)));
    },
  };
}

export function poolQueries(db: Database) {
  return {
    async remember(tenant: TenantId, name: string): Promise<void> {
      await db.insert(pool).values({ tenantId: tenant, name }).onConflictDoNothing();
    },

    async list(tenant: TenantId): Promise<readonly string[]> {
      const rows = await db.select({ name: pool.name }).from(pool).where(eq(pool.tenantId, tenant)).all();
      return rows.map(({ name }) => name);
    },
  };
}
