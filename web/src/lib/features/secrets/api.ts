import { apiPath, withQuery, type ApiClient } from '#lib/api/client.ts';
import type { Page, PipelineSummary, Secret } from '#lib/api/contract.ts';

/** Null: all of them. */
export interface SecretScope {
  readonly pipeline: string | null;
  readonly stage: string | null;
}

const PIPELINE_PAGES_MAX = 10;

export async function listSecrets(api: ApiClient): Promise<readonly Secret[]> {
  return (await api.get<Page<Secret>>(apiPath('secrets'))).items;
}

export function putSecret(
  api: ApiClient,
  name: string,
  { pipeline, stage }: SecretScope,
  content: { readonly value: string; readonly isProtected: boolean },
): Promise<Secret> {
  return api.put(withQuery(apiPath('secrets', name), { pipeline, stage }), content);
}

export function removeSecret(api: ApiClient, { name, pipeline, stage }: Secret): Promise<void> {
  return api.delete(withQuery(apiPath('secrets', name), { pipeline, stage }));
}

/** For whom a secret can be: pipelines with their stages. */
export async function listPlaces(api: ApiClient): Promise<readonly PipelineSummary[]> {
  const all: PipelineSummary[] = [];
  for await (const page of api.pages<PipelineSummary>(apiPath('pipelines'), PIPELINE_PAGES_MAX)) all.push(...page);
  return all;
}
