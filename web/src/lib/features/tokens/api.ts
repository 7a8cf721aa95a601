import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { Page, Token } from '#lib/api/contract.ts';

export type TokenKind = Token['kind'];
export type CreatedToken = Token & { readonly token: string };

export async function listTokens(api: ApiClient): Promise<readonly Token[]> {
  return (await api.get<Page<Token>>(apiPath('tokens'))).items;
}

export function createToken(
  api: ApiClient,
  token: { readonly name: string; readonly kind: TokenKind },
): Promise<CreatedToken> {
  return api.post(apiPath('tokens'), token);
}

export function revokeToken(api: ApiClient, id: string): Promise<void> {
  return api.delete(apiPath('tokens', id));
}
