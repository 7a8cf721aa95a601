import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ExecutionLiveMessage } from '../../contract/live-feed.ts';
import type { ExecutionId, TenantId } from '../../worker/engine/ids.ts';
import { objectName } from '../../worker/objects/names.ts';
import { messages, TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const DAY = 24 * 60 * 60_000;
const WORK = `
name: work
mode: PARALLEL
variables: [{ name: target, default: staging }]
stages:
  - name: Build
    actions:
      - { name: make, commands: [make], outputVariables: [V], namespace: n }
      - { name: wait, type: Invoke/Delay, configuration: { Seconds: 0 } }
  - name: Ask
    actions: [{ name: ok, type: Approval/Manual, configuration: { CustomData: "#{n.V} to #{variables.target}" } }]
`;

describe('an execution that ended a week ago', () => {
  let tenant: TestTenant;
  const objectOf = (id: string) =>
    env.EXECUTIONS.getByName(objectName.execution(tenant.id as TenantId, id as ExecutionId));
  const archiveKey = (id: string) => `t/${tenant.id}/executions/${id}.json.gz`;
  const tablesOf = (id: string) =>
    runInDurableObject(objectOf(id), async (_, { storage }) => ({
      tables: storage.sql.exec('SELECT name FROM sqlite_master').toArray().length,
      alarm: await storage.getAlarm(),
    }));

  beforeAll(async () => {
    tenant = await TestTenant.create();
    await tenant.save('work', WORK);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Runs to its end; everything that must be said has been said when this returns. */
  async function ended(): Promise<string> {
    const runner = await TestRunner.connect(tenant, { work: () => ({ variables: { V: '7' } }) });
    const { id } = await tenant.start('work');
    await tenant.until(id, ({ stages }) => stages[1]?.status === 'InProgress');
    await tenant.post(`/executions/${id}/approvals/Ask/ok`, { result: 'Approved', summary: 'fine' });
    await tenant.ended(id);
    runner.close();
    await atRest(id);
    return id;
  }

  async function atRest(id: string): Promise<void> {
    while (((await tablesOf(id)).alarm ?? 0) < Date.now() + DAY);
  }

  function inDays(days: number): void {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * DAY });
  }

  /** Everything that can be seen of it. */
  async function everything(id: string) {
    return {
      view: await tenant.execution(id),
      events: await tenant.get(`/executions/${id}/events`),
      page: await tenant.get(`/executions/${id}/events?after=3&limit=2`),
      live: await firstMessage(`/executions/${id}/live`),
      resumed: await firstMessage(`/executions/${id}/live?after=3`),
      log: await (await tenant.fetch(`/executions/${id}/actions/Build/make/log`)).text(),
    };
  }

  async function firstMessage(path: string): Promise<ExecutionLiveMessage> {
    const socket = await tenant.socket(path);
    const { value } = await messages(socket).next();
    socket.close();
    return ExecutionLiveMessage.parse(JSON.parse(value as string));
  }

  it('is moved into the archive, and its object is empty', async () => {
    const id = await ended();
    inDays(8);
    await runDurableObjectAlarm(objectOf(id));
    expect(await tablesOf(id)).toEqual({ tables: 0, alarm: null });
    const archive = await env.BUCKET.get(archiveKey(id));
    const text = await new Response(archive?.body.pipeThrough(new DecompressionStream('gzip'))).text();
    expect(JSON.parse(text)).toMatchObject({
      format: 1,
      origin: { id, tenant: tenant.id },
      digest: expect.stringMatching(/^sha256:/) as string,
    });
  });

  it('is seen as it was before: view, events and live feed', async () => {
    const id = await ended();
    const before = await everything(id);
    inDays(8);
    await runDurableObjectAlarm(objectOf(id));
    expect(await everything(id)).toEqual(before);
    await evictDurableObject(objectOf(id));
    expect(await everything(id)).toEqual(before);
    expect((await tablesOf(id)).tables).toBe(0);
  });

  it('stays where it is as long as its time has not come', async () => {
    const id = await ended();
    inDays(6);
    await runDurableObjectAlarm(objectOf(id));
    expect((await tablesOf(id)).tables).toBeGreaterThan(0);
    expect(await env.BUCKET.head(archiveKey(id))).toBeNull();
  });

  it('is kept in its object when the archive is not what was written, and archived an hour later', async () => {
    const id = await ended();
    const before = await everything(id);
    inDays(8);
    const bucket = Object.getPrototypeOf(env.BUCKET) as { put: (key: string, body: unknown) => Promise<unknown> };
    const { put } = bucket;
    bucket.put = function (key) {
      return put.call(this, key, 'something else');
    };
    try {
      await runDurableObjectAlarm(objectOf(id));
    } finally {
      bucket.put = put;
    }
    expect((await tablesOf(id)).tables).toBeGreaterThan(0);
    expect((await tablesOf(id)).alarm).toBeGreaterThan(Date.now());
    expect(await everything(id)).toEqual(before);
    await runDurableObjectAlarm(objectOf(id));
    expect((await tablesOf(id)).tables).toBe(0);
    expect(await everything(id)).toEqual(before);
  });

  it('is archived again after a crash between the archive and the emptying', async () => {
    let restore = (): unknown => undefined;
    const id = await ended();
    const before = await everything(id);
    inDays(8);
    await runInDurableObject(objectOf(id), (_, { storage }) => {
      const prototype = Object.getPrototypeOf(storage) as { deleteAll: () => Promise<void> };
      const { deleteAll } = prototype;
      prototype.deleteAll = () => Promise.reject(new Error('crash'));
      restore = () => (prototype.deleteAll = deleteAll);
    });
    await runDurableObjectAlarm(objectOf(id)).catch(() => undefined);
    restore();
    expect(await env.BUCKET.head(archiveKey(id))).not.toBeNull();
    expect(await everything(id)).toEqual(before);
    await runDurableObjectAlarm(objectOf(id));
    expect((await tablesOf(id)).tables).toBe(0);
    expect(await everything(id)).toEqual(before);
  });

  it('comes back into its object when it is to be given orders again, and leaves it again if there are none', async () => {
    const id = await ended();
    const before = await everything(id);
    inDays(8);
    await runDurableObjectAlarm(objectOf(id));
    expect(await objectOf(id).restore('somebody-else' as TenantId)).toBe(false);
    const [one, two] = await Promise.all([
      objectOf(id).restore(tenant.id as TenantId),
      objectOf(id).restore(tenant.id as TenantId),
    ]);
    expect([one, two]).toEqual([true, true]);
    expect((await tablesOf(id)).tables).toBeGreaterThan(0);
    await evictDurableObject(objectOf(id));
    expect(await everything(id)).toEqual(before);
    const order = await objectOf(id).order(tenant.id as TenantId, {
      type: 'Stop',
      abandon: false,
      by: 'ada',
      reason: '',
    });
    expect(order?.rejection?.code).toBe('execution_ended');
    await runDurableObjectAlarm(objectOf(id));
    expect((await tablesOf(id)).tables).toBe(0);
  });

  it('is brought back to life by an order, archive or not', async () => {
    const { id } = await tenant.start('work');
    const runner = await TestRunner.connect(tenant, { work: () => ({ outcome: 'failed', exitCode: 1 }) });
    expect((await tenant.ended(id)).status).toBe('Failed');
    runner.close();
    await atRest(id);
    inDays(8);
    await runDurableObjectAlarm(objectOf(id));
    expect((await tablesOf(id)).tables).toBe(0);
    const answer = await tenant.post(`/executions/${id}/stages/Build/retry`, { mode: 'FAILED_ACTIONS' });
    expect(answer.status).toBe(202);
    expect(await tenant.execution(id)).toMatchObject({ status: 'InProgress', endedAt: null });
  });

  it('is nobody else’s to see', async () => {
    const id = await ended();
    inDays(8);
    await runDurableObjectAlarm(objectOf(id));
    const other = await TestTenant.create();
    for (const path of ['', '/events', '/live']) {
      const response = await other.fetch(`/executions/${id}${path}`, {
        headers: { upgrade: 'websocket', authorization: `Bearer ${other.token}` },
      });
      expect(response.status).toBe(404);
    }
    expect(await objectOf(id).view(other.id as TenantId, 'archive')).toBeNull();
  });
});
