import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ExecutionId } from '../../engine/ids.ts';
import type { ExecutionSummary } from '../../engine/summary.ts';

/** The index of history: one row an execution, written at its start and end and at most once a stage between. */
export const execution = sqliteTable(
  'execution',
  {
    tenantId: text('tenant_id').notNull(),
    id: text('id').notNull(),
    pipelineId: text('pipeline_id').notNull(),
    pipelineName: text('pipeline_name').notNull(),
    version: integer('version').notNull(),
    number: integer('number').notNull(),
    /** Of the last event that the row knows; a summary with a lower one changes nothing. */
    seq: integer('seq').notNull(),
    status: text('status').$type<ExecutionSummary['status']>().notNull(),
    trigger: text('trigger', { mode: 'json' }).$type<ExecutionSummary['trigger']>().notNull(),
    stage: text('stage').notNull(),
    attention: text('attention', { enum: ['Approval', 'Hold'] }),
    revision: text('revision'),
    revisionId: text('revision_id'),
    revisionDigest: text('revision_digest'),
    branch: text('branch'),
    kind: text('kind', { enum: ['STANDARD', 'ROLLBACK'] })
      .notNull()
      .default('STANDARD'),
    origin: text('origin').$type<ExecutionId>(),
    triggerType: text('trigger_type').generatedAlwaysAs(sql`trigger ->> '$.type'`),
    triggerBy: text('trigger_by').generatedAlwaysAs(sql`trigger ->> '$.by'`),
    startedAt: integer('started_at').notNull(),
    endedAt: integer('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    // The table's own key follows each index, so all of these are in the order of the lists: newest last, then by id.
    index('execution_by_start').on(table.tenantId, table.startedAt),
    index('execution_of_branch')
      .on(table.tenantId, table.branch, table.startedAt)
      .where(sql`branch IS NOT NULL`),
    // What people look for most, and most executions are not in it.
    index('execution_unsuccessful')
      .on(table.tenantId, table.startedAt)
      .where(sql`ended_at IS NOT NULL AND status <> 'Succeeded'`),
    index('execution_of_pipeline').on(table.tenantId, table.pipelineId, table.number),
    // For the sweeper and for "what is in motion": small, because it forgets what has ended.
    // With the end, which is the same for all of them, SQLite prefers it to `execution_by_start`.
    index('execution_live')
      .on(table.tenantId, table.endedAt, table.startedAt)
      .where(sql`ended_at IS NULL`),
  ],
);
