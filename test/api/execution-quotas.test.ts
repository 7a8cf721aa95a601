import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import type { TenantId } from '../../worker/engine/ids.ts';
import { objectName } from '../../worker/objects/names.ts';
import { TestTenant } from '../support/workerd/client.ts';
import { limit, usageOf } from '../support/workerd/quotas.ts';

const waiting = 'name: waiting\nmode: PARALLEL\nstages: [{ name: S, actions: [{ name: A, type: Approval/Manual }] }]';
const quick = `name: quick
stages: [{ name: S, actions: [{ name: A, type: Invoke/Delay, configuration: { Seconds: 0 } }] }]`;

let tenant: TestTenant;
beforeEach(async () => {
  tenant = await TestTenant.create();
  await tenant.save('waiting', waiting);
});

const start = (key?: string, name = 'waiting'): Promise<Response> =>
  tenant.post(`/pipelines/${name}/executions`, {}, key === undefined ? {} : { 'idempotency-key': key });

async function stop(id: string): Promise<void> {
  const stopped = await tenant.post(`/executions/${id}/stop`, { abandon: true, reason: 'enough' });
  expect(stopped.status).toBe(202);
  await tenant.ended(id);
}

const ledger = () => env.TENANTS.getByName(objectName.tenant(tenant.id as TenantId));

/** Executions end before their pipeline has heard of it, and it before their tenant. Looks without asking: that would ask them. */
async function held(count: number): Promise<void> {
  const query = 'SELECT count(*) AS held FROM slot WHERE is_held = 1';
  const isSo = (): Promise<boolean> =>
    runInDurableObject(ledger(), (_, { storage }) => storage.sql.exec(query).one()['held'] === count);
  const deadline = Date.now() + 4_000;
  while (!(await isSo())) if (Date.now() > deadline) throw new Error(`never were exactly ${count} places held`);
}

describe('executions at a time', () => {
  beforeEach(() => limit(tenant, 'concurrentExecutions', 2));

  it('are refused above the limit with the quota and when to try again, and nothing is begun', async () => {
    await tenant.start('waiting');
    await tenant.start('waiting');
    const refused = await start();
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(Problem.parse(await refused.json())).toMatchObject({
      status: 429,
      code: 'execution_quota_exceeded',
      quota: { name: 'concurrentExecutions', used: 2, limit: 2 },
      retryAfterSeconds: 30,
      detail:
        'This tenant has 2 executions running or waiting, and may have 2. ' +
        'Wait for one to end, or stop one, or ask the operator for more.',
    });
    const { items } = await tenant.get<{ items: { number: number }[] }>('/pipelines/waiting/executions');
    expect(items.map(({ number }) => number)).toEqual([2, 1]);
    expect(await usageOf(tenant, 'executionsPerHour')).toMatchObject({ used: 2 });
  });

  it('go on when one has ended', async () => {
    const { id } = await tenant.start('waiting');
    await tenant.start('waiting');
    expect((await start()).status).toBe(429);
    await stop(id);
    await held(1);
    expect((await start()).status).toBe(201);
    expect((await start()).status).toBe(429);
  });

  it('get the last place once, whoever comes at the same moment, from whichever pipeline', async () => {
    await tenant.save('other', waiting.replace('name: waiting', 'name: other'));
    await tenant.start('waiting');
    const answers = await Promise.all([start(), start(undefined, 'other'), start(), start(undefined, 'other')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 429, 429, 429]);
  });

  it('are not counted twice for the same request, and a repeat is answered when all places are taken', async () => {
    const first = await (await start('k1')).json<{ id: string }>();
    await start('k2');
    const again = await start('k1');
    expect(again.status).toBe(201);
    expect(await again.json()).toMatchObject({ id: first.id });
    expect(await usageOf(tenant, 'concurrentExecutions')).toMatchObject({ used: 2 });
    expect(await usageOf(tenant, 'executionsPerHour')).toMatchObject({ used: 2 });
  });

  it('hold for forks, and for those that wait for a stage', async () => {
    await tenant.save('queued', waiting.replace('name: waiting', 'name: queued').replace('PARALLEL', 'QUEUED'));
    const { id } = await tenant.start('queued');
    await tenant.start('queued');
    const forked = await tenant.post(`/executions/${id}/fork`, {});
    expect(Problem.parse(await forked.json()).code).toBe('execution_quota_exceeded');
  });

  it('fail the action of a pipeline that calls another one, with the same words', async () => {
    await tenant.save(
      'caller',
      `name: caller
stages: [{ name: S, actions: [{ name: Call, type: Invoke/Pipeline, configuration: { PipelineName: waiting } }] }]`,
    );
    await tenant.start('waiting');
    const { id } = await tenant.start('caller');
    const { status, stages } = await tenant.ended(id);
    expect(status).toBe('Failed');
    expect(stages[0]?.actions[0]?.error?.message).toContain(
      'This tenant has 2 executions running or waiting, and may have 2.',
    );
  });

  it('let an execution come back only where there is a place', async () => {
    const { id } = await tenant.start('waiting');
    await stop(id);
    await held(0);
    await tenant.start('waiting');
    const other = await tenant.start('waiting');
    const retry = (): Promise<Response> => tenant.post(`/executions/${id}/stages/S/retry`, { mode: 'ALL_ACTIONS' });
    const refused = await retry();
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(Problem.parse(await refused.json()).code).toBe('execution_quota_exceeded');
    expect((await tenant.execution(id)).status).toBe('Stopped');
    await stop(other.id);
    await held(1);
    expect((await retry()).status).toBe(202);
    expect(await usageOf(tenant, 'concurrentExecutions')).toMatchObject({ used: 2 });
    // Coming back is no start.
    expect(await usageOf(tenant, 'executionsPerHour')).toMatchObject({ used: 3 });
  });

  it('hold for rollbacks', async () => {
    await tenant.save('quick', quick);
    await tenant.ended((await tenant.start('quick')).id);
    await held(0);
    const rollback = (): Promise<Response> => tenant.post('/pipelines/quick/stages/S/rollback', {});
    await tenant.start('waiting');
    await tenant.start('waiting');
    const refused = await rollback();
    expect(Problem.parse(await refused.json())).toMatchObject({
      code: 'execution_quota_exceeded',
      quota: { name: 'concurrentExecutions' },
    });
  });

  it('are given back by what was lost on the way: of executions that have ended or never began', async () => {
    const { id } = await tenant.start('waiting');
    const pipeline = id.slice(0, 12);
    // A start whose pipeline went down before it could begin: nobody will ever give this back.
    await runInDurableObject(ledger(), (instance) =>
      instance.takeSlot(tenant.id, {
        lease: `${pipeline}-neverbeganatall0`,
        pipeline: pipeline as never,
        isStart: true,
      }),
    );
    expect((await start()).status).toBe(201);
    expect((await start()).status).toBe(429);
    expect(await usageOf(tenant, 'concurrentExecutions')).toMatchObject({ used: 2 });
  });
});

describe('executions in an hour', () => {
  beforeEach(() => limit(tenant, 'executionsPerHour', 2));

  it('are refused above the limit with the time until there is room again', async () => {
    await tenant.start('waiting');
    await tenant.start('waiting');
    const refused = await start();
    const problem = Problem.parse(await refused.json());
    expect(problem).toMatchObject({
      status: 429,
      code: 'execution_quota_exceeded',
      quota: { name: 'executionsPerHour', used: 2, limit: 2 },
    });
    expect(problem.retryAfterSeconds).toBeGreaterThan(3500);
    expect(problem.retryAfterSeconds).toBeLessThanOrEqual(3600);
    expect(refused.headers.get('retry-after')).toBe(String(problem.retryAfterSeconds));
  });

  it('are counted after their end too, and what is refused for another reason is not', async () => {
    const { id } = await tenant.start('waiting');
    await stop(id);
    await held(0);
    expect((await tenant.post('/pipelines/waiting/executions', { variables: { none: 'x' } })).status).toBe(422);
    expect(await usageOf(tenant, 'executionsPerHour')).toMatchObject({ used: 1 });
    expect((await start()).status).toBe(201);
    expect((await start()).status).toBe(429);
  });
});
