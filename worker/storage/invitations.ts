import { and, desc, eq, gt, sql } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { invitation, member, organization, user } from './schema/index.ts';

/** Invitations that nobody has answered. */
export function invitationQueries(db: Database) {
  const columns = {
    id: invitation.id,
    email: invitation.email,
    role: invitation.role,
    createdAt: invitation.createdAt,
    createdBy: user.name,
    expiresAt: invitation.expiresAt,
  };
  const pending = eq(invitation.status, 'pending');

  return {
    of(tenant: TenantId) {
      return db
        .select(columns)
        .from(invitation)
        .innerJoin(user, eq(user.id, invitation.inviterId))
        .where(and(eq(invitation.organizationId, tenant), pending))
        .orderBy(desc(invitation.createdAt))
        .all();
    },

    /** With the tenant that it leads to: whoever has the link knows no more than its id. */
    byId(id: string) {
      return db
        .select({ ...columns, tenantId: invitation.organizationId, tenant: organization.name })
        .from(invitation)
        .innerJoin(user, eq(user.id, invitation.inviterId))
        .innerJoin(organization, eq(organization.id, invitation.organizationId))
        .where(and(eq(invitation.id, id), pending))
        .get();
    },

    /** Takes the place of an earlier one for the same address. */
    async put(
      tenant: TenantId,
      of: {
        readonly id: string;
        readonly email: string;
        readonly role: string;
        readonly inviterId: string;
        readonly at: number;
        readonly expiresAt: number;
      },
    ): Promise<void> {
      const { id, email, role, inviterId } = of;
      await db.batch([
        db
          .update(invitation)
          .set({ status: 'canceled' })
          .where(and(eq(invitation.organizationId, tenant), eq(invitation.email, email), pending)),
        db.insert(invitation).values({
          id,
          organizationId: tenant,
          email,
          role,
          inviterId,
          status: 'pending',
          createdAt: new Date(of.at),
          expiresAt: new Date(of.expiresAt),
        }),
      ]);
    },

    /** False: there is none. */
    async withdraw(tenant: TenantId, id: string): Promise<boolean> {
      const changed = await db
        .update(invitation)
        .set({ status: 'canceled' })
        .where(and(eq(invitation.organizationId, tenant), eq(invitation.id, id), pending))
        .returning({ id: invitation.id });
      return changed.length > 0;
    },

    /** Makes the person a member, once. False: somebody else was first, or took it back. */
    async accept(
      tenant: TenantId,
      of: { readonly id: string; readonly person: string; readonly memberId: string; readonly at: number },
    ): Promise<boolean> {
      const isOpen = and(
        eq(invitation.organizationId, tenant),
        eq(invitation.id, of.id),
        pending,
        gt(invitation.expiresAt, new Date(of.at)),
      );
      const [, taken] = await db.batch([
        db
          .insert(member)
          .select(
            db
              .select({
                id: sql`${of.memberId}`.as('id'),
                organizationId: invitation.organizationId,
                userId: sql`${of.person}`.as('user_id'),
                role: sql`${invitation.role}`.as('role'),
                createdAt: sql`${of.at}`.as('created_at'),
              })
              .from(invitation)
              .where(isOpen),
          )
          .onConflictDoNothing(),
        db.update(invitation).set({ status: 'accepted' }).where(isOpen).returning({ id: invitation.id }),
      ]);
      return taken.length > 0;
    },

    /** Whether somebody with this address may make an account where sign-up is closed. */
    async isInvited(email: string, now: number, id?: string): Promise<boolean> {
      const row = await db
        .select({ id: invitation.id })
        .from(invitation)
        .where(
          and(
            eq(invitation.email, email),
            pending,
            gt(invitation.expiresAt, new Date(now)),
            id === undefined ? undefined : eq(invitation.id, id),
          ),
        )
        .get();
      return row !== undefined;
    },
  };
}
