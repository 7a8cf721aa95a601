import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type {
  Connection,
  ConnectionChange,
  ConnectionHook,
  ConnectionKind,
  ConnectionTest,
  NewConnection,
  Page,
  RegisteredHook,
} from '#lib/api/contract.ts';

export async function listKinds(api: ApiClient): Promise<readonly ConnectionKind[]> {
  return (await api.get<Page<ConnectionKind>>(apiPath('connection-kinds'))).items;
}

export async function listConnections(api: ApiClient): Promise<readonly Connection[]> {
  return (await api.get<Page<Connection>>(apiPath('connections'))).items;
}

/** Tested first; `force`: saved although it does not work. */
export function createConnection(api: ApiClient, order: NewConnection, force: boolean): Promise<Connection> {
  return api.post(`${apiPath('connections')}${forced(force)}`, order);
}

export function changeConnection(
  api: ApiClient,
  id: string,
  change: ConnectionChange,
  force: boolean,
): Promise<Connection> {
  return api.put(`${apiPath('connections', id)}${forced(force)}`, change);
}

export function removeConnection(api: ApiClient, id: string): Promise<void> {
  return api.delete(apiPath('connections', id));
}

export function tryConnection(api: ApiClient, order: NewConnection): Promise<ConnectionTest> {
  return api.post(apiPath('connections', 'test'), order);
}

export function testConnection(api: ApiClient, id: string): Promise<ConnectionTest> {
  return api.post(apiPath('connections', id, 'test'), {});
}

export async function listHooks(api: ApiClient, id: string): Promise<readonly ConnectionHook[]> {
  return (await api.get<Page<ConnectionHook>>(apiPath('connections', id, 'hooks'))).items;
}

export function registerHook(
  api: ApiClient,
  id: string,
  order: { readonly repository: string; readonly byHand: boolean },
): Promise<RegisteredHook> {
  return api.post(apiPath('connections', id, 'hooks'), order);
}

export function rotateHook(api: ApiClient, id: string, hook: string): Promise<RegisteredHook> {
  return api.post(apiPath('connections', id, 'hooks', hook, 'rotate'), {});
}

export function removeHook(api: ApiClient, id: string, hook: string): Promise<void> {
  return api.delete(apiPath('connections', id, 'hooks', hook));
}

function forced(force: boolean): string {
  return force ? '?force=true' : '';
}
