import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** A further role of a member, for one pipeline. */
export const memberGrant = sqliteTable(
  'member_grant',
  {
    tenantId: text('tenant_id').notNull(),
    userId: text('user_id').notNull(),
    pipelineId: text('pipeline_id').notNull(),
    role: text('role').notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.userId, table.pipelineId] })],
);
