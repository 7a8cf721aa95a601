import { and, eq, gte, inArray, lt, or, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { ExecutionStatus } from '../engine/model.ts';
import type { ExecutionSummary } from '../engine/summary.ts';
import { execution } from './schema/index.ts';

/** What a list is narrowed down to; absent members exclude nothing. */
export interface ExecutionFilter {
  readonly statuses?: readonly ExecutionStatus[] | undefined;
  readonly trigger?: string | undefined;
  readonly by?: string | undefined;
  readonly branch?: string | undefined;
  /** Beginning of the id, the digest or the text of the revision. */
  readonly revision?: string | undefined;
  readonly stage?: string | undefined;
  readonly attention?: NonNullable<ExecutionSummary['attention']> | undefined;
  /** Started at or after this, and before that. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

const LIVE: readonly ExecutionStatus[] = ['InProgress', 'Stopping'];

export function filterConditions(filter: ExecutionFilter): SQL | undefined {
  const { statuses, trigger, by, branch, revision, stage, attention, from, to } = filter;
  return and(
    statuses === undefined ? undefined : inArray(execution.status, [...statuses]),
    partOf(filter),
    trigger === undefined ? undefined : eq(execution.triggerType, trigger),
    by === undefined ? undefined : eq(execution.triggerBy, by),
    branch === undefined ? undefined : eq(execution.branch, branch),
    revision === undefined ? undefined : startsRevision(revision),
    stage === undefined ? undefined : eq(execution.stage, stage),
    attention === undefined ? undefined : eq(execution.attention, attention),
    from === undefined ? undefined : gte(execution.startedAt, from),
    to === undefined ? undefined : lt(execution.startedAt, to),
  );
}

/** The same words as in the partial indexes: SQLite uses one only where it reads its condition again. */
function partOf({ statuses, attention }: ExecutionFilter): SQL | undefined {
  const isLive = statuses?.every((status) => LIVE.includes(status)) ?? false;
  if (isLive || attention !== undefined) return sql`ended_at IS NULL`;
  const isUnsuccessful = statuses?.every((status) => status !== 'Succeeded' && !LIVE.includes(status)) ?? false;
  return isUnsuccessful ? sql`ended_at IS NOT NULL AND status <> 'Succeeded'` : undefined;
}

function startsRevision(prefix: string): SQL | undefined {
  const digest = prefix.startsWith('sha256:') ? prefix : `sha256:${prefix}`;
  return or(
    startsWith(execution.revisionId, prefix),
    startsWith(execution.revisionDigest, digest),
    startsWith(execution.revision, prefix),
  );
}

function startsWith(column: SQLiteColumn, prefix: string): SQL {
  return sql`lower(substr(${column}, 1, length(${prefix}))) = lower(${prefix})`;
}
