import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { CreatedHook, Hook, NewHook, Page } from '#lib/api/contract.ts';

export async function listHooks(api: ApiClient): Promise<readonly Hook[]> {
  return (await api.get<Page<Hook>>(apiPath('hooks'))).items;
}

export function createHook(api: ApiClient, order: NewHook): Promise<CreatedHook> {
  return api.post(apiPath('hooks'), order);
}

export function deleteHook(api: ApiClient, id: string): Promise<void> {
  return api.delete(apiPath('hooks', id));
}
