import { and, asc, eq, gt, lte, sql } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import { open, seal } from '../kernel/sealing.ts';
import type { Database } from './database.ts';
import type { DataKeys } from './data-keys.ts';
import {
  member,
  provenDomain,
  session,
  signOnAttempt,
  signOnConnection,
  signOnDomain,
  signOnIdentity,
  user,
} from './schema/index.ts';

type ConnectionRow = typeof signOnConnection.$inferSelect;
/** All about a connection but its secret. */
export type ConnectionInfo = Omit<ConnectionRow, 'tenantId' | 'dataKeyId' | 'iv' | 'sealed'>;
type Attempt = typeof signOnAttempt.$inferSelect;

/** Whom a provider means: a subject of one connection, as one issuer calls it. */
export interface Subject {
  readonly connectionId: string;
  readonly issuer: string;
  readonly subject: string;
}

/** A tenant's own sign-on: its provider, the domains it may speak for, and whom it has let in. */
export function signOnQueries(db: Database, keys: DataKeys) {
  const ofTenant = (tenant: TenantId) => eq(signOnConnection.tenantId, tenant);
  const endAll = (tenant: TenantId) =>
    [
      db.delete(signOnIdentity).where(eq(signOnIdentity.tenantId, tenant)),
      db.delete(signOnAttempt).where(eq(signOnAttempt.tenantId, tenant)),
      db.delete(session).where(eq(session.signOnTenant, tenant)),
    ] as const;
  const isSubject = (tenant: TenantId, { connectionId, issuer, subject }: Subject) =>
    and(
      eq(signOnIdentity.tenantId, tenant),
      eq(signOnIdentity.connectionId, connectionId),
      eq(signOnIdentity.issuer, issuer),
      eq(signOnIdentity.subject, subject),
    );

  return {
    async connection(tenant: TenantId): Promise<ConnectionInfo | undefined> {
      const row = await db.select().from(signOnConnection).where(ofTenant(tenant)).get();
      return row === undefined ? undefined : infoOf(row);
    },

    /** With its secret: for talking to the provider, and for nothing else. */
    async withSecret(tenant: TenantId): Promise<(ConnectionInfo & { readonly clientSecret: string }) | undefined> {
      const row = await db.select().from(signOnConnection).where(ofTenant(tenant)).get();
      if (row === undefined) return undefined;
      const key = await keys.byId(tenant, row.dataKeyId);
      const opened = await open(key, { iv: row.iv, bytes: row.sealed }, about(row));
      return { ...infoOf(row), clientSecret: new TextDecoder().decode(opened) };
    },

    /** Another id than before: whoever the former one has let in must come anew. */
    async put(tenant: TenantId, of: ConnectionInfo, clientSecret: string): Promise<void> {
      const { id: dataKeyId, key } = await keys.current(tenant);
      const row = { tenantId: tenant, ...of, dataKeyId };
      const { iv, bytes } = await seal(key, new TextEncoder().encode(clientSecret), about(row));
      const whole = { ...row, iv, sealed: bytes };
      await db.batch([
        db
          .insert(signOnConnection)
          .values(whole)
          .onConflictDoUpdate({ target: signOnConnection.tenantId, set: whole }),
        db
          .delete(signOnIdentity)
          .where(and(eq(signOnIdentity.tenantId, tenant), sql`${signOnIdentity.connectionId} <> ${of.id}`)),
        db.delete(session).where(and(eq(session.signOnTenant, tenant), sql`${session.signOnConnection} <> ${of.id}`)),
      ]);
    },

    /** False: there was none. */
    async remove(tenant: TenantId): Promise<boolean> {
      const [removed] = await db.batch([
        db.delete(signOnConnection).where(ofTenant(tenant)).returning({ id: signOnConnection.id }),
        ...endAll(tenant),
      ]);
      return removed.length > 0;
    },

    domains(tenant: TenantId) {
      return db
        .select({ domain: signOnDomain.domain, token: signOnDomain.token, provenAt: provenDomain.provenAt })
        .from(signOnDomain)
        .leftJoin(
          provenDomain,
          and(eq(provenDomain.domain, signOnDomain.domain), eq(provenDomain.tenantId, signOnDomain.tenantId)),
        )
        .where(eq(signOnDomain.tenantId, tenant))
        .orderBy(asc(signOnDomain.domain))
        .all();
    },

    /** Asked twice, the first text stands. */
    async addDomain(tenant: TenantId, domain: string, token: string, addedAt: number): Promise<void> {
      await db.insert(signOnDomain).values({ tenantId: tenant, domain, token, addedAt }).onConflictDoNothing();
    },

    /** False: there was none. */
    async removeDomain(tenant: TenantId, domain: string): Promise<boolean> {
      const [removed] = await db.batch([
        db
          .delete(signOnDomain)
          .where(and(eq(signOnDomain.tenantId, tenant), eq(signOnDomain.domain, domain)))
          .returning({ domain: signOnDomain.domain }),
        db.delete(provenDomain).where(and(eq(provenDomain.domain, domain), eq(provenDomain.tenantId, tenant))),
      ]);
      return removed.length > 0;
    },

    /** Whose the domain is, and what that tenant must publish. */
    ownerOf(domain: string) {
      return db
        .select({ tenantId: provenDomain.tenantId, token: signOnDomain.token })
        .from(provenDomain)
        .innerJoin(
          signOnDomain,
          and(eq(signOnDomain.tenantId, provenDomain.tenantId), eq(signOnDomain.domain, provenDomain.domain)),
        )
        .where(eq(provenDomain.domain, domain))
        .get();
    },

    /** False: it is another tenant's than the one it is taken from. */
    async prove(tenant: TenantId, domain: string, at: number, from: string | undefined): Promise<boolean> {
      const rows = await db
        .insert(provenDomain)
        .values({ domain, tenantId: tenant, provenAt: at })
        .onConflictDoUpdate({
          target: provenDomain.domain,
          set: { tenantId: tenant, provenAt: at },
          setWhere: sql`${provenDomain.tenantId} IN (${tenant}, ${from ?? tenant})`,
        })
        .returning({ domain: provenDomain.domain });
      return rows.length > 0;
    },

    async begin(attempt: Attempt, now: number): Promise<void> {
      await db.batch([
        db
          .delete(signOnAttempt)
          .where(and(eq(signOnAttempt.tenantId, attempt.tenantId), lte(signOnAttempt.expiresAt, now))),
        db.insert(signOnAttempt).values(attempt),
      ]);
    },

    /** Once, and by the browser that began it. */
    async take(tenant: TenantId, state: string, binding: string, now: number): Promise<Attempt | undefined> {
      const rows = await db
        .delete(signOnAttempt)
        .where(
          and(
            eq(signOnAttempt.tenantId, tenant),
            eq(signOnAttempt.state, state),
            eq(signOnAttempt.binding, binding),
            gt(signOnAttempt.expiresAt, now),
          ),
        )
        .returning();
      return rows[0];
    },

    /** The person that the subject is, and what they are in the tenant; no role: not a member any more. */
    bySubject(tenant: TenantId, of: Subject) {
      return db
        .select({ id: user.id, email: user.email, name: user.name, role: member.role })
        .from(signOnIdentity)
        .innerJoin(user, eq(user.id, signOnIdentity.userId))
        .leftJoin(member, and(eq(member.organizationId, tenant), eq(member.userId, user.id)))
        .where(isSubject(tenant, of))
        .get();
    },

    /** The same of whoever has the address, and whether the provider has another subject for them. */
    byEmail(tenant: TenantId, connectionId: string, email: string) {
      return db
        .select({
          id: user.id,
          email: user.email,
          name: user.name,
          role: member.role,
          subject: signOnIdentity.subject,
        })
        .from(user)
        .leftJoin(member, and(eq(member.organizationId, tenant), eq(member.userId, user.id)))
        .leftJoin(
          signOnIdentity,
          and(
            eq(signOnIdentity.tenantId, tenant),
            eq(signOnIdentity.connectionId, connectionId),
            eq(signOnIdentity.userId, user.id),
          ),
        )
        .where(eq(user.email, email))
        .get();
    },

    async link(tenant: TenantId, of: Subject, person: string, at: number): Promise<void> {
      await db.insert(signOnIdentity).values({ tenantId: tenant, ...of, userId: person, createdAt: at });
    },

    /** Somebody whom nobody here knows yet: all of it, or nothing. */
    async provision(
      tenant: TenantId,
      of: Subject,
      person: { readonly id: string; readonly email: string; readonly name: string },
      membership: { readonly id: string; readonly role: string },
      at: number,
    ): Promise<void> {
      const createdAt = new Date(at);
      await db.batch([
        // The provider's word that the address is theirs counts in this tenant; here, nobody has seen a letter arrive.
        db.insert(user).values({ ...person, emailVerified: false, createdAt, updatedAt: createdAt }),
        db.insert(member).values({ ...membership, organizationId: tenant, userId: person.id, createdAt }),
        db.insert(signOnIdentity).values({ tenantId: tenant, ...of, userId: person.id, createdAt: at }),
      ]);
    },

    /** Whether the tenant's provider could say that it is them. */
    async isKnown(tenant: TenantId, person: string): Promise<boolean> {
      const row = await db
        .select({ subject: signOnIdentity.subject })
        .from(signOnIdentity)
        .where(and(eq(signOnIdentity.tenantId, tenant), eq(signOnIdentity.userId, person)))
        .get();
      return row !== undefined;
    },
  };
}

/** Sealed in with the secret, so that it can be sent to no other provider than the one it was given for. */
function about({
  tenantId,
  id,
  issuer,
  clientId,
  dataKeyId,
}: Pick<ConnectionRow, 'tenantId' | 'id' | 'issuer' | 'clientId' | 'dataKeyId'>): string {
  return `v1|${tenantId}|sign-on|${id}|${JSON.stringify([issuer, clientId])}|${dataKeyId}`;
}

function infoOf({
  id,
  issuer,
  clientId,
  defaultRole,
  isRequired,
  updatedAt,
  updatedBy,
}: ConnectionRow): ConnectionInfo {
  return { id, issuer, clientId, defaultRole, isRequired, updatedAt, updatedBy };
}
