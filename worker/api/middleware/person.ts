import { createMiddleware } from 'hono/factory';
import { DomainError } from '../../services/domain-error.ts';
import type { ApiEnv, ApiParts } from '../context.ts';
import { refuseForeignOrigin } from './own-origin.ts';

/** For the few routes that are about a person rather than about a tenant: somebody who is signed in, and no program. */
export function asPerson({ identityFor, ports }: ApiParts) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    if (c.req.header('authorization') !== undefined) {
      throw new DomainError('forbidden', 'Only a person who is signed in may do this.');
    }
    refuseForeignOrigin(c);
    const identity = await identityFor(new URL(c.req.url).origin);
    const session = await identity.api.getSession({ headers: c.req.raw.headers });
    if (session === null) throw new DomainError('unauthenticated', 'Sign in first.');
    const { id, email } = session.user;
    const activeTenant = session.session.activeOrganizationId ?? undefined;
    c.set('person', { person: { id, email, sessionId: session.session.id, activeTenant }, ports });
    await next();
  });
}
