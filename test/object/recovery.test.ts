import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionId, PipelineId, TenantId } from '../../worker/engine/ids.ts';
import { objectName } from '../../worker/objects/names.ts';
import worker from '../../worker/main.ts';
import { messages, TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const WORK = `
name: work
stages:
  - name: Build
    actions: [{ name: make, commands: [make], outputVariables: [V], namespace: n }]
  - name: Ask
    actions: [{ name: ok, type: Approval/Manual, configuration: { CustomData: "#{n.V}" } }]
`;

describe('objects that lose their memory', () => {
  let tenant: TestTenant;
  const execution = (id: string) =>
    env.EXECUTIONS.getByName(objectName.execution(tenant.id as TenantId, id as ExecutionId));
  const pool = () => env.POOLS.getByName(objectName.pool(tenant.id as TenantId, 'default'));

  beforeAll(async () => {
    tenant = await TestTenant.create();
    await tenant.save('work', WORK);
  });

  it('go on where they were, sockets included', async () => {
    const runner = await TestRunner.connect(tenant, { work: () => 'silent' });
    const { id } = await tenant.start('work');
    const watching = messages(await tenant.socket(`/executions/${id}/live`));
    await watching.next();
    const { job } = await runner.hears('claimed');
    await evictDurableObject(execution(id), { webSockets: 'hibernate' });
    await evictDurableObject(pool(), { webSockets: 'hibernate' });

    runner.finish(job, { variables: { V: '7' } });
    await runner.hears('finished');
    const view = await tenant.execution(id);
    expect(view.stages[1]?.actions[0]?.configuration).toEqual({ CustomData: '7' });
    // The watcher's socket outlived the memory of its object.
    expect((await watching.next()).done).toBe(false);
    runner.close();
  });

  it('answer 404 and write nothing when they were never begun', async () => {
    const id = 'abcdefghjkmn-0123456789abcdef';
    expect((await tenant.fetch(`/executions/${id}`)).status).toBe(404);
    await runInDurableObject(execution(id), async (_, { storage }) => {
      expect(storage.sql.exec('SELECT name FROM sqlite_master').toArray()).toEqual([]);
      expect(await storage.getAlarm()).toBeNull();
    });
  });

  it('refuse another tenant even by their own name', async () => {
    const { id } = await tenant.start('work');
    const stub = execution(id);
    expect(await stub.view('somebody-else' as TenantId)).toBeNull();
    await runInDurableObject(pool(), (object) => {
      expect(() => object.runners('somebody-else', 'default')).toThrow('another tenant');
    });
  });

  it('are revived by the sweeper when their alarm was lost', async () => {
    const own = await TestTenant.create();
    await own.save(
      'timed',
      'name: timed\nstages: [{ name: S, actions: [{ name: a, type: Invoke/Delay, configuration: { Seconds: 5 } }] }]',
    );
    const home = messages(await own.socket('/live'));
    const { id } = await own.start('timed');
    await home.next(); // it is in the index
    const stub = env.EXECUTIONS.getByName(objectName.execution(own.id as TenantId, id as ExecutionId));
    await runInDurableObject(stub, async (_, { storage }) => {
      await storage.deleteAlarm();
      // As if it had been asleep for a day: everything it wrote lies that far back.
      storage.sql.exec('UPDATE turn SET body = replace(body, \'"pollAt":\', \'"pollAt":-\')');
    });
    await evictDurableObject(stub);
    await worker.scheduled({ scheduledTime: 0, cron: '', noRetry: () => undefined }, env);
    expect((await own.ended(id)).status).toBe('Succeeded');
  });

  it('ring early without harm, and re-arm for what is really due', async () => {
    await tenant.save('early', WORK.replace('name: work', 'name: early'));
    const runner = await TestRunner.connect(tenant, { id: 'early-runner', work: () => 'silent' });
    const { id } = await tenant.start('early');
    while ((await runner.hears('claimed')).payload.pipeline !== 'early');
    const before = await tenant.execution(id);
    await runDurableObjectAlarm(execution(id));
    expect((await tenant.execution(id)).stages).toEqual(before.stages);
    const alarm = await runInDurableObject(execution(id), (_, { storage }) => storage.getAlarm());
    expect(alarm).toBeGreaterThan(Date.now());
    runner.close();
  });

  it('clear their alarm and keep their history when they have ended', async () => {
    const own = await TestTenant.create();
    await own.save(
      'quick',
      'name: quick\nstages: [{ name: S, actions: [{ name: a, type: Invoke/Delay, configuration: { Seconds: 0 } }] }]',
    );
    const home = messages(await own.socket('/live'));
    const { id } = await own.start('quick');
    await home.next();
    const stub = env.EXECUTIONS.getByName(objectName.execution(own.id as TenantId, id as ExecutionId));
    await evictDurableObject(stub);
    expect((await own.execution(id)).status).toBe('Succeeded');
    const { pipeline } = /^(?<pipeline>.{12})/.exec(id)?.groups ?? {};
    const live = await env.PIPELINES.getByName(objectName.pipeline(own.id as TenantId, pipeline as PipelineId)).live(
      own.id as TenantId,
    );
    expect(live).toEqual([]);
  });
});
