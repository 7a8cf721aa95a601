import type { AuditDraft } from '../../audit/entry.ts';
import type { AccountEvent } from '../../auth/watch.ts';
import type { TenantId } from '../../engine/ids.ts';
import type { Ports } from '../context.ts';
import { disconnect } from './disconnect.ts';

const ENDINGS = ['session:end', 'session:revoke'];

/**
 * An account belongs to no tenant, and opens all those that its person is a member of: each of them is told. Of a session that is for
 * one tenant alone, that one. When a session ends, so does what was watched with it; the person's other sessions come back by themselves.
 */
export async function recordAccountEvent(ports: Ports, event: AccountEvent): Promise<void> {
  const { who, onlyTenant } = event;
  const person = await ('id' in who ? ports.memberships.person(who.id) : ports.memberships.personByEmail(who.email));
  // Somebody who is no one here: there is nobody to tell.
  if (person === undefined) return;
  const tenants = await ports.memberships.tenantsOf(person.id);
  const concerned = tenants.filter(({ id }) => onlyTenant === undefined || id === onlyTenant);
  const results = await Promise.allSettled(
    concerned.flatMap(({ id }) => {
      const tenant = id as TenantId;
      const recorded = ports.tenants(tenant).recordAudit(tenant, [draftOf(ports, event, person)]);
      return ENDINGS.includes(event.verb) ? [recorded, disconnect(ports, tenant, person.id)] : [recorded];
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

interface Person {
  readonly id: string;
  readonly name: string;
}

function draftOf(
  ports: Ports,
  { verb, isProven, session, route, from, status, about }: AccountEvent,
  person: Person,
): AuditDraft {
  return {
    id: ports.newId(16),
    at: new Date(ports.clock.now()).toISOString(),
    // Whoever types an address is not yet the person that it belongs to.
    actor: isProven
      ? { type: 'person', id: person.id, name: person.name }
      : { type: 'system', id: 'unknown', name: 'Somebody not signed in' },
    from,
    verb,
    route,
    object: { type: 'account', id: person.id, ...(session === undefined ? {} : { part: session }) },
    outcome: status < 400 ? 'allowed' : status === 401 || status === 403 ? 'denied' : 'failed',
    status,
    requestId: '',
    ...(about === undefined ? {} : { after: about }),
  };
}
