import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
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
    startedAt: integer('started_at').notNull(),
    endedAt: integer('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index('execution_of_pipeline').on(table.tenantId, table.pipelineId, table.number),
    // For the sweeper and for "what is in motion": small, because it forgets what has ended.
    index('execution_live')
      .on(table.tenantId, table.startedAt)
      .where(sql`ended_at IS NULL`),
  ],
);
