import type { OpenIdClaims } from '../../auth/open-id.ts';
import type { TenantId } from '../../engine/ids.ts';
import type { ConnectionInfo } from '../../storage/sign-on.ts';
import type { Ports } from '../context.ts';
import { roleOf } from '../members/ceiling.ts';
import { hasRoom } from '../quotas.ts';
import { assertOpen } from '../tenants/life.ts';
import { domainOf } from './domain-of.ts';
import { isStillPublished } from './domains.ts';
import { GOOGLE } from './public-mail.ts';
import { SignOnRefused } from './refused.ts';

export interface Admitted {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** What it took: nothing, an identity for a member, a new account, or coming back by invitation. */
  readonly how: 'known' | 'linked' | 'new' | 'returned';
}

type AdmitPorts = Pick<Ports, 'signOn' | 'invitations' | 'clock' | 'newId' | 'texts' | 'life' | 'usage' | 'limits'>;

const ID_LENGTH = 26;

/**
 * Who that is, out of what a provider says that a tenant has chosen and may have told to say anything. It is believed about
 * nobody but people of that tenant with an address in a domain that the tenant has proven.
 */
export async function admit(
  ports: AdmitPorts,
  tenant: TenantId,
  connection: ConnectionInfo,
  claims: OpenIdClaims,
): Promise<Admitted> {
  const of = { connectionId: connection.id, issuer: connection.issuer, subject: claims.subject };
  const known = await ports.signOn.bySubject(tenant, of);
  if (known !== undefined) return returning(ports, tenant, known);

  const email = (await vouchedFor(ports, tenant, connection, claims)).toLowerCase();
  const somebody = await ports.signOn.byEmail(tenant, connection.id, email);
  const at = ports.clock.now();
  if (somebody === undefined) {
    await assertOpen(ports, tenant);
    if (!(await hasRoom({ tenant: { id: tenant }, ports }, 'members'))) {
      throw new SignOnRefused('sign_on_full', email);
    }
    const person = { id: ports.newId(ID_LENGTH), email, name: nameOf(claims, email) };
    const membership = { id: ports.newId(ID_LENGTH), role: connection.defaultRole };
    await ports.signOn.provision(tenant, of, person, membership, at);
    return { ...person, how: 'new' };
  }
  // An account that is not a member's is not this tenant's to speak for, whatever its address.
  if (somebody.role === null) throw new SignOnRefused('sign_on_account_exists', email);
  if (roleOf(somebody.role) === 'owner') throw new SignOnRefused('sign_on_owner', email);
  // An address that was given to somebody else since: the former subject keeps the account.
  if (somebody.subject !== null) throw new SignOnRefused('sign_on_other_identity', email);
  await ports.signOn.link(tenant, of, somebody.id, at);
  return { ...somebody, how: 'linked' };
}

type Known = NonNullable<Awaited<ReturnType<Ports['signOn']['bySubject']>>>;

async function returning(ports: AdmitPorts, tenant: TenantId, known: Known): Promise<Admitted> {
  const { email, role } = known;
  const domain = domainOf(email);
  const owner = domain === undefined ? undefined : await ports.signOn.ownerOf(domain);
  if (owner?.tenantId !== tenant) throw new SignOnRefused('sign_on_email', email);
  if (role === null) {
    if (await comesByInvitation(ports, tenant, known)) return { ...known, how: 'returned' };
    throw new SignOnRefused('sign_on_removed', email);
  }
  // Whoever controls the provider must not become more than whoever may set it up.
  if (roleOf(role) === 'owner') throw new SignOnRefused('sign_on_owner', email);
  return { ...known, how: 'known' };
}

/** Somebody who was removed comes back when the tenant has invited them again. */
async function comesByInvitation({ invitations, newId, clock }: AdmitPorts, tenant: TenantId, known: Known) {
  const open = (await invitations.of(tenant)).find(
    ({ email, role }) => email === known.email && roleOf(role) !== 'owner',
  );
  if (open === undefined) return false;
  return invitations.accept(tenant, {
    id: open.id,
    person: known.id,
    memberId: newId(ID_LENGTH),
    at: clock.now(),
  });
}

/** The address that the provider may speak for: in a domain that is the tenant's, and proven so at this moment. */
async function vouchedFor(
  ports: AdmitPorts,
  tenant: TenantId,
  { issuer }: ConnectionInfo,
  { email, isEmailVerified, hostedDomain }: OpenIdClaims,
): Promise<string> {
  const domain = email === undefined ? undefined : domainOf(email);
  const isGuest = issuer === GOOGLE && hostedDomain?.toLowerCase() !== domain;
  if (email === undefined || domain === undefined || isEmailVerified === false || isGuest) {
    throw new SignOnRefused('sign_on_email', email);
  }
  if (!(await isStillPublished(ports, tenant, domain))) throw new SignOnRefused('sign_on_email', email);
  return email.trim();
}

function nameOf({ name }: OpenIdClaims, email: string): string {
  const given = name?.trim().slice(0, 100) ?? '';
  return given === '' ? (email.split('@')[0] ?? email) : given;
}
