import { and, desc, eq, gt, isNull, lt, or } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { organization, token } from './schema/index.ts';

export type TokenRow = typeof token.$inferSelect;

export function tokenQueries(db: Database) {
  return {
    /** The token and the tenant's name, in one trip. */
    byHash(tenant: TenantId, hash: string) {
      return db
        .select({ token, tenant: { id: organization.id, name: organization.name, slug: organization.slug } })
        .from(token)
        .innerJoin(organization, eq(organization.id, token.tenantId))
        .where(and(eq(token.tenantId, tenant), eq(token.hash, hash)))
        .get();
    },

    list(tenant: TenantId): Promise<TokenRow[]> {
      return db.select().from(token).where(eq(token.tenantId, tenant)).orderBy(desc(token.createdAt)).all();
    },

    byId(tenant: TenantId, id: string): Promise<TokenRow | undefined> {
      return db
        .select()
        .from(token)
        .where(and(eq(token.tenantId, tenant), eq(token.id, id)))
        .get();
    },

    async insert(tenant: TenantId, row: Omit<TokenRow, 'tenantId'>): Promise<void> {
      await db.insert(token).values({ tenantId: tenant, ...row });
    },

    /** Coarse: no write where one came after `before`. */
    async touch(tenant: TenantId, hash: string, now: number, before: number): Promise<void> {
      const isStale = or(isNull(token.lastUsedAt), lt(token.lastUsedAt, before));
      await db
        .update(token)
        .set({ lastUsedAt: now })
        .where(and(eq(token.tenantId, tenant), eq(token.hash, hash), isStale));
    },

    /** Of all who try at once, one is told true, once. */
    async useUp(tenant: TenantId, id: string, now: number): Promise<boolean> {
      const used = await db
        .update(token)
        .set({ usedAt: now, lastUsedAt: now })
        .where(and(eq(token.tenantId, tenant), eq(token.id, id), isNull(token.usedAt), gt(token.expiresAt, now)))
        .returning({ id: token.id });
      return used.length > 0;
    },

    /** False: another one has taken its place already, or it is gone. */
    async replace(tenant: TenantId, id: string, rotatedTo: string, expiresAt: number): Promise<boolean> {
      const replaced = await db
        .update(token)
        .set({ rotatedTo, expiresAt })
        .where(and(eq(token.tenantId, tenant), eq(token.id, id), isNull(token.rotatedTo)))
        .returning({ id: token.id });
      return replaced.length > 0;
    },

    /** What acts for one person. */
    async removeOf(tenant: TenantId, person: string): Promise<void> {
      await db.delete(token).where(and(eq(token.tenantId, tenant), eq(token.kind, 'user'), eq(token.userId, person)));
    },

    /** False: there was none. */
    async remove(tenant: TenantId, id: string): Promise<boolean> {
      const removed = await db
        .delete(token)
        .where(and(eq(token.tenantId, tenant), eq(token.id, id)))
        .returning({ id: token.id });
      return removed.length > 0;
    },
  };
}
