import type { Identity } from './identity.ts';

export interface Session {
  readonly id: string;
  readonly person: { readonly id: string; readonly name: string; readonly email: string };
  /** The tenant that it is for now. */
  readonly activeTenant: string | undefined;
  /** Whose identity provider has vouched for it. It is for this tenant and no other, whatever else the person may reach. */
  readonly signOn: { readonly tenant: string; readonly connection: string } | undefined;
}

/** A provider is asked anew after this long: who was let go there must not stay here. */
const SIGN_ON_MS = 12 * 60 * 60_000;

/** Who is signed in with the cookie of this request. */
export async function currentSession(
  identity: Identity,
  headers: Headers,
  now: number,
): Promise<Session | undefined> {
  const found = await identity.api.getSession({ headers });
  if (found === null) return undefined;
  const { session, user } = found;
  const { signOnTenant: tenant, signOnConnection: connection } = session;
  const isOfSignOn = typeof tenant === 'string';
  if (isOfSignOn && session.createdAt.getTime() + SIGN_ON_MS <= now) return undefined;
  const { id, name, email } = user;
  return {
    id: session.id,
    person: { id, name, email },
    activeTenant: isOfSignOn ? tenant : (session.activeOrganizationId ?? undefined),
    signOn: isOfSignOn ? { tenant, connection: connection ?? '' } : undefined,
  };
}
