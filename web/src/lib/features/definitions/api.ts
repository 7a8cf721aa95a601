import { apiPath, withQuery, type ApiClient } from '#lib/api/client.ts';
import type { DefinitionDiff, Pipeline, Validation } from '#lib/api/contract.ts';
import type { Schema } from './schema-completion.ts';

const YAML = 'application/yaml';

export function getSchema(api: ApiClient): Promise<Schema> {
  return api.get(apiPath('schemas', 'pipeline.json'));
}

export function validateDefinition(api: ApiClient, text: string, signal: AbortSignal): Promise<Validation> {
  return api.sendText('POST', apiPath('pipelines', 'validate'), { text, type: YAML, signal });
}

/** Saves only over the version that was edited; another one is a `version_conflict`. */
export function saveDefinition(api: ApiClient, name: string, text: string, over: number): Promise<Pipeline> {
  const headers = { 'if-match': `"${over}"` };
  return api.sendText('PUT', apiPath('pipelines', name), { text, type: YAML, headers });
}

export function getVersionYaml(api: ApiClient, name: string, version?: number): Promise<string> {
  return api.getText(withQuery(apiPath('pipelines', name), { version }), YAML);
}

export function diffVersions(api: ApiClient, name: string, from: number, to: number): Promise<DefinitionDiff> {
  return api.get(withQuery(apiPath('pipelines', name, 'diff'), { from, to }));
}
