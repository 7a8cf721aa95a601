import { beforeAll, describe, expect, it } from 'vitest';
import type { Freeze, FreezePreview, SaveFreeze } from '../../contract/freezes.ts';
import type { Problem } from '../../contract/problem.ts';
import { TestTenant } from '../support/workerd/client.ts';

const CHRISTMAS: Pick<SaveFreeze, 'name' | 'when'> = {
  name: 'Christmas',
  when: { kind: 'once', from: '2026-12-22T00:00:00Z', to: '2027-01-05T00:00:00Z' },
};
const WEEKENDS: Partial<SaveFreeze> = {
  name: 'Weekends',
  scope: { pipelines: ['web-*'], stages: ['Release'] },
  when: { kind: 'weekly', windows: [{ from: 'FRI 16:00', to: 'MON 08:00' }], timezone: 'Europe/Berlin' },
};

function gated(name: string, otherwise = 'WAIT', configuration = ''): string {
  return `
name: ${name}
stages:
  - name: Build
    actions: [{ name: Nothing, type: Invoke/Delay, configuration: { Seconds: 0 } }]
  - name: Release
    beforeEntry:
      rules: [{ name: frozen, type: Rule/Freeze, configuration: { ${configuration} } }]
      otherwise: ${otherwise}
    actions: [{ name: Ship, type: Invoke/Delay, configuration: { Seconds: 0 } }]
`;
}

async function add(tenant: TestTenant, freeze: unknown): Promise<Freeze> {
  const response = await tenant.post('/freezes', freeze);
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return response.json<Freeze>();
}

async function change(tenant: TestTenant, id: string, freeze: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return tenant.fetch(`/freezes/${id}`, { method: 'PUT', body: JSON.stringify(freeze), headers });
}

describe('the freeze calendar', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await TestTenant.create();
  });

  it('takes entries in, changes them and lets them go', async () => {
    expect(await tenant.get('/freezes')).toEqual({ items: [], nextCursor: null });
    const made = await add(tenant, { ...CHRISTMAS, reason: 'Nobody is here.' });
    expect(made).toMatchObject({
      name: 'Christmas',
      reason: 'Nobody is here.',
      calendar: 'default',
      scope: { pipelines: [], stages: [] },
      createdBy: 'service',
      updatedBy: 'service',
    });
    expect(await tenant.get(`/freezes/${made.id}`)).toEqual(made);

    const changed = await change(tenant, made.id, WEEKENDS);
    expect(changed.status).toBe(200);
    expect(await changed.json()).toMatchObject({ ...WEEKENDS, id: made.id, createdAt: made.createdAt, reason: '' });

    await add(tenant, CHRISTMAS);
    const { items } = await tenant.get<{ items: Freeze[] }>('/freezes');
    expect(items.map(({ name }) => name)).toHaveLength(2);
    for (const { id } of items) {
      expect((await tenant.fetch(`/freezes/${id}`, { method: 'DELETE' })).status).toBe(204);
      const again = await tenant.fetch(`/freezes/${id}`, { method: 'DELETE' });
      expect(await again.json<Problem>()).toMatchObject({ status: 404, code: 'freeze_not_found' });
    }
    expect(await tenant.get('/freezes')).toEqual({ items: [], nextCursor: null });
  });

  it('says whether an entry lasts now, and when it will next', async () => {
    const hour = 3_600_000;
    const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
    const now = await add(tenant, { name: 'now', when: { kind: 'once', from: at(-hour), to: at(hour) } });
    const over = await add(tenant, { name: 'over', when: { kind: 'once', from: at(-2 * hour), to: at(-hour) } });
    expect(now.isActive).toBe(true);
    expect(over).toMatchObject({ isActive: false, next: null });
    const { items } = await tenant.get<{ items: Freeze[] }>('/freezes');
    expect(items.map(({ name }) => name)).toEqual(['now', 'over']);
  });

  it.each([
    [{ ...CHRISTMAS, when: { kind: 'once', from: '2027-01-05T00:00:00Z', to: '2026-12-22T00:00:00Z' } }, ['when.to']],
    [
      { ...CHRISTMAS, when: { kind: 'cron', cron: '0 0 9 1 * MON', durationMinutes: 5, timezone: 'Mars/Olympus' } },
      ['when.cron', 'when.timezone'],
    ],
    [{ ...CHRISTMAS, when: { kind: 'cron', cron: '* * * * *', durationMinutes: 5 } }, ['when.cron']],
    [
      { ...CHRISTMAS, when: { kind: 'weekly', windows: [{ from: 'FRI', to: 'MON 08:00' }] } },
      ['when.windows[0].from'],
    ],
    [{ ...CHRISTMAS, when: { kind: 'once', from: 'tomorrow', to: 'later' } }, ['when.from', 'when.to']],
    [{ ...CHRISTMAS, name: '', scope: { pipeline: [] } }, ['name', 'scope']],
    [{ name: 'nothing' }, ['when']],
  ])('refuses %j', async (freeze, paths) => {
    const refused = await tenant.post('/freezes', freeze);
    expect(refused.status).toBe(422);
    const problem = await refused.json<Problem>();
    expect(problem.code).toBe('validation_failed');
    expect(problem.errors?.map(({ path }) => path)).toEqual(paths);
  });

  it('is nobody else’s', async () => {
    const { id } = await add(tenant, CHRISTMAS);
    const other = await TestTenant.create();
    expect(await other.get('/freezes')).toEqual({ items: [], nextCursor: null });
    expect((await other.fetch(`/freezes/${id}`)).status).toBe(404);
    expect((await change(other, id, CHRISTMAS)).status).toBe(404);
    expect((await other.fetch(`/freezes/${id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await tenant.fetch(`/freezes/${id}`)).status).toBe(200);
    const runner = { authorization: `Bearer ${tenant.runnerToken}` };
    expect((await tenant.fetch('/freezes', { headers: runner })).status).toBe(403);
  });
});

describe('the preview', () => {
  let tenant: TestTenant;
  const bounds = 'from=2026-12-18T00:00:00Z&to=2026-12-26T00:00:00Z';
  beforeAll(async () => {
    tenant = await TestTenant.create();
    await tenant.save('web-shop', gated('web-shop'));
    await tenant.save('api', gated('api', 'SKIP', 'Calendar: finance'));
    await tenant.save('free', gated('free').replace('Rule/Freeze', 'Rule/Soak').replace('{  }', '{ Minutes: 1 }'));
    // The index learns of a pipeline just after its object has saved it.
    for (let listed = 0; listed < 3;) listed = (await tenant.get<{ items: unknown[] }>('/pipelines')).items.length;
  });

  it('of a draft shows what it would hold, and saves nothing', async () => {
    const draft = { freeze: WEEKENDS, from: '2026-12-18T00:00:00Z', to: '2026-12-26T00:00:00Z' };
    const response = await tenant.post('/freezes/preview', draft);
    expect(await response.json<FreezePreview>()).toEqual({
      from: '2026-12-18T00:00:00.000Z',
      to: '2026-12-26T00:00:00.000Z',
      held: [
        {
          pipeline: 'web-shop',
          stage: 'Release',
          place: 'beforeEntry',
          rule: 'frozen',
          otherwise: 'WAIT',
          when: [
            { from: '2026-12-18T15:00:00.000Z', to: '2026-12-21T07:00:00.000Z' },
            { from: '2026-12-25T15:00:00.000Z', to: '2026-12-26T00:00:00.000Z' },
          ],
          freezes: ['Weekends'],
        },
      ],
      isComplete: true,
    });
    expect(await tenant.get('/freezes')).toMatchObject({ items: [] });
  });

  it('of the calendar merges all that hold a stage', async () => {
    await add(tenant, WEEKENDS);
    await add(tenant, CHRISTMAS);
    await add(tenant, { ...CHRISTMAS, name: 'Quarter', calendar: 'finance' });
    const { held } = await tenant.get<FreezePreview>(`/freezes/preview?${bounds}`);
    expect(held.map(({ pipeline, when, freezes }) => ({ pipeline, when, freezes }))).toEqual([
      {
        pipeline: 'api',
        when: [{ from: '2026-12-22T00:00:00.000Z', to: '2026-12-26T00:00:00.000Z' }],
        freezes: ['Quarter'],
      },
      {
        pipeline: 'web-shop',
        when: [
          { from: '2026-12-18T15:00:00.000Z', to: '2026-12-21T07:00:00.000Z' },
          { from: '2026-12-22T00:00:00.000Z', to: '2026-12-26T00:00:00.000Z' },
        ],
        freezes: expect.arrayContaining(['Weekends', 'Christmas', 'Quarter']),
      },
    ]);
  });

  it('looks 30 days ahead when nothing else is asked for, and not for ever', async () => {
    const { from, to } = await tenant.get<FreezePreview>('/freezes/preview');
    expect(Date.parse(to) - Date.parse(from)).toBe(30 * 24 * 3_600_000);
    const refused = await tenant.fetch('/freezes/preview?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z');
    expect(await refused.json<Problem>()).toMatchObject({ status: 422, errors: [{ path: 'to' }] });
  });
});

describe('an execution that meets a freeze', () => {
  const around = (fromMs: number, toMs: number): unknown => ({
    name: 'Now',
    when: {
      kind: 'once',
      from: new Date(Date.now() + fromMs).toISOString(),
      to: new Date(Date.now() + toMs).toISOString(),
    },
  });

  it('waits in front of the stage, and goes on when the freeze ends', async () => {
    const tenant = await TestTenant.create();
    await tenant.save('web-shop', gated('web-shop'));
    await add(tenant, around(-60_000, 1_500));
    const { id } = await tenant.start('web-shop');
    const ended = await tenant.ended(id);
    expect(ended.status).toBe('Succeeded');
    const rule = ended.stages[1]?.conditions[0]?.rules[0];
    expect(rule?.attempts.map(({ status, error }) => [status, error?.code])).toEqual([
      ['Failed', 'ConditionUnmet'],
      ['Succeeded', undefined],
    ]);
  });

  it('fails the stage, where the definition says so', async () => {
    const tenant = await TestTenant.create();
    await tenant.save('web-shop', gated('web-shop', 'FAIL'));
    await add(tenant, around(-60_000, 3_600_000));
    const { id } = await tenant.start('web-shop');
    const ended = await tenant.ended(id);
    expect(ended.status).toBe('Failed');
    expect(ended.stages[1]?.conditions[0]?.rules[0]?.error?.message).toContain('Held by the freeze "Now" until');
  });

  it('is not held by the calendar of others', async () => {
    const [tenant, other] = [await TestTenant.create(), await TestTenant.create()];
    await tenant.save('web-shop', gated('web-shop', 'FAIL'));
    await add(other, around(-60_000, 3_600_000));
    const { id } = await tenant.start('web-shop');
    expect((await tenant.ended(id)).status).toBe('Succeeded');
  });
});
