import type { ApiClient } from '#lib/api/client.ts';

/** In the auth library's own words. */
export interface Account {
  readonly session: {
    readonly token: string;
    /** Whose identity provider has vouched for it; such a session changes nothing about the account. */
    readonly signOnTenant?: string | null;
  };
  readonly user: { readonly name: string; readonly email: string; readonly twoFactorEnabled?: boolean | null };
}

export interface SessionRow {
  readonly id: string;
  readonly token: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly ipAddress?: string | null;
  readonly userAgent?: string | null;
}

export interface Passkey {
  readonly id: string;
  readonly name?: string | null;
  readonly createdAt?: string | null;
}

export interface Enrolment {
  readonly totpURI: string;
  readonly backupCodes: readonly string[];
}

const ROOT = '/api/auth';

export function getAccount(api: ApiClient): Promise<Account> {
  return api.get(`${ROOT}/get-session`);
}

export function listSessions(api: ApiClient): Promise<readonly SessionRow[]> {
  return api.get(`${ROOT}/list-sessions`);
}

export async function endSession(api: ApiClient, token: string): Promise<void> {
  await api.post(`${ROOT}/revoke-session`, { token });
}

export async function endOtherSessions(api: ApiClient): Promise<void> {
  await api.post(`${ROOT}/revoke-other-sessions`, {});
}

/** An account without a password, from GitHub or Google, leaves it empty. */
export function enrol(api: ApiClient, password: string): Promise<Enrolment> {
  return api.post(`${ROOT}/two-factor/enable`, withPassword(password));
}

export async function confirmEnrolment(api: ApiClient, code: string): Promise<void> {
  await api.post(`${ROOT}/two-factor/verify-totp`, { code });
}

export async function disable(api: ApiClient, password: string): Promise<void> {
  await api.post(`${ROOT}/two-factor/disable`, withPassword(password));
}

export async function newBackupCodes(api: ApiClient, password: string): Promise<readonly string[]> {
  const answer = await api.post<{ readonly backupCodes: readonly string[] }>(
    `${ROOT}/two-factor/generate-backup-codes`,
    withPassword(password),
  );
  return answer.backupCodes;
}

export function listPasskeys(api: ApiClient): Promise<readonly Passkey[]> {
  return api.get(`${ROOT}/passkey/list-user-passkeys`);
}

export async function removePasskey(api: ApiClient, id: string): Promise<void> {
  await api.post(`${ROOT}/passkey/delete-passkey`, { id });
}

function withPassword(password: string): { readonly password?: string } {
  return password === '' ? {} : { password };
}
