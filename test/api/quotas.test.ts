import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { Usage } from '../../contract/usage.ts';
import { TestTenant } from '../support/workerd/client.ts';

const yaml = (name: string): string =>
  `name: ${name}\nstages: [{ name: S, actions: [{ name: A, type: Approval/Manual }] }]`;

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await TestTenant.create();
  await tenant.save('first', yaml('first'));
});

/** As the operator does it: no route writes this. */
async function limit(name: string, value: number): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO tenant_setting (tenant_id, name, value, updated_at, updated_by) VALUES (?, ?, ?, 0, 'operator')
     ON CONFLICT DO UPDATE SET value = excluded.value`,
  )
    .bind(tenant.id, `limit.${name}`, JSON.stringify(value))
    .run();
}

async function usedOf(name: string): Promise<{ used: number; limit: number } | undefined> {
  return Usage.parse(await tenant.get('/usage')).items.find((item) => item.name === name);
}

describe('pipelines', () => {
  it('are counted, and one more than allowed is refused with what to do', async () => {
    expect(await usedOf('pipelines')).toMatchObject({ used: 1, limit: 1000 });
    await limit('pipelines', 2);
    expect((await tenant.putYaml('second', yaml('second'))).status).toBe(201);
    const refused = await tenant.putYaml('third', yaml('third'));
    expect(Problem.parse(await refused.json())).toMatchObject({
      status: 409,
      code: 'quota_exceeded',
      detail:
        'This tenant has 2 pipelines, and may have 2. Delete pipelines that nobody needs, or ask the operator for more.',
    });
    expect((await tenant.fetch('/pipelines/third')).status).toBe(404);
  });

  it('that are there can still be changed, and a deleted one makes room', async () => {
    expect((await tenant.putYaml('first', `${yaml('first')}\nmode: QUEUED`)).status).toBe(200);
    expect((await tenant.fetch('/pipelines/second', { method: 'DELETE' })).status).toBe(200);
    expect((await tenant.putYaml('third', yaml('third'))).status).toBe(201);
  });
});

describe('tokens', () => {
  it('end at their limit, and a revoked one makes room', async () => {
    const { used = 0 } = (await usedOf('tokens')) ?? {};
    await limit('tokens', used + 1);
    const made = await tenant.post('/tokens', { name: 'last' });
    expect(made.status).toBe(201);
    const { id } = await made.json<{ id: string }>();
    expect(Problem.parse(await (await tenant.post('/tokens', { name: 'more' })).json()).code).toBe('quota_exceeded');
    await tenant.fetch(`/tokens/${id}`, { method: 'DELETE' });
    expect((await tenant.post('/tokens', { name: 'more' })).status).toBe(201);
  });

  it('of another tenant are not counted', async () => {
    const other = await TestTenant.create();
    expect((await other.post('/tokens', { name: 'theirs' })).status).toBe(201);
  });
});
