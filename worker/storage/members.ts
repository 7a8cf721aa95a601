import { and, asc, eq, sql } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { member, organization, provenDomain, signOnConnection, user as person } from './schema/index.ts';

export function memberQueries(db: Database) {
  const tenants = { id: organization.id, name: organization.name, slug: organization.slug };
  return {
    /** The tenant, if the person is a member of it, and what it says of how they must come. */
    tenantOf(tenant: TenantId, user: string) {
      const { id: connection, isRequired } = signOnConnection;
      return db
        .select({ ...tenants, role: member.role, connection, isRequired, domain: provenDomain.domain })
        .from(member)
        .innerJoin(organization, eq(organization.id, member.organizationId))
        .innerJoin(person, eq(person.id, member.userId))
        .leftJoin(signOnConnection, eq(signOnConnection.tenantId, member.organizationId))
        .leftJoin(
          provenDomain,
          and(
            eq(provenDomain.tenantId, member.organizationId),
            sql`${provenDomain.domain} = substr(${person.email}, instr(${person.email}, '@') + 1)`,
          ),
        )
        .where(and(eq(member.organizationId, tenant), eq(member.userId, user)))
        .get();
    },

    /** Who that is and what they are in the tenant now; undefined for somebody who is not a member any more. */
    personOf(tenant: TenantId, user: string) {
      return db
        .select({ id: person.id, name: person.name, email: person.email, role: member.role })
        .from(member)
        .innerJoin(person, eq(person.id, member.userId))
        .where(and(eq(member.organizationId, tenant), eq(member.userId, user)))
        .get();
    },

    /** The tenant that a person joined first: where a new session begins. */
    async firstTenantOf(user: string): Promise<string | undefined> {
      const row = await db
        .select({ id: member.organizationId })
        .from(member)
        .where(eq(member.userId, user))
        .orderBy(asc(member.createdAt))
        .limit(1)
        .get();
      return row?.id;
    },
  };
}
