import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Tokens of programs. Only a keyed hash is kept; the token itself is shown once. */
export const token = sqliteTable(
  'token',
  {
    tenantId: text('tenant_id').notNull(),
    hash: text('hash').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    kind: text('kind', { enum: ['service', 'runner'] }).notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.hash] })],
);
