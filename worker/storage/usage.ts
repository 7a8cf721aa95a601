import { and, count, eq, gt, isNotNull, like } from 'drizzle-orm';
import { SomeLimits } from '../../contract/quotas.ts';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { invitation, member, pipeline, tenantSetting, token } from './schema/index.ts';

/** What is counted row by row; the rest is counted where it happens. */
export type CountedQuota = 'pipelines' | 'tokens' | 'runners' | 'members';

const PREFIX = 'limit.';

export function usageQueries(db: Database) {
  const used = { used: count() };
  const counts: Readonly<Record<CountedQuota, (tenant: TenantId, now: number) => Promise<number>>> = {
    pipelines: (tenant) => one(db.select(used).from(pipeline).where(eq(pipeline.tenantId, tenant))),
    tokens: (tenant) => one(db.select(used).from(token).where(eq(token.tenantId, tenant))),
    runners: (tenant, now) => {
      const isRegistered = and(eq(token.kind, 'runner'), isNotNull(token.runnerId), gt(token.expiresAt, now));
      return one(
        db
          .select(used)
          .from(token)
          .where(and(eq(token.tenantId, tenant), isRegistered)),
      );
    },
    members: async (tenant, now) => {
      const isOpen = and(eq(invitation.status, 'pending'), gt(invitation.expiresAt, new Date(now)));
      const [members, invitations] = await Promise.all([
        one(db.select(used).from(member).where(eq(member.organizationId, tenant))),
        one(
          db
            .select(used)
            .from(invitation)
            .where(and(eq(invitation.organizationId, tenant), isOpen)),
        ),
      ]);
      return members + invitations;
    },
  };
  return {
    count: (tenant: TenantId, name: CountedQuota, now: number): Promise<number> => counts[name](tenant, now),

    /** What the operator has set for this tenant: rows of its settings that no route writes. */
    async limits(tenant: TenantId): Promise<SomeLimits> {
      const { tenantId, name, value } = tenantSetting;
      const rows = await db
        .select({ name, value })
        .from(tenantSetting)
        .where(and(eq(tenantId, tenant), like(name, `${PREFIX}%`)))
        .all();
      const limits: SomeLimits = {};
      for (const row of rows) {
        // By hand, in SQL: what is no quota, or no number, counts as not there.
        const limit = SomeLimits.safeParse({ [row.name.slice(PREFIX.length)]: row.value });
        if (limit.success) Object.assign(limits, limit.data);
      }
      return limits;
    },
  };
}

async function one(query: { get(): Promise<{ readonly used: number } | undefined> }): Promise<number> {
  return (await query.get())?.used ?? 0;
}
