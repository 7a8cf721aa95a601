import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Tokens of programs. Only a keyed hash is kept; the token itself is shown once. */
export const token = sqliteTable(
  'token',
  {
    tenantId: text('tenant_id').notNull(),
    hash: text('hash').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    kind: text('kind', { enum: ['service', 'user', 'runner', 'registration'] }).notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    expiresAt: integer('expires_at').notNull(),
    /** Of a service token; null: admin, as those were that came before roles. */
    role: text('role'),
    /** Whose rights a user token has. */
    userId: text('user_id'),
    /** Of a runner's token: the one runner that may connect with it; null: any, as with tokens that people made for runners. */
    runnerId: text('runner_id'),
    /** What it may be used for; null: everything that its holder may. */
    scopes: text('scopes', { mode: 'json' }).$type<readonly string[]>(),
    /** Ids of the pipelines that it may be used for; null: all of them. */
    pipelines: text('pipelines', { mode: 'json' }).$type<readonly string[]>(),
    /** Coarse: written once an hour at most. */
    lastUsedAt: integer('last_used_at'),
    /** Of one that may be used once. */
    usedAt: integer('used_at'),
    /** The token that it was rotated to; it works on until it expires. */
    rotatedTo: text('rotated_to'),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.hash] })],
);
