import { sql } from 'drizzle-orm';
import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { RsaPublicKey } from '../../kernel/rs256.ts';

/**
 * What identity tokens are signed with: the installation's keys, not a tenant's, so this too is a named exemption from the rule
 * that the tenant leads every table. There is never more than one that signs and one that will.
 */
export const signingKey = sqliteTable(
  'signing_key',
  {
    kid: text('kid').primaryKey(),
    state: text('state', { enum: ['next', 'active', 'retired'] }).notNull(),
    publicKey: text('public_key', { mode: 'json' }).$type<RsaPublicKey>().notNull(),
    /** Which key wraps the private one. */
    kek: text('kek').notNull(),
    iv: text('iv').notNull(),
    wrapped: text('wrapped').notNull(),
    createdAt: integer('created_at').notNull(),
    activeAt: integer('active_at'),
    retiredAt: integer('retired_at'),
  },
  (table) => [
    uniqueIndex('signing_key_in_use')
      .on(table.state)
      .where(sql`state <> 'retired'`),
  ],
);
