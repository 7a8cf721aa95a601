import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { CreatedToken, NewToken, Page, Token } from '#lib/api/contract.ts';

export async function listTokens(api: ApiClient): Promise<readonly Token[]> {
  return (await api.get<Page<Token>>(apiPath('tokens'))).items;
}

export function createToken(api: ApiClient, token: NewToken): Promise<CreatedToken> {
  return api.post(apiPath('tokens'), token);
}

export function rotateToken(api: ApiClient, id: string, overlapHours: number): Promise<CreatedToken> {
  return api.post(apiPath('tokens', id, 'rotate'), { overlapHours });
}

export function revokeToken(api: ApiClient, id: string): Promise<void> {
  return api.delete(apiPath('tokens', id));
}
