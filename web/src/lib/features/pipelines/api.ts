import { apiPath, withQuery, type ApiClient } from '#lib/api/client.ts';
import type { ExecutionSummary, Page, Pipeline, PipelineState, PipelineVersion } from '#lib/api/contract.ts';

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

export function listVersions(api: ApiClient, name: string, cursor?: string): Promise<Page<PipelineVersion>> {
  return api.get(withQuery(apiPath('pipelines', name, 'versions'), { cursor }));
}

export function listExecutions(
  api: ApiClient,
  name: string,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<ExecutionSummary>> {
  return api.get(withQuery(apiPath('pipelines', name, 'executions'), { cursor, limit }));
}

export function startExecution(
  api: ApiClient,
  name: string,
  start: { readonly variables: Readonly<Record<string, string>>; readonly reason?: string },
): Promise<ExecutionSummary> {
  return api.post(apiPath('pipelines', name, 'executions'), start);
}
