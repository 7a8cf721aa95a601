import type { Session } from '../../auth/session.ts';
import { DomainError } from '../domain-error.ts';

/** What decides whether somebody may enter a tenant of theirs with the session that they have. */
export interface EntryFacts {
  readonly isOwner: boolean;
  /** The tenant's own sign-on, if it has one. */
  readonly connection: string | null;
  readonly isRequired: boolean | null;
  /** Whether their address is in a domain that the tenant has proven. */
  readonly isInDomain: boolean;
}

/** A session of sign-on lasts as long as what it came by; owners have other ways in, and are never asked for this one. */
export function assertMayEnter(session: Pick<Session, 'signOn'>, facts: EntryFacts): void {
  const { isOwner, connection, isRequired, isInDomain } = facts;
  if (session.signOn === undefined) {
    if (isRequired !== true || !isInDomain || isOwner) return;
    throw new DomainError(
      'sign_on_required',
      'This tenant is open to you by sign-on only: sign in with your company.',
    );
  }
  if (isOwner) {
    throw new DomainError(
      'unauthenticated',
      'Owners sign in with a password, a passkey or another way of their own.',
    );
  }
  if (session.signOn.connection !== connection || !isInDomain) {
    throw new DomainError('unauthenticated', 'The sign-on that you came by is not set up any more. Sign in again.');
  }
}

/** What a session of sign-on is not for: whoever controls the provider would reach the person's other tenants with it. */
export function assertNotConfined({ signOn }: Pick<Session, 'signOn'>, tenant?: string): void {
  if (signOn === undefined || signOn.tenant === tenant) return;
  const detail =
    'You came in by your company’s sign-on, which is for that tenant alone. Sign out, and in again another way.';
  throw new DomainError('sign_on_confined', detail);
}
