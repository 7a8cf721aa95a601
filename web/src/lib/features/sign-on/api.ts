import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { SaveSignOn, SignOn, SignOnDomain, SignOnTest } from '#lib/api/contract.ts';

const path = (...parts: readonly string[]): string => apiPath('tenant', 'sign-on', ...parts);

export function getSignOn(api: ApiClient): Promise<SignOn> {
  return api.get(path());
}

export function saveSignOn(api: ApiClient, order: SaveSignOn): Promise<SignOn> {
  return api.put(path(), order);
}

export function removeSignOn(api: ApiClient): Promise<void> {
  return api.delete(path());
}

export function testSignOn(api: ApiClient): Promise<SignOnTest> {
  return api.post(path('test'), {});
}

export function addDomain(api: ApiClient, domain: string): Promise<SignOnDomain> {
  return api.post(path('domains'), { domain });
}

export function checkDomain(api: ApiClient, domain: string): Promise<SignOnDomain> {
  return api.post(path('domains', domain, 'check'), {});
}

export function removeDomain(api: ApiClient, domain: string): Promise<void> {
  return api.delete(path('domains', domain));
}

/** Where the browser goes on. */
export async function startSignOn(api: ApiClient, email: string, returnTo: string): Promise<string> {
  return (await api.post<{ readonly url: string }>(apiPath('sign-on', 'start'), { email, returnTo })).url;
}
