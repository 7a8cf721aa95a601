import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** Names of pipelines, and what the list needs. `version` 0: the name is taken, the first version not yet published. */
export const pipeline = sqliteTable(
  'pipeline',
  {
    tenantId: text('tenant_id').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    version: integer('version').notNull(),
    mode: text('mode', { enum: ['SUPERSEDED', 'QUEUED', 'PARALLEL'] }).notNull(),
    stages: text('stages', { mode: 'json' }).$type<readonly string[]>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    /** When it must have been awake at the latest; the sweeper looks after it then, and writes when it has to look again. */
    nextScheduleAt: integer('next_schedule_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    // For the sweeper: few pipelines are in it.
    index('pipeline_by_schedule')
      .on(table.tenantId, table.nextScheduleAt)
      .where(sql`next_schedule_at IS NOT NULL`),
    uniqueIndex('pipeline_name').on(table.tenantId, table.name),
  ],
);

/** Pools that a runner has ever connected to; everything else about them lives in their objects. */
export const pool = sqliteTable(
  'pool',
  { tenantId: text('tenant_id').notNull(), name: text('name').notNull() },
  (table) => [primaryKey({ columns: [table.tenantId, table.name] })],
);
