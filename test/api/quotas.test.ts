import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { QuotaName } from '../../contract/quotas.ts';
import { Usage } from '../../contract/usage.ts';
import { TestTenant } from '../support/workerd/client.ts';
import { limit, usageOf } from '../support/workerd/quotas.ts';

const yaml = (name: string): string =>
  `name: ${name}\nstages: [{ name: S, actions: [{ name: A, type: Approval/Manual }] }]`;

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await TestTenant.create();
  await tenant.save('first', yaml('first'));
});

describe('pipelines', () => {
  it('are counted, and one more than allowed is refused with what to do', async () => {
    expect(await usageOf(tenant, 'pipelines')).toMatchObject({ used: 1, limit: 1000 });
    await limit(tenant, 'pipelines', 2);
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
    const { used } = await usageOf(tenant, 'tokens');
    await limit(tenant, 'tokens', used + 1);
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

describe('registered runners', () => {
  it('end at their limit, the registration token is kept, and a revoked one makes room', async () => {
    await limit(tenant, 'runners', 1);
    const registration = async (): Promise<string> => {
      const made = await tenant.post('/tokens', { name: 'box', kind: 'registration' });
      return (await made.json<{ token: string }>()).token;
    };
    const register = (token: string): Promise<Response> =>
      tenant.post('/runners/register', { name: 'box' }, { authorization: `Bearer ${token}` });
    await limit(tenant, 'tokens', 1000);
    expect((await register(await registration())).status).toBe(201);
    expect(await usageOf(tenant, 'runners')).toEqual({ name: 'runners', used: 1, limit: 1 });
    const next = await registration();
    expect(Problem.parse(await (await register(next)).json())).toMatchObject({
      status: 409,
      code: 'quota_exceeded',
      quota: { name: 'runners', used: 1, limit: 1 },
    });
    const { items } = await tenant.get<{ items: { id: string; kind: string; createdBy: string }[] }>('/tokens');
    const registered = items.find(({ kind, createdBy }) => kind === 'runner' && createdBy.startsWith('registration'));
    await tenant.fetch(`/tokens/${registered!.id}`, { method: 'DELETE' });
    expect((await register(next)).status).toBe(201);
  });
});

describe('members and open invitations', () => {
  // Their letters go nowhere.
  beforeAll(() => void vi.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(new Response())));
  const invite = (email: string): Promise<Response> =>
    tenant.post(
      '/invitations',
      { email, role: 'viewer' },
      {
        cookie: tenant.cookie,
        origin: 'https://millrace.test',
      },
    );

  it('end at their limit, and one that is withdrawn or asked again makes no difference to others', async () => {
    await limit(tenant, 'members', 2);
    const first = await invite('ben@example.com');
    expect(first.status).toBe(201);
    expect(await usageOf(tenant, 'members')).toMatchObject({ used: 2 });
    expect(Problem.parse(await (await invite('cleo@example.com')).json())).toMatchObject({
      code: 'quota_exceeded',
      quota: { name: 'members', used: 2, limit: 2 },
    });
    const again = await invite('ben@example.com');
    expect(again.status).toBe(201);
    const { id } = await again.json<{ id: string }>();
    expect((await tenant.fetch(`/invitations/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await invite('cleo@example.com')).status).toBe(201);
  });
});

describe('usage', () => {
  it('shows every quota with what is used, its limit and unit', async () => {
    const { items } = Usage.parse(await tenant.get('/usage'));
    expect(items.map(({ name }) => name)).toEqual(QuotaName.options);
    expect(items.find(({ name }) => name === 'logBytes')).toEqual({
      name: 'logBytes',
      title: 'Logs',
      unit: 'bytes',
      used: 0,
      limit: 20_000_000_000,
    });
  });

  it('does not believe a limit that is no number', async () => {
    await limit(tenant, 'pipelines', 'many' as never);
    expect(await usageOf(tenant, 'pipelines')).toMatchObject({ limit: 1000 });
  });
});
