import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Keys that secrets are sealed with, each wrapped by a key that is in no database. The newest is for what is written now. */
export const dataKey = sqliteTable(
  'data_key',
  {
    tenantId: text('tenant_id').notNull(),
    id: text('id').notNull(),
    /** Which key wraps it. */
    kek: text('kek').notNull(),
    iv: text('iv').notNull(),
    wrapped: text('wrapped').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Sealed values, one row a version. Retired ones are handed out no more; they are kept a while to mask what had them. */
export const secret = sqliteTable(
  'secret',
  {
    tenantId: text('tenant_id').notNull(),
    /** Whose executions may use it; empty: all of the tenant's. */
    pipelineId: text('pipeline_id').notNull(),
    /** Whose actions; empty: all of the pipeline's. */
    stage: text('stage').notNull(),
    name: text('name').notNull(),
    version: integer('version').notNull(),
    isProtected: integer('is_protected', { mode: 'boolean' }).notNull(),
    dataKeyId: text('data_key_id').notNull(),
    iv: text('iv').notNull(),
    sealed: text('sealed').notNull(),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
    /** Coarse: written once an hour at most. */
    lastUsedAt: integer('last_used_at'),
    retiredAt: integer('retired_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.pipelineId, table.stage, table.name, table.version] }),
    index('secret_data_key').on(table.tenantId, table.dataKeyId),
  ],
);
