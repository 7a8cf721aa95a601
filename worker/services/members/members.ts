import type { Member, MemberRole } from '../../../contract/members.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { endTokensOfSignOn } from '../sign-on/raised.ts';
import { assertWithinOwn, roleOf } from './ceiling.ts';
import { disconnect } from './disconnect.ts';

type Row = Awaited<ReturnType<ServiceContext['ports']['memberships']['of']>>[number];

export async function listMembers({ tenant, ports }: ServiceContext): Promise<Member[]> {
  return (await ports.memberships.of(tenant.id)).map(memberView);
}

export async function changeMember(ctx: ServiceContext, id: string, role: MemberRole): Promise<Member> {
  const row = await findMember(ctx, id);
  assertWithinOwn(ctx, roleOf(row.role));
  assertWithinOwn(ctx, role);
  if (!(await ctx.ports.memberships.setRole(ctx.tenant.id, id, role))) throw lastOwner();
  if (role === 'owner') await endTokensOfSignOn(ctx.ports, ctx.tenant.id, id);
  ctx.note?.({ before: { role: roleOf(row.role) }, after: { role } });
  await disconnect(ctx.ports, ctx.tenant.id, id);
  return memberView({ ...row, role });
}

export async function removeMember(ctx: ServiceContext, id: string): Promise<void> {
  const row = await findMember(ctx, id);
  assertWithinOwn(ctx, roleOf(row.role));
  if (!(await ctx.ports.memberships.remove(ctx.tenant.id, id))) throw lastOwner();
  ctx.note?.({ before: { role: roleOf(row.role) } });
  await disconnect(ctx.ports, ctx.tenant.id, id);
}

export async function findMember({ tenant, ports }: ServiceContext, id: string): Promise<Row> {
  const row = await ports.memberships.find(tenant.id, id);
  if (row === undefined) throw new DomainError('member_not_found', `There is no member "${id}".`);
  return row;
}

export function lastOwner(): DomainError {
  return new DomainError('last_owner', 'A tenant keeps an owner: make somebody else one first.');
}

function memberView({ id, name, email, role, joinedAt, hasSecondFactor }: Row): Member {
  return {
    id,
    name,
    email,
    role: roleOf(role),
    joinedAt: joinedAt.toISOString(),
    hasSecondFactor: hasSecondFactor ?? false,
  };
}
