import type {
  CreatedInvitation,
  CreateInvitation,
  Invitation,
  InvitationView,
} from '../../../contract/invitations.ts';
import type { TenantId } from '../../engine/ids.ts';
import { invitationLetter } from '../../mail/letters.ts';
import type { PersonContext, ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { assertNotConfined } from '../sign-on/entry.ts';
import { endTokensOfSignOn } from '../sign-on/raised.ts';
import { refuseAboveQuota } from '../quotas.ts';
import { assertWithinOwn, roleOf } from './ceiling.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Whoever has the id has the link: as hard to guess as a token. */
const ID_LENGTH = 32;
const PENDING_MAX = 100;

type Row = Awaited<ReturnType<ServiceContext['ports']['invitations']['of']>>[number];

export async function listInvitations({ tenant, ports }: ServiceContext, origin: string): Promise<Invitation[]> {
  const now = ports.clock.now();
  return (await ports.invitations.of(tenant.id)).map((row) => invitationView(row, origin, now));
}

export async function invite(
  ctx: ServiceContext,
  order: CreateInvitation,
  origin: string,
): Promise<CreatedInvitation> {
  const { tenant, actor, ports } = ctx;
  if (actor.kind !== 'person') {
    throw new DomainError('forbidden', 'An invitation comes from a person; sign in to send one.');
  }
  assertWithinOwn(ctx, order.role);
  const email = order.email.toLowerCase();
  if (await ports.memberships.isMemberByEmail(tenant.id, email)) {
    throw new DomainError('member_exists', `${email} is a member already.`);
  }
  const pending = await ports.invitations.of(tenant.id);
  if (pending.filter((one) => one.email !== email).length >= PENDING_MAX) {
    throw new DomainError('invitations_limit', 'Too many invitations wait for an answer. Withdraw some first.');
  }
  const at = ports.clock.now();
  // One for the same address takes the place of an earlier one.
  const takesPlace = pending.some((one) => one.email === email && one.expiresAt.getTime() > at);
  if (!takesPlace) await refuseAboveQuota(ctx, 'members');
  const { role } = order;
  const row = { id: ports.newId(ID_LENGTH), email, role, at, expiresAt: at + order.expiresInDays * DAY_MS };
  await ports.invitations.put(tenant.id, { ...row, inviterId: actor.id });
  // Its id is a secret: whoever has it has the link.
  ctx.note?.({ object: { type: 'invitation', id: email }, after: { role } });
  const made = invitationView(
    { ...row, createdBy: actor.name, createdAt: new Date(at), expiresAt: new Date(row.expiresAt) },
    origin,
    at,
  );
  return { ...made, isMailed: await isMailed(ctx, made) };
}

export async function withdrawInvitation({ tenant, ports }: ServiceContext, id: string): Promise<void> {
  if (!(await ports.invitations.withdraw(tenant.id, id))) throw invitationNotFound();
}

/** For whoever has the link and is signed in, whatever tenant they are a member of. */
export async function viewInvitation({ person, ports }: PersonContext, id: string): Promise<InvitationView> {
  assertNotConfined(person);
  const { tenant, email, role, createdBy, expiresAt } = await openInvitation(ports, id);
  return { id, tenant, email, role: roleOf(role), createdBy, expiresAt: expiresAt.toISOString() };
}

/** Makes the person a member, and their session one of that tenant. */
export async function acceptInvitation(ctx: PersonContext, id: string): Promise<{ readonly tenant: string }> {
  const { person, ports } = ctx;
  assertNotConfined(person);
  const found = await openInvitation(ports, id);
  if (found.email !== person.email.toLowerCase()) {
    throw new DomainError('invitation_not_yours', 'This invitation is for another address. Sign in with that one.');
  }
  const tenant = found.tenantId as TenantId;
  const order = { id, person: person.id, memberId: ports.newId(26), at: ports.clock.now() };
  if (!(await ports.invitations.accept(tenant, order))) throw invitationNotFound();
  if (roleOf(found.role) === 'owner') await endTokensOfSignOn(ports, tenant, person.id);
  await ports.memberships.activate(person.sessionId, tenant);
  const after = { role: roleOf(found.role), invitedBy: found.createdBy };
  await ctx.record(tenant, { verb: 'member:write', object: { type: 'member', id: person.id }, after });
  return { tenant };
}

async function openInvitation(ports: PersonContext['ports'], id: string) {
  const found = await ports.invitations.byId(id);
  if (found === undefined) throw invitationNotFound();
  if (found.expiresAt.getTime() <= ports.clock.now()) {
    throw new DomainError('invitation_expired', 'This invitation has expired. Ask for a new one.');
  }
  return found;
}

/** The invitation stands whether or not it could be sent: the link can be handed over by hand. */
async function isMailed({ ports, tenant }: ServiceContext, made: Invitation): Promise<boolean> {
  const { email: to, role, link, expiresAt, createdBy: by } = made;
  const letter = invitationLetter({ to, by, tenant: tenant.name, role, link, expiresAt });
  return (await ports.mail?.send(letter)) ?? false;
}

function invitationView(row: Row, origin: string, now: number): Invitation {
  const { id, email, role, createdAt, createdBy, expiresAt } = row;
  return {
    id,
    email,
    role: roleOf(role),
    createdAt: createdAt.toISOString(),
    createdBy,
    expiresAt: expiresAt.toISOString(),
    isExpired: expiresAt.getTime() <= now,
    link: `${origin}/invitations/${id}`,
  };
}

function invitationNotFound(): DomainError {
  return new DomainError('invitation_not_found', 'There is no such invitation, or somebody has answered it.');
}
