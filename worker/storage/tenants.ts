import { and, asc, eq, gt, is, lte } from 'drizzle-orm';
import { type SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { PipelineId, TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import * as schema from './schema/index.ts';

const { invitation, member, organization, pipeline, session, tenantClosing } = schema;

/** As many as R2 lists and deletes at once. */
const FOLDER_PAGE = 1_000;

interface OfTenant {
  readonly tenantId: SQLiteColumn;
}

/** Every table that has rows of tenants, whichever come to be. */
const tables = Object.values(schema).filter(
  (one): one is never => is(one, SQLiteTable) && 'tenantId' in one && (one as SQLiteTable) !== tenantClosing,
) as readonly (SQLiteTable & OfTenant)[];

/** Without these, nobody gets in, and what is sealed stays sealed for good. */
const keys = [
  schema.dataKey,
  schema.secret,
  schema.token,
  schema.memberGrant,
  schema.connection,
  schema.hook,
  schema.signOnConnection,
  schema.provenDomain,
];

/** A tenant as a whole: its name, and its end. */
export function tenantQueries(db: Database, bucket: R2Bucket) {
  const rowsOf = (table: SQLiteTable & OfTenant, tenant: TenantId) =>
    db.delete(table).where(eq(table.tenantId, tenant));
  const lockedOut = (tenant: TenantId) => [
    db.delete(invitation).where(eq(invitation.organizationId, tenant)),
    db.delete(member).where(eq(member.organizationId, tenant)),
    db.update(session).set({ activeOrganizationId: null }).where(eq(session.activeOrganizationId, tenant)),
  ];

  return {
    find(tenant: TenantId) {
      const { id, name, slug, createdAt } = organization;
      return db.select({ id, name, slug, createdAt }).from(organization).where(eq(organization.id, tenant)).get();
    },

    /** False as long as nobody knows: what is being written is not to stand still with the database. */
    async isGone(tenant: TenantId): Promise<boolean> {
      const { id } = organization;
      try {
        return (await db.select({ id }).from(organization).where(eq(id, tenant)).get()) === undefined;
      } catch {
        return false;
      }
    },

    async rename(tenant: TenantId, name: string): Promise<void> {
      await db.update(organization).set({ name }).where(eq(organization.id, tenant));
    },

    closing(tenant: TenantId) {
      return db.select().from(tenantClosing).where(eq(tenantClosing.tenantId, tenant)).get();
    },

    /** Asked twice, the first date stands. */
    async close(row: typeof tenantClosing.$inferInsert): Promise<void> {
      await db.insert(tenantClosing).values(row).onConflictDoNothing();
    },

    /** Once its time has come, it is too late. */
    async restore(tenant: TenantId, now: number): Promise<void> {
      await db.delete(tenantClosing).where(and(eq(tenantClosing.tenantId, tenant), gt(tenantClosing.deleteAt, now)));
    },

    async due(now: number, limit: number): Promise<readonly TenantId[]> {
      const rows = await db
        .select({ id: tenantClosing.tenantId })
        .from(tenantClosing)
        .where(lte(tenantClosing.deleteAt, now))
        .orderBy(asc(tenantClosing.deleteAt))
        .limit(limit)
        .all();
      return rows.map(({ id }) => id as TenantId);
    },

    /** Its keys first: whatever else of it is left in some backup can be read by nobody from here on. */
    async lockOut(tenant: TenantId): Promise<void> {
      const [first, ...others] = keys.map((table) => rowsOf(table, tenant));
      if (first !== undefined) await db.batch([first, ...others, ...lockedOut(tenant)]);
    },

    /** Published or not. */
    async pipelines(tenant: TenantId, limit: number): Promise<readonly PipelineId[]> {
      const { id, tenantId } = pipeline;
      const rows = await db.select({ id }).from(pipeline).where(eq(tenantId, tenant)).orderBy(id).limit(limit).all();
      return rows.map((row) => row.id as PipelineId);
    },

    /** False: there is more. */
    async emptyFolder(tenant: TenantId): Promise<boolean> {
      const { objects, truncated } = await bucket.list({ prefix: `t/${tenant}/`, limit: FOLDER_PAGE });
      if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
      return !truncated;
    },

    /** All that is left of it, and then that it was to be deleted. */
    async removeRows(tenant: TenantId): Promise<void> {
      const [first, ...others] = tables.map((table) => rowsOf(table, tenant));
      const last = [
        ...lockedOut(tenant),
        db.delete(organization).where(eq(organization.id, tenant)),
        rowsOf(tenantClosing, tenant),
      ];
      if (first !== undefined) await db.batch([first, ...others, ...last]);
    },
  };
}
