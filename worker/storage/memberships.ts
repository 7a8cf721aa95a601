import { and, asc, eq, or, sql } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { invitation, member, memberGrant, organization, session, user } from './schema/index.ts';

/** The library keeps several roles of one member as a list in one text. */
const isOwner = sql`(',' || ${member.role} || ',') LIKE '%,owner,%'`;

/** Who belongs to which tenant, and as what. A tenant always has an owner: what would take the last one away changes nothing. */
export function membershipQueries(db: Database) {
  const memberships = { id: organization.id, name: organization.name, slug: organization.slug, role: member.role };
  const people = {
    id: user.id,
    name: user.name,
    email: user.email,
    role: member.role,
    joinedAt: member.createdAt,
    hasSecondFactor: user.twoFactorEnabled,
  };
  const isMember = (tenant: TenantId, person: string) =>
    and(eq(member.organizationId, tenant), eq(member.userId, person));
  const isNotLastOwner = (tenant: TenantId) =>
    or(
      sql`NOT ${isOwner}`,
      sql`(SELECT count(*) FROM member AS other WHERE other.organization_id = ${tenant} AND (',' || other.role || ',') LIKE '%,owner,%') > 1`,
    );
  const withdrawInvitations = (tenant: TenantId, inviter: string) =>
    db
      .update(invitation)
      .set({ status: 'canceled' })
      .where(
        and(
          eq(invitation.organizationId, tenant),
          eq(invitation.inviterId, inviter),
          eq(invitation.status, 'pending'),
        ),
      );

  return {
    of(tenant: TenantId) {
      return db
        .select(people)
        .from(member)
        .innerJoin(user, eq(user.id, member.userId))
        .where(eq(member.organizationId, tenant))
        .orderBy(asc(user.name), asc(user.id))
        .all();
    },

    find(tenant: TenantId, person: string) {
      return db
        .select(people)
        .from(member)
        .innerJoin(user, eq(user.id, member.userId))
        .where(isMember(tenant, person))
        .get();
    },

    async isMemberByEmail(tenant: TenantId, email: string): Promise<boolean> {
      const row = await db
        .select({ id: user.id })
        .from(user)
        .innerJoin(member, eq(member.userId, user.id))
        .where(and(eq(member.organizationId, tenant), eq(user.email, email)))
        .get();
      return row !== undefined;
    },

    person(id: string) {
      return db.select({ id: user.id, name: user.name }).from(user).where(eq(user.id, id)).get();
    },

    personByEmail(email: string) {
      return db.select({ id: user.id, name: user.name }).from(user).where(eq(user.email, email)).get();
    },

    tenantsOf(person: string) {
      return db
        .select(memberships)
        .from(member)
        .innerJoin(organization, eq(organization.id, member.organizationId))
        .where(eq(member.userId, person))
        .orderBy(asc(organization.name), asc(organization.id))
        .all();
    },

    /** What the person could give before, they may not be able to give now: what they have sent out is withdrawn. False: the last owner. */
    async setRole(tenant: TenantId, person: string, role: string): Promise<boolean> {
      const mayChange = role === 'owner' ? undefined : isNotLastOwner(tenant);
      const [changed] = await db.batch([
        db
          .update(member)
          .set({ role })
          .where(and(isMember(tenant, person), mayChange))
          .returning({ id: member.id }),
        withdrawInvitations(tenant, person),
      ]);
      return changed.length > 0;
    },

    /** With all that hung on it. False: the last owner. */
    async remove(tenant: TenantId, person: string): Promise<boolean> {
      const isGone = sql`NOT EXISTS (SELECT 1 FROM member WHERE organization_id = ${tenant} AND user_id = ${person})`;
      const [removed] = await db.batch([
        db
          .delete(member)
          .where(and(isMember(tenant, person), isNotLastOwner(tenant)))
          .returning({ id: member.id }),
        db.delete(memberGrant).where(and(eq(memberGrant.tenantId, tenant), eq(memberGrant.userId, person), isGone)),
        withdrawInvitations(tenant, person),
      ]);
      return removed.length > 0;
    },

    /** False: the slug is taken. */
    async createTenant(of: {
      readonly id: TenantId;
      readonly name: string;
      readonly slug: string;
      readonly memberId: string;
      readonly owner: string;
      readonly at: number;
    }): Promise<boolean> {
      const createdAt = new Date(of.at);
      const { id, name, slug } = of;
      const isTaken = async () =>
        (await db.select({ id: organization.id }).from(organization).where(eq(organization.slug, slug)).get()) !==
        undefined;
      if (await isTaken()) return false;
      try {
        await db.batch([
          db.insert(organization).values({ id, name, slug, createdAt }),
          db
            .insert(member)
            .values({ id: of.memberId, organizationId: id, userId: of.owner, role: 'owner', createdAt }),
        ]);
      } catch (error) {
        // Taken between the two.
        if (await isTaken()) return false;
        throw error;
      }
      return true;
    },

    /** Which tenant the session is for. */
    async activate(sessionId: string, tenant: TenantId): Promise<void> {
      await db.update(session).set({ activeOrganizationId: tenant }).where(eq(session.id, sessionId));
    },
  };
}
