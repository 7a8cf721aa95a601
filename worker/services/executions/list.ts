import type { ExecutionSummary } from '../../../contract/executions.ts';
import { summaryView } from '../../engine/summary.ts';
import type { ExecutionFilter } from '../../storage/execution-filter.ts';
import type { ListPlace } from '../../storage/executions.ts';
import type { ServiceContext } from '../context.ts';
import { decodeCursor, type Page, pageOf } from '../cursor.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from '../pipelines/find.ts';
import { matches } from './filter.ts';

export interface PageOrder {
  readonly cursor: string | undefined;
  readonly limit: number;
}

/** By number, newest first. */
export async function listPipelineExecutions(
  ctx: ServiceContext,
  name: string,
  filter: ExecutionFilter,
  { cursor, limit }: PageOrder,
): Promise<Page<ExecutionSummary>> {
  const { id, object } = await findPipeline(ctx, name);
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(decodeCursor(cursor));
  const { executionIndex } = ctx.ports;
  const [indexed, live] = await Promise.all([
    executionIndex.ofPipeline(ctx.tenant.id, id, filter, before, limit + 1),
    object.live(ctx.tenant.id),
  ]);
  // Those that wait to be admitted are not in the index, and it lags by a moment behind the others.
  const shown = new Set(indexed.map((summary) => summary.id));
  const fresh = live.filter(
    (summary) => summary.number < before && !shown.has(summary.id) && matches(summary, filter),
  );
  const known = await executionIndex.known(
    ctx.tenant.id,
    fresh.map((summary) => summary.id),
  );
  const newestFirst = [...fresh.filter((summary) => !known.has(summary.id)), ...indexed]
    .sort((one, other) => other.number - one.number)
    .map(summaryView);
  return pageOf(newestFirst, limit, ({ number }) => number);
}

/** Of all pipelines, by the time of their start, newest first. What has just been started may be missing for a moment. */
export async function listExecutions(
  ctx: ServiceContext,
  filter: ExecutionFilter,
  { cursor, limit }: PageOrder,
): Promise<Page<ExecutionSummary>> {
  const after = cursor === undefined ? undefined : placeOf(decodeCursor(cursor));
  const found = await ctx.ports.executionIndex.list(ctx.tenant.id, filter, after, limit + 1);
  const { items, nextCursor } = pageOf(found, limit, ({ startedAt, id }) => `${startedAt} ${id}`);
  return { items: items.map(summaryView), nextCursor };
}

function placeOf(text: string | number): ListPlace {
  const [, startedAt, id] = /^(\d+) (.+)$/.exec(String(text)) ?? [];
  if (startedAt === undefined || id === undefined) {
    throw new DomainError('bad_request', 'The cursor is not one that this list gave out.');
  }
  return { startedAt: Number(startedAt), id };
}
