import { eq, sql } from 'drizzle-orm';
import { type ChangeSettings, type SettingName, Settings } from '../../contract/settings.ts';
import type { TenantId } from '../engine/ids.ts';
import type { Database } from './database.ts';
import { tenantSetting } from './schema/index.ts';

export function settingQueries(db: Database) {
  return {
    async get(tenant: TenantId): Promise<Settings> {
      const rows = await db.select().from(tenantSetting).where(eq(tenantSetting.tenantId, tenant)).all();
      return Settings.parse(Object.fromEntries(rows.map(({ name, value }) => [name, value])));
    },

    async change(
      tenant: TenantId,
      change: ChangeSettings,
      stamp: { readonly at: number; readonly by: string },
    ): Promise<void> {
      const names = Object.keys(change) as SettingName[];
      const rows = names
        .filter((name) => change[name] !== undefined)
        .map((name) => ({
          tenantId: tenant,
          name,
          value: change[name],
          updatedAt: stamp.at,
          updatedBy: stamp.by,
        }));
      if (rows.length === 0) return;
      await db
        .insert(tenantSetting)
        .values(rows)
        .onConflictDoUpdate({
          target: [tenantSetting.tenantId, tenantSetting.name],
          set: {
            value: sql`excluded.value`,
            updatedAt: sql`excluded.updated_at`,
            updatedBy: sql`excluded.updated_by`,
          },
        });
    },
  };
}
