import { and, desc, eq, gt, isNull, lt, or, sql } from 'drizzle-orm';
import type { ExecutionId, PipelineId, TenantId } from '../engine/ids.ts';
import type { ExecutionSummary } from '../engine/summary.ts';
import type { Database } from './database.ts';
import { execution } from './schema/index.ts';

type Row = typeof execution.$inferSelect;

export function executionQueries(db: Database) {
  return {
    /** A summary that is older than what is known changes nothing. */
    async publish(tenant: TenantId, summary: ExecutionSummary): Promise<void> {
      const { id, pipeline, number, seq, status, trigger, stage, attention, revision, startedAt, endedAt } = summary;
      const changing = { seq, status, stage, attention, endedAt };
      await db
        .insert(execution)
        .values({
          tenantId: tenant,
          id,
          pipelineId: pipeline.id,
          pipelineName: pipeline.name,
          version: pipeline.version,
          number,
          trigger,
          revision,
          startedAt,
          ...changing,
        })
        .onConflictDoUpdate({
          target: [execution.tenantId, execution.id],
          set: changing,
          setWhere: sql`excluded.seq > ${execution.seq}`,
        });
    },

    async byId(tenant: TenantId, id: ExecutionId): Promise<ExecutionSummary | undefined> {
      const row = await db
        .select()
        .from(execution)
        .where(and(eq(execution.tenantId, tenant), eq(execution.id, id)))
        .get();
      return row === undefined ? undefined : summaryOf(row);
    },

    /** Newest first, from the one below number `before` on. */
    async ofPipeline(tenant: TenantId, id: PipelineId, before: number, limit: number): Promise<ExecutionSummary[]> {
      const rows = await db
        .select()
        .from(execution)
        .where(and(eq(execution.tenantId, tenant), eq(execution.pipelineId, id), lt(execution.number, before)))
        .orderBy(desc(execution.number))
        .limit(limit)
        .all();
      return rows.map(summaryOf);
    },

    /** The newest few of several pipelines, in one trip to the database. */
    async recent(tenant: TenantId, pipelines: readonly PipelineId[], each: number): Promise<ExecutionSummary[][]> {
      const queries = pipelines.map((id) =>
        db
          .select()
          .from(execution)
          .where(and(eq(execution.tenantId, tenant), eq(execution.pipelineId, id)))
          .orderBy(desc(execution.number))
          .limit(each),
      );
      const [first, ...rest] = queries;
      if (first === undefined) return [];
      const results = await db.batch([first, ...rest]);
      return results.map((rows) => rows.map(summaryOf));
    },

    /** For the sweeper, across tenants: executions that have not ended, after the given place in the list. */
    live(after: { readonly tenant: string; readonly startedAt: number; readonly id: string }, limit: number) {
      return db
        .select({
          tenantId: execution.tenantId,
          id: execution.id,
          pipelineId: execution.pipelineId,
          startedAt: execution.startedAt,
        })
        .from(execution)
        .where(
          and(
            isNull(execution.endedAt),
            or(
              gt(execution.tenantId, after.tenant),
              and(eq(execution.tenantId, after.tenant), gt(execution.startedAt, after.startedAt)),
              and(
                eq(execution.tenantId, after.tenant),
                eq(execution.startedAt, after.startedAt),
                gt(execution.id, after.id),
              ),
            ),
          ),
        )
        .orderBy(execution.tenantId, execution.startedAt, execution.id)
        .limit(limit)
        .all();
    },
  };
}

function summaryOf(row: Row): ExecutionSummary {
  const { tenantId, id, pipelineId, pipelineName, version, ...rest } = row;
  return {
    ...rest,
    // Only ids that the server made are ever written here.
    tenant: tenantId as TenantId,
    id: id as ExecutionId,
    pipeline: { id: pipelineId as PipelineId, name: pipelineName, version },
  };
}
