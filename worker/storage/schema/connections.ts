import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** What can be read of a connection's credentials and settings without opening anything. */
export interface PublicParts {
  /** Of the account that the token belongs to, where the host asks for it. */
  readonly user?: string;
  readonly appId?: string;
  readonly installationId?: string;
  readonly accessKeyId?: string;
  readonly region?: string;
  readonly roleArn?: string;
}

/** How the last test went. A problem's message is ours, never the host's text. */
export type LastTest =
  | {
      readonly ok: true;
      readonly identity: string;
      readonly scopes: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problem: string; readonly place: 'credentials' | 'baseUrl' };

/** Ways to Git hosts and to AWS, with sealed credentials. */
export const connection = sqliteTable(
  'connection',
  {
    tenantId: text('tenant_id').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    kind: text('kind', {
      enum: ['github', 'gitlab', 'bitbucket', 'bitbucket-dc', 'gitea', 'azure-devops', 'aws'],
    }).notNull(),
    baseUrl: text('base_url').notNull(),
    apiUrl: text('api_url'),
    /** An AWS connection that this one stands for in definitions that come from CodePipeline. */
    arn: text('arn'),
    credentialKind: text('credential_kind', { enum: ['token', 'app', 'keys'] }).notNull(),
    publicParts: text('public_parts', { mode: 'json' }).$type<PublicParts>().notNull(),
    /** Counts what has been sealed, so that no older credentials can be passed off as these. */
    version: integer('version').notNull(),
    dataKeyId: text('data_key_id').notNull(),
    iv: text('iv').notNull(),
    sealed: text('sealed').notNull(),
    disabled: integer('disabled', { mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
    lastTestedAt: integer('last_tested_at'),
    lastTest: text('last_test', { mode: 'json' }).$type<LastTest>(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('connection_name').on(table.tenantId, table.name),
    uniqueIndex('connection_arn').on(table.tenantId, table.arn),
    index('connection_data_key').on(table.tenantId, table.dataKeyId),
  ],
);

export interface HookSettings {
  /** Of SNS: the topics that may deliver here. */
  readonly topics?: readonly string[];
}

/** Addresses that deliveries come to. The id is in the address and names the tenant; what is signed with lies sealed, both while it is rotated. */
export const hook = sqliteTable(
  'hook',
  {
    tenantId: text('tenant_id').notNull(),
    id: text('id').notNull(),
    kind: text('kind', {
      enum: [
        'github',
        'gitlab',
        'bitbucket',
        'bitbucket-dc',
        'gitea',
        'azure-devops',
        'standard',
        'sns',
        'eventbridge',
        'registry',
      ],
    }).notNull(),
    name: text('name').notNull(),
    connectionId: text('connection_id'),
    /** As the host writes it; null: deliveries of several come here. */
    repository: text('repository'),
    version: integer('version').notNull(),
    dataKeyId: text('data_key_id').notNull(),
    iv: text('iv').notNull(),
    /** The current secret and, until `previousUntil`, the one before it. */
    sealed: text('sealed').notNull(),
    previousUntil: integer('previous_until'),
    /** What the host calls it; null: somebody has to make it there by hand. */
    hostHookId: text('host_hook_id'),
    settings: text('settings', { mode: 'json' }).$type<HookSettings>().notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    updatedAt: integer('updated_at').notNull(),
    disabledAt: integer('disabled_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('hook_repository').on(table.tenantId, table.connectionId, table.repository),
    index('hook_data_key').on(table.tenantId, table.dataKeyId),
  ],
);

/** Which source actions watch which repository: follows the current versions of pipelines, and can be made again from them. */
export const watch = sqliteTable(
  'watch',
  {
    tenantId: text('tenant_id').notNull(),
    pipelineId: text('pipeline_id').notNull(),
    action: text('action').notNull(),
    /** The connection's name or ARN, as the definition has it. */
    reference: text('reference').notNull(),
    /** Null: there is no such connection yet. */
    connectionId: text('connection_id'),
    /** In lower case. Of AWS: the repository, or the bucket. */
    repository: text('repository').notNull(),
    /** The host's own, once it has been asked. */
    repositoryId: text('repository_id'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.pipelineId, table.action] }),
    index('watch_repository').on(table.tenantId, table.connectionId, table.repository),
    index('watch_reference').on(table.tenantId, table.reference),
  ],
);
