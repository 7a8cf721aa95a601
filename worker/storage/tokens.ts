import { and, desc, eq } from 'drizzle-orm';
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

    async insert(tenant: TenantId, row: Omit<TokenRow, 'tenantId'>): Promise<void> {
      await db.insert(token).values({ tenantId: tenant, ...row });
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
