import { apiPath, withQuery, type ApiClient } from '#lib/api/client.ts';
import type { ExecutionSummary, Page } from '#lib/api/contract.ts';
import type { ExecutionFilter } from './filter.ts';
import type { HistoryQuery } from './history.svelte.ts';

/** Of every pipeline of the tenant. */
export function listAllExecutions(
  api: ApiClient,
  query: ExecutionFilter & HistoryQuery,
): Promise<Page<ExecutionSummary>> {
  return api.get(withQuery(apiPath('executions'), { ...query }));
}
