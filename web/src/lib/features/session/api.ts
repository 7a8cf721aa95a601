import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { Me } from '#lib/api/contract.ts';

export function getMe(api: ApiClient): Promise<Me> {
  return api.get<Me>(apiPath('me'));
}

export async function signIn(
  api: ApiClient,
  credentials: { readonly email: string; readonly password: string },
): Promise<void> {
  await api.post('/api/auth/sign-in/email', credentials);
}

export async function signOut(api: ApiClient): Promise<void> {
  await api.post('/api/auth/sign-out', {});
}
