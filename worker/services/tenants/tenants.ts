import type { CreateTenant, Membership } from '../../../contract/tenants.ts';
import type { TenantId } from '../../engine/ids.ts';
import type { PersonContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { roleOf } from '../members/ceiling.ts';
import { disconnect } from '../members/disconnect.ts';
import { lastOwner } from '../members/members.ts';
import { assertNotConfined } from '../sign-on/entry.ts';

const ID_LENGTH = 26;

export async function listTenants({ person, ports }: PersonContext): Promise<Membership[]> {
  const rows = await ports.memberships.tenantsOf(person.id);
  const open = rows.filter(({ id }) => person.signOn === undefined || person.signOn.tenant === id);
  return open.map((row) => ({ ...row, role: roleOf(row.role), isActive: row.id === person.activeTenant }));
}

/** The maker is its owner, and their session goes on in it. */
export async function createTenant(ctx: PersonContext, { name, slug }: CreateTenant): Promise<Membership> {
  const { person, ports } = ctx;
  assertNotConfined(person);
  const id = ports.newId(ID_LENGTH) as TenantId;
  const memberId = ports.newId(ID_LENGTH);
  const of = { id, name, slug, memberId, owner: person.id, at: ports.clock.now() };
  if (!(await ports.memberships.createTenant(of))) {
    throw new DomainError('slug_taken', `There is a tenant "${slug}" already. Choose another short name.`);
  }
  await ports.memberships.activate(person.sessionId, id);
  await ctx.record(id, { verb: 'tenant:write', object: { type: 'tenant', id }, after: { name, slug } });
  return { id, name, slug, role: 'owner', isActive: true };
}

export async function switchTenant(ctx: PersonContext, id: string): Promise<Membership> {
  assertNotConfined(ctx.person, id);
  const found = await findMembership(ctx, id);
  await ctx.ports.memberships.activate(ctx.person.sessionId, id as TenantId);
  return { ...found, isActive: true };
}

export async function leaveTenant(ctx: PersonContext, id: string): Promise<void> {
  const { person, ports } = ctx;
  assertNotConfined(person, id);
  const tenant = id as TenantId;
  const { role } = await findMembership(ctx, id);
  if (!(await ports.memberships.remove(tenant, person.id))) throw lastOwner();
  await disconnect(ports, tenant, person.id);
  await ctx.record(tenant, { verb: 'member:write', object: { type: 'member', id: person.id }, before: { role } });
}

/** Somebody else's tenant is not there. */
async function findMembership(ctx: PersonContext, id: string): Promise<Membership> {
  const found = (await listTenants(ctx)).find((one) => one.id === id);
  if (found === undefined) throw new DomainError('tenant_not_found', `You are not a member of a tenant "${id}".`);
  return found;
}
