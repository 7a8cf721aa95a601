import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { AuthMethods, InvitationView, Me, Membership, Page } from '#lib/api/contract.ts';

export function getMe(api: ApiClient): Promise<Me> {
  return api.get<Me>(apiPath('me'));
}

export function getAuthMethods(api: ApiClient): Promise<AuthMethods> {
  return api.get<AuthMethods>(apiPath('auth-methods'));
}

/** Whether a second factor is asked for now. */
export async function signIn(
  api: ApiClient,
  credentials: { readonly email: string; readonly password: string },
): Promise<boolean> {
  const answer = await api.post<{ readonly twoFactorRedirect?: boolean }>('/api/auth/sign-in/email', credentials);
  return answer.twoFactorRedirect === true;
}

export async function secondFactor(api: ApiClient, kind: 'totp' | 'backup-code', code: string): Promise<void> {
  await api.post(`/api/auth/two-factor/verify-${kind}`, { code });
}

export async function signOut(api: ApiClient): Promise<void> {
  await api.post('/api/auth/sign-out', {});
}

/** Whether the new account is signed in; otherwise its address must be confirmed first. */
export async function signUp(
  api: ApiClient,
  account: { readonly name: string; readonly email: string; readonly password: string; readonly invitation?: string },
): Promise<boolean> {
  const answer = await api.post<{ readonly token: string | null }>('/api/auth/sign-up/email', account);
  return answer.token !== null;
}

/** The page of the other service where one goes on. */
export async function startSocial(api: ApiClient, provider: 'github' | 'google', back: string): Promise<string> {
  const order = { provider, callbackURL: back, errorCallbackURL: '/sign-in' };
  return (await api.post<{ readonly url: string }>('/api/auth/sign-in/social', order)).url;
}

export async function askForReset(api: ApiClient, email: string): Promise<void> {
  await api.post('/api/auth/request-password-reset', { email });
}

export async function resetPassword(api: ApiClient, token: string, newPassword: string): Promise<void> {
  await api.post('/api/auth/reset-password', { token, newPassword });
}

export async function verifyEmail(api: ApiClient, token: string): Promise<void> {
  await api.get(`/api/auth/verify-email?token=${encodeURIComponent(token)}`);
}

export async function listTenants(api: ApiClient): Promise<readonly Membership[]> {
  return (await api.get<Page<Membership>>(apiPath('tenants'))).items;
}

export function createTenant(
  api: ApiClient,
  tenant: { readonly name: string; readonly slug: string },
): Promise<Membership> {
  return api.post(apiPath('tenants'), tenant);
}

export function switchTenant(api: ApiClient, id: string): Promise<Membership> {
  return api.post(apiPath('tenants', id, 'switch'), {});
}

export function getInvitation(api: ApiClient, id: string): Promise<InvitationView> {
  return api.get(apiPath('invitations', id));
}

export async function acceptInvitation(api: ApiClient, id: string): Promise<void> {
  await api.post(apiPath('invitations', id, 'accept'), {});
}
