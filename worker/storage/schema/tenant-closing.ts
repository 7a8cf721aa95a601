import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Tenants that are to be deleted. Until then they can be restored; a row goes with the last of what it stands for. */
export const tenantClosing = sqliteTable(
  'tenant_closing',
  {
    tenantId: text('tenant_id').notNull(),
    deleteAt: integer('delete_at').notNull(),
    requestedAt: integer('requested_at').notNull(),
    requestedBy: text('requested_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId] })],
);
