import { createMiddleware } from 'hono/factory';
import type { AuditDraft } from '../../audit/entry.ts';
import { currentSession } from '../../auth/session.ts';
import type { PersonContext } from '../../services/context.ts';
import { DomainError } from '../../services/domain-error.ts';
import type { ApiContext, ApiEnv, ApiParts } from '../context.ts';
import { refuseForeignOrigin } from './own-origin.ts';
import { routeOf } from './route.ts';

/** For the few routes that are about a person rather than about a tenant: somebody who is signed in, and no program. */
export function asPerson(parts: ApiParts) {
  const { identityFor, ports } = parts;
  return createMiddleware<ApiEnv>(async (c, next) => {
    if (c.req.header('authorization') !== undefined) {
      throw new DomainError('forbidden', 'Only a person who is signed in may do this.');
    }
    refuseForeignOrigin(c);
    const identity = await identityFor(new URL(c.req.url).origin);
    const session = await currentSession(identity, c.req.raw.headers, ports.clock.now());
    if (session === undefined) throw new DomainError('unauthenticated', 'Sign in first.');
    const { activeTenant, signOn } = session;
    const { id, email, name } = session.person;
    c.set('person', {
      person: { id, email, sessionId: session.id, activeTenant, signOn },
      ports,
      record: recorder(c, parts, { type: 'person', id, name }),
    });
    await next();
  });
}

/** Which tenant's log it belongs to is known only when it has been done. */
export function recorder(
  c: ApiContext,
  { ports, log }: ApiParts,
  actor: AuditDraft['actor'],
): PersonContext['record'] {
  return async (tenant, what) => {
    const draft: AuditDraft = {
      id: ports.newId(16),
      at: new Date(ports.clock.now()).toISOString(),
      actor,
      from: { ip: c.req.header('cf-connecting-ip') ?? '', userAgent: c.req.header('user-agent') ?? '' },
      route: routeOf(c) ?? '',
      outcome: 'allowed',
      status: 200,
      requestId: c.get('requestId'),
      ...what,
    };
    try {
      await ports.tenants(tenant).recordAudit(tenant, [draft]);
    } catch (error) {
      log.error('audit entry lost', { tenant, requestId: draft.requestId, route: draft.route }, error);
    }
  };
}
