import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** A tenant's own identity provider; one at most. A new one, or one whose issuer has changed, knows nobody yet. */
export const signOnConnection = sqliteTable(
  'sign_on_connection',
  {
    tenantId: text('tenant_id').notNull(),
    id: text('id').notNull(),
    issuer: text('issuer').notNull(),
    clientId: text('client_id').notNull(),
    dataKeyId: text('data_key_id').notNull(),
    iv: text('iv').notNull(),
    sealed: text('sealed').notNull(),
    defaultRole: text('default_role').notNull(),
    isRequired: integer('is_required', { mode: 'boolean' }).notNull(),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId] })],
);

/** Domains that a tenant says are its own, and what it must publish to prove it. */
export const signOnDomain = sqliteTable(
  'sign_on_domain',
  {
    tenantId: text('tenant_id').notNull(),
    domain: text('domain').notNull(),
    token: text('token').notNull(),
    addedAt: integer('added_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.domain] })],
);

/** Whom the provider means by a subject. A person has one subject at a provider, and a subject is one person, for good. */
export const signOnIdentity = sqliteTable(
  'sign_on_identity',
  {
    tenantId: text('tenant_id').notNull(),
    connectionId: text('connection_id').notNull(),
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    userId: text('user_id').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.connectionId, table.issuer, table.subject] }),
    uniqueIndex('sign_on_identity_user').on(table.tenantId, table.connectionId, table.issuer, table.userId),
  ],
);

/** Sign-ons under way: each is taken once, by the browser that began it. State and binding are hashes. */
export const signOnAttempt = sqliteTable(
  'sign_on_attempt',
  {
    tenantId: text('tenant_id').notNull(),
    state: text('state').notNull(),
    binding: text('binding').notNull(),
    connectionId: text('connection_id').notNull(),
    issuer: text('issuer').notNull(),
    nonce: text('nonce').notNull(),
    verifier: text('verifier').notNull(),
    returnTo: text('return_to').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.state] })],
);
