import { API_ROOT, apiPath, type ApiClient } from '#lib/api/client.ts';
import type { Tenant, Usage } from '#lib/api/contract.ts';

/** The browser saves it by itself, however large it is. */
export const exportHref = `${API_ROOT}/tenant/export`;

export function getTenant(api: ApiClient): Promise<Tenant> {
  return api.get(apiPath('tenant'));
}

export function getUsage(api: ApiClient): Promise<Usage> {
  return api.get(apiPath('usage'));
}

export function renameTenant(api: ApiClient, name: string): Promise<Tenant> {
  return api.put(apiPath('tenant'), { name });
}

export async function closeTenant(api: ApiClient, slug: string): Promise<Tenant> {
  await api.delete(apiPath('tenant'), { slug });
  return getTenant(api);
}

export function restoreTenant(api: ApiClient): Promise<Tenant> {
  return api.post(apiPath('tenant', 'restore'), {});
}
