import type { ExecutionFilter } from '#lib/features/history/filter.ts';
import { apiPath, withQuery, type ApiClient } from '#lib/api/client.ts';
import type {
  ExecutionSummary,
  Page,
  Pipeline,
  PipelineState,
  PipelineVersion,
  ScheduleView,
} from '#lib/api/contract.ts';

export const pipelinesPath = apiPath('pipelines');
export const tenantLivePath = apiPath('live');

export function pipelineLivePath(name: string): string {
  return apiPath('pipelines', name, 'live');
}

export function getPipeline(api: ApiClient, name: string, version?: number): Promise<Pipeline> {
  return api.get(withQuery(apiPath('pipelines', name), { version }));
}

export function getDefinitionYaml(api: ApiClient, name: string): Promise<string> {
  return api.getText(apiPath('pipelines', name), 'application/yaml');
}

export function getPipelineState(api: ApiClient, name: string): Promise<PipelineState> {
  return api.get(apiPath('pipelines', name, 'state'));
}

export async function listSchedules(api: ApiClient, name: string): Promise<readonly ScheduleView[]> {
  return (await api.get<Page<ScheduleView>>(apiPath('pipelines', name, 'schedules'))).items;
}

export function listVersions(api: ApiClient, name: string, cursor?: string): Promise<Page<PipelineVersion>> {
  return api.get(withQuery(apiPath('pipelines', name, 'versions'), { cursor }));
}

export function listExecutions(
  api: ApiClient,
  name: string,
  query: ExecutionFilter & { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<ExecutionSummary>> {
  return api.get(withQuery(apiPath('pipelines', name, 'executions'), { ...query }));
}

/** Answers with the ids of executions that could not be reached and may still be on their way through. */
export async function setTransition(
  api: ApiClient,
  name: string,
  stage: string,
  change: { readonly enabled: boolean; readonly reason: string },
): Promise<readonly string[]> {
  const path = apiPath('pipelines', name, 'stages', stage, 'transition');
  return (await api.put<{ readonly unconfirmed: readonly string[] }>(path, change)).unconfirmed;
}

export function rollbackStage(
  api: ApiClient,
  name: string,
  stage: string,
  rollback: { readonly target: string; readonly reason?: string },
): Promise<ExecutionSummary> {
  return api.post(apiPath('pipelines', name, 'stages', stage, 'rollback'), rollback);
}

export function startExecution(
  api: ApiClient,
  name: string,
  start: { readonly variables: Readonly<Record<string, string>>; readonly reason?: string },
): Promise<ExecutionSummary> {
  return api.post(apiPath('pipelines', name, 'executions'), start);
}
