import { env } from 'cloudflare:workers';
import type { QuotaName, QuotaUse } from '../../../contract/quotas.ts';
import { Usage } from '../../../contract/usage.ts';
import type { TestTenant } from './client.ts';

/** As the operator does it: no route writes this. The tenant's object remembers limits for a minute. */
export async function limit(tenant: Pick<TestTenant, 'id'>, name: QuotaName, value: number): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO tenant_setting (tenant_id, name, value, updated_at, updated_by) VALUES (?, ?, ?, 0, 'operator')
     ON CONFLICT DO UPDATE SET value = excluded.value`,
  )
    .bind(tenant.id, `limit.${name}`, JSON.stringify(value))
    .run();
}

export async function usageOf(tenant: TestTenant, name: QuotaName): Promise<QuotaUse> {
  const { items } = Usage.parse(await tenant.get('/usage'));
  const { used, limit: most } = items.find((item) => item.name === name)!;
  return { name, used, limit: most };
}
