import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '../../worker/engine/ids.ts';
import { objectName } from '../../worker/objects/names.ts';
import { TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

describe('a pool', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await TestTenant.create();
    await tenant.save(
      'one',
      'name: one\nmode: PARALLEL\nstages: [{ name: S, actions: [{ name: a, commands: [x] }] }]',
    );
    await tenant.save(
      'gpu',
      'name: gpu\nstages: [{ name: S, actions: [{ name: a, commands: [x], labels: [gpu] }] }]',
    );
  });

  it('keeps a job until a runner with its labels comes', async () => {
    const plain = await TestRunner.connect(tenant, { id: 'plain-runner' });
    const { id } = await tenant.start('gpu');
    expect((await tenant.execution(id)).stages[0]?.actions[0]).toMatchObject({ activity: 'Queued', runner: null });
    const gpu = await TestRunner.connect(tenant, { id: 'gpu-runner', labels: ['gpu', 'big'] });
    expect(await tenant.ended(id)).toMatchObject({
      status: 'Succeeded',
      stages: [{ actions: [{ runner: 'gpu-runner' }] }],
    });
    expect(plain.claimed).toEqual([]);
    plain.close();
    gpu.close();
  });

  it('gives no runner more jobs than it has slots', async () => {
    const runner = await TestRunner.connect(tenant, { id: 'one-slot', slots: 1, work: () => 'silent' });
    const first = await tenant.start('one');
    const second = await tenant.start('one');
    const { job } = await runner.hears('claimed');
    expect(runner.claimed).toHaveLength(1);
    runner.finish(job);
    expect((await tenant.ended(first.id)).status).toBe('Succeeded');
    const next = await runner.hears('claimed');
    runner.finish(next.job);
    expect((await tenant.ended(second.id)).status).toBe('Succeeded');
    runner.close();
  });

  it('gives a returning runner its job back, and takes the result once', async () => {
    const runner = await TestRunner.connect(tenant, { id: 'comes-back', work: () => 'silent' });
    const { id } = await tenant.start('one');
    const { job } = await runner.hears('claimed');
    runner.close();
    const again = await TestRunner.connect(tenant, { id: 'comes-back', jobs: [job], work: () => 'silent' });
    again.finish(job);
    await again.hears('finished');
    again.finish(job);
    await again.hears('finished');
    expect(await tenant.ended(id)).toMatchObject({ status: 'Succeeded', stages: [{ actions: [{ attempt: 1 }] }] });
    again.close();
  });

  it('offers a job again to the runner that claimed it and never wrote it down', async () => {
    const runner = await TestRunner.connect(tenant, { id: 'forgetful', work: () => 'silent' });
    const { id } = await tenant.start('one');
    await runner.hears('claimed');
    runner.close();
    const again = await TestRunner.connect(tenant, { id: 'forgetful' });
    expect(await tenant.ended(id)).toMatchObject({ status: 'Succeeded', stages: [{ actions: [{ attempt: 1 }] }] });
    again.close();
  });

  it('fences a runner that keeps what is not its own', async () => {
    const runner = await TestRunner.connect(tenant, { id: 'stranger', jobs: ['exec:S/a:1'] });
    expect(await runner.hears('fenced')).toMatchObject({ job: 'exec:S/a:1' });
    runner.finish('exec:S/a:1');
    expect(await runner.hears('fenced')).toMatchObject({ job: 'exec:S/a:1' });
    runner.close();
  });

  it('offers queued jobs after it has forgotten its offers', async () => {
    const pool = env.POOLS.getByName(objectName.pool(tenant.id as TenantId, 'default'));
    const lazy = await TestRunner.connect(tenant, { id: 'lazy-runner', isGreedy: false });
    const { id } = await tenant.start('one');
    await lazy.hears('offer');
    await evictDurableObject(pool, { webSockets: 'hibernate' });
    const eager = await TestRunner.connect(tenant, { id: 'eager-runner' });
    expect((await tenant.ended(id)).status).toBe('Succeeded');
    lazy.close();
    eager.close();
  });

  it('says what it does not understand, and turns away other protocols', async () => {
    const socket = await tenant.socket('/runners/connect', tenant.runnerToken);
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
    const heard: string[] = [];
    socket.addEventListener('message', ({ data }) => void heard.push(data as string));
    socket.send('not json');
    socket.send(JSON.stringify({ type: 'claim', job: 'x' }));
    const about = { id: 'old-runner', name: 'old', version: '9', os: 'x', arch: 'x', labels: [], slots: 1 };
    socket.send(JSON.stringify({ type: 'hello', protocol: 99, runner: about, jobs: [] }));
    expect(await closed).toBe(4002);
    expect(heard.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual([
      'problem',
      'problem',
      'problem',
    ]);
  });

  it('lists its runners, and those that were here', async () => {
    const own = await TestTenant.create();
    const here = await TestRunner.connect(own, { id: 'here-now', labels: ['x'], slots: 3 });
    const gone = await TestRunner.connect(own, { id: 'gone-now' });
    here.say({ type: 'draining' });
    gone.close();
    type Runners = { items: { id: string; status: string }[] };
    let runners = await own.get<Runners>('/runners');
    while (runners.items.some(({ status }) => status === 'Idle')) runners = await own.get<Runners>('/runners');
    const byId = Object.fromEntries(runners.items.map((runner) => [runner.id, runner]));
    expect(byId['here-now']).toMatchObject({ status: 'Draining', labels: ['x'], slots: 3, pool: 'default' });
    expect(byId['gone-now']).toMatchObject({ status: 'Offline', connectedAt: null });
    here.close();
  });
});
