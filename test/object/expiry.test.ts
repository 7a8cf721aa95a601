import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ExecutionId, TenantId } from '../../worker/engine/ids.ts';
import worker from '../../worker/main.ts';
import { objectName } from '../../worker/objects/names.ts';
import { messages, TestTenant } from '../support/workerd/client.ts';

const DAY = 24 * 60 * 60_000;
const WORK = `
name: work
mode: PARALLEL
stages: [{ name: S, actions: [{ name: a, type: Invoke/Delay, configuration: { Seconds: 0 } }] }]
`;

describe('history that is kept no longer', () => {
  let tenant: TestTenant;
  const objectOf = (id: string) =>
    env.EXECUTIONS.getByName(objectName.execution(tenant.id as TenantId, id as ExecutionId));
  const tablesOf = (id: string) =>
    runInDurableObject(
      objectOf(id),
      (_, { storage }) => storage.sql.exec('SELECT name FROM sqlite_master').toArray().length,
    );
  const sweep = () => worker.scheduled({ scheduledTime: 0, cron: '', noRetry: () => undefined }, env);
  const put = (settings: unknown) =>
    tenant.fetch('/settings', {
      method: 'PUT',
      body: JSON.stringify(settings),
      headers: { 'content-type': 'application/json' },
    });

  beforeAll(async () => {
    tenant = await TestTenant.create();
    await tenant.save('work', WORK);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function inDays(days: number): void {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * DAY });
  }

  async function ended(): Promise<string> {
    const { id } = await tenant.start('work');
    await tenant.ended(id);
    while (
      ((await runInDurableObject(objectOf(id), (_, { storage }) => storage.getAlarm())) ?? 0) <
      Date.now() + DAY / 2
    );
    return id;
  }

  it('is set by the tenant, within bounds, and is a year unless it is set', async () => {
    expect(await tenant.get('/settings')).toEqual({ archiveAfterDays: 7, keepHistoryDays: 365 });
    expect(await (await put({ keepHistoryDays: 30 })).json()).toEqual({ archiveAfterDays: 7, keepHistoryDays: 30 });
    expect(await (await put({ archiveAfterDays: 1 })).json()).toEqual({ archiveAfterDays: 1, keepHistoryDays: 30 });
    for (const wrong of [{ keepHistoryDays: 0 }, { archiveAfterDays: 1.5 }, { keepForever: true }]) {
      expect((await put(wrong)).status).toBe(422);
    }
    const other = await TestTenant.create();
    expect(await other.get('/settings')).toEqual({ archiveAfterDays: 7, keepHistoryDays: 365 });
  });

  it('goes, with its logs and its archive, but not what a rollback would go back to', async () => {
    await put({ keepHistoryDays: 30 });
    const old = await ended();
    const last = await ended();
    const logKey = (id: string) => `t/${tenant.id}/logs/${id}:S/a:1/000000000000000`;
    for (const id of [old, last]) await env.BUCKET.put(logKey(id), 'output');
    await env.BUCKET.put(`t/${tenant.id}/executions/${old}.json.gz`, 'an archive');
    await env.BUCKET.put(`t/${tenant.id}/sha256/${'ab'.repeat(32)}`, 'an artifact');

    inDays(29);
    await sweep();
    expect((await tenant.fetch(`/executions/${old}`)).status).toBe(200);

    inDays(2);
    await sweep();
    for (const path of ['', '/events', '/live']) {
      const headers = { upgrade: 'websocket', authorization: `Bearer ${tenant.token}` };
      expect((await tenant.fetch(`/executions/${old}${path}`, { headers })).status).toBe(404);
    }
    expect(await tablesOf(old)).toBe(0);
    const { objects } = await env.BUCKET.list({ prefix: `t/${tenant.id}/` });
    expect(objects.map(({ key }) => key)).toEqual([logKey(last), `t/${tenant.id}/sha256/${'ab'.repeat(32)}`]);
    expect((await tenant.execution(last)).status).toBe('Succeeded');
    const { items } = await tenant.get<{ items: { id: string }[] }>('/executions');
    expect(items.map(({ id }) => id)).toEqual([last]);
  });

  it('stays when it has come back to life and only the index does not know', async () => {
    const own = await TestTenant.create();
    await own.save('ask', 'name: ask\nstages: [{ name: S, actions: [{ name: ok, type: Approval/Manual }] }]');
    const home = messages(await own.socket('/live'));
    const { id } = await own.start('ask');
    await home.next(); // it is in the index
    const row = () => env.DB.prepare('SELECT ended_at FROM execution WHERE id = ?').bind(id).first();
    await env.DB.prepare('UPDATE execution SET started_at = 1, ended_at = 2 WHERE id = ?').bind(id).run();
    await sweep();
    expect((await own.execution(id)).status).toBe('InProgress');
    expect(await row()).not.toBeNull();
  });
});
