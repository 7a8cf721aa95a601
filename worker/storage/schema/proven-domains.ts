import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * Whose a domain is: one tenant's at a time. It is asked before any tenant comes into it, with nothing but an address, and must be
 * unique across all of them, so this is a named exemption from the rule that the tenant leads every key.
 */
export const provenDomain = sqliteTable('proven_domain', {
  domain: text('domain').primaryKey(),
  tenantId: text('tenant_id').notNull(),
  provenAt: integer('proven_at').notNull(),
});
