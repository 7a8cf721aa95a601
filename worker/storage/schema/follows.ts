import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Why the newest commit of a followed file has made no version; never a text of the host's. */
export interface FollowProblem {
  readonly message: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

/** Pipelines whose definition is a file in a repository. */
export const follow = sqliteTable(
  'follow',
  {
    tenantId: text('tenant_id').notNull(),
    pipelineId: text('pipeline_id').notNull(),
    connectionId: text('connection_id').notNull(),
    /** As the host writes it; compared without regard to case. */
    repository: text('repository').notNull(),
    branch: text('branch').notNull(),
    path: text('path').notNull(),
    /** What was looked at last, and what came of it. */
    commit: text('commit'),
    checkedAt: integer('checked_at'),
    version: integer('version'),
    problem: text('problem', { mode: 'json' }).$type<FollowProblem>(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.pipelineId] }),
    index('follow_connection').on(table.tenantId, table.connectionId),
  ],
);
