import { and, desc, eq, gt, lt, sql } from 'drizzle-orm';
import type { ExecutionId, PipelineId, TenantId } from '../engine/ids.ts';
import { omit } from '../engine/omit.ts';
import type { ExecutionSummary } from '../engine/summary.ts';
import type { Database } from './database.ts';
import { type ExecutionFilter, filterConditions } from './execution-filter.ts';
import { execution } from './schema/index.ts';

type Row = typeof execution.$inferSelect;

export function executionQueries(db: Database) {
  return {
    /** A summary that is older than what is known changes nothing. */
    async publish(tenant: TenantId, summary: ExecutionSummary): Promise<void> {
      const { seq, status, stage, attention, endedAt, revision } = summary;
      const { branch = null, revisionId = null, revisionDigest = null } = summary;
      // All that ever changes. An execution that has ended may come back to life, and then its row does too; and what a source is to
      // fetch is known only when it has.
      const changing = { seq, status, stage, attention, endedAt, revision, branch, revisionId, revisionDigest };
      await db
        .insert(execution)
        .values(rowOf(tenant, summary))
        .onConflictDoUpdate({
          target: [execution.tenantId, execution.id],
          set: changing,
          setWhere: sql`excluded.seq > ${execution.seq}`,
        });
    },

    /**
     * What the execution itself says, over a row that still has `seenSeq`: to put right what a newer summary alone would not.
     * False: somebody has written since.
     */
    async replace(tenant: TenantId, summary: ExecutionSummary, seenSeq: number): Promise<boolean> {
      const { tenantId, id, seq } = execution;
      const replaced = await db
        .update(execution)
        .set(rowOf(tenant, summary))
        .where(and(eq(tenantId, tenant), eq(id, summary.id), eq(seq, seenSeq)))
        .returning({ id });
      return replaced.length > 0;
    },

    /** Unless it has been written since it was read. */
    async remove(tenant: TenantId, id: ExecutionId, seenSeq: number): Promise<void> {
      await db
        .delete(execution)
        .where(and(eq(execution.tenantId, tenant), eq(execution.id, id), eq(execution.seq, seenSeq)));
    },

    /** All rows of a tenant in an order that nothing changes, from the one behind `after` on. */
    async byKey(tenant: TenantId, after: string, limit: number): Promise<ExecutionSummary[]> {
      const rows = await db
        .select()
        .from(execution)
        .where(and(eq(execution.tenantId, tenant), gt(execution.id, after)))
        .orderBy(execution.id)
        .limit(limit)
        .all();
      return rows.map(summaryOf);
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
    async ofPipeline(
      tenant: TenantId,
      id: PipelineId,
      filter: ExecutionFilter,
      before: number,
      limit: number,
    ): Promise<ExecutionSummary[]> {
      const rows = await ofPipelineQuery(db, tenant, id, filter, before, limit).all();
      return rows.map(summaryOf);
    },

    /** Of all pipelines, newest first, from the one behind `after` on. */
    async list(
      tenant: TenantId,
      filter: ExecutionFilter,
      after: ListPlace | undefined,
      limit: number,
    ): Promise<ExecutionSummary[]> {
      const rows = await listQuery(db, tenant, filter, after, limit).all();
      return rows.map(summaryOf);
    },

    /** Which of these it has a row of. */
    async known(tenant: TenantId, ids: readonly ExecutionId[]): Promise<ReadonlySet<string>> {
      if (ids.length === 0) return new Set();
      // One parameter however many they are: D1 takes a hundred.
      const isOneOf = sql`${execution.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
      const rows = await db
        .select({ id: execution.id })
        .from(execution)
        .where(and(eq(execution.tenantId, tenant), isOneOf))
        .all();
      return new Set(rows.map(({ id }) => id));
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
    live(after: LivePlace, limit: number): Promise<readonly LiveRow[]> {
      // Left to itself, SQLite takes an index that holds all executions, not the one that holds the live ones alone.
      return db.all<LiveRow>(
        sql`SELECT tenant_id AS tenantId, id, pipeline_id AS pipelineId, started_at AS startedAt
          FROM execution INDEXED BY execution_live
          WHERE ended_at IS NULL AND (tenant_id, started_at, id) > (${after.tenant}, ${after.startedAt}, ${after.id})
          ORDER BY tenant_id, started_at, id LIMIT ${limit}`,
      );
    },
  };
}

/** Of the last execution of a page: where the next one goes on, whatever has been started since. */
export interface ListPlace {
  readonly startedAt: number;
  readonly id: string;
}

export interface LivePlace extends ListPlace {
  readonly tenant: string;
}

export interface LiveRow {
  readonly tenantId: TenantId;
  readonly id: ExecutionId;
  readonly pipelineId: PipelineId;
  readonly startedAt: number;
}

export function ofPipelineQuery(
  db: Database,
  tenant: TenantId,
  id: PipelineId,
  filter: ExecutionFilter,
  before: number,
  limit: number,
) {
  const { tenantId, pipelineId, number } = execution;
  return db
    .select()
    .from(execution)
    .where(and(eq(tenantId, tenant), eq(pipelineId, id), lt(number, before), filterConditions(filter)))
    .orderBy(desc(number))
    .limit(limit);
}

export function listQuery(
  db: Database,
  tenant: TenantId,
  filter: ExecutionFilter,
  after: ListPlace | undefined,
  limit: number,
) {
  const { tenantId, startedAt, id } = execution;
  const isBehind = after === undefined ? undefined : sql`(${startedAt}, ${id}) < (${after.startedAt}, ${after.id})`;
  return db
    .select()
    .from(execution)
    .where(and(eq(tenantId, tenant), isBehind, filterConditions(filter)))
    .orderBy(desc(startedAt), desc(id))
    .limit(limit);
}

function rowOf(tenant: TenantId, summary: ExecutionSummary) {
  const { pipeline, kind = 'STANDARD', ...rest } = omit(summary, 'tenant', 'isUntrusted');
  const { origin = null, branch = null, revisionId = null, revisionDigest = null } = summary;
  return {
    ...rest,
    tenantId: tenant,
    pipelineId: pipeline.id,
    pipelineName: pipeline.name,
    version: pipeline.version,
    kind,
    origin,
    branch,
    revisionId,
    revisionDigest,
  };
}

export function summaryOf(row: Row): ExecutionSummary {
  const { id, number, seq, status, trigger, stage, attention, revision, startedAt, endedAt } = row;
  const { kind, origin, branch, revisionId, revisionDigest } = row;
  return {
    // Only ids that the server made are ever written here.
    tenant: row.tenantId as TenantId,
    id: id as ExecutionId,
    pipeline: { id: row.pipelineId as PipelineId, name: row.pipelineName, version: row.version },
    number,
    seq,
    status,
    trigger,
    stage,
    attention,
    revision,
    kind,
    origin,
    branch,
    revisionId,
    revisionDigest,
    startedAt,
    endedAt,
  };
}
