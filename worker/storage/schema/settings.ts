import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** What a tenant has set for itself, one row a setting; `contract/settings.ts` has names and defaults. */
export const tenantSetting = sqliteTable(
  'tenant_setting',
  {
    tenantId: text('tenant_id').notNull(),
    name: text('name').notNull(),
    value: text('value', { mode: 'json' }).$type<unknown>().notNull(),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.name] })],
);
