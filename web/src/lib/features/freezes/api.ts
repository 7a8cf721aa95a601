import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { Freeze, FreezePreview, Page, SaveFreeze } from '#lib/api/contract.ts';

export async function listFreezes(api: ApiClient): Promise<readonly Freeze[]> {
  return (await api.get<Page<Freeze>>(apiPath('freezes'))).items;
}

export function saveFreeze(api: ApiClient, id: string | undefined, freeze: SaveFreeze): Promise<Freeze> {
  return id === undefined ? api.post(apiPath('freezes'), freeze) : api.put(apiPath('freezes', id), freeze);
}

export function removeFreeze(api: ApiClient, id: string): Promise<void> {
  return api.delete(apiPath('freezes', id));
}

export function previewCalendar(api: ApiClient): Promise<FreezePreview> {
  return api.get(apiPath('freezes', 'preview'));
}

/** What an entry would hold that need not be saved. */
export function previewFreeze(api: ApiClient, freeze: SaveFreeze): Promise<FreezePreview> {
  return api.post(apiPath('freezes', 'preview'), { freeze });
}
