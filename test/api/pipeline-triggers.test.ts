import { beforeAll, describe, expect, it } from 'vitest';
import { TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const delay = '[{ name: S, actions: [{ name: d, type: Invoke/Delay, configuration: { Seconds: "0" } }] }]';
const pipeline = (name: string, after: string, more = '') =>
  `name: ${name}\nmode: PARALLEL\ntriggers: [{ pipeline: { name: ${after}${more} } }]\nstages: ${delay}`;

interface Execution {
  readonly id: string;
  readonly trigger: { readonly type: string; readonly by: string; readonly detail: string | null };
}

describe('the end of another pipeline', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await TestTenant.create();
    await TestRunner.connect(tenant, { slots: 10, work: () => ({ outcome: 'failed', exitCode: 1, message: 'no' }) });
  });
  const executions = async (name: string) =>
    (await tenant.get<{ items: Execution[] }>(`/pipelines/${name}/executions?limit=100`)).items;
  const started = (name: string, count = 1) =>
    expect.poll(async () => (await executions(name)).length, { timeout: 10_000 }).toBe(count);

  it('starts an execution, once, that knows what it came from', async () => {
    await tenant.save('build', `name: build\nstages: ${delay}`);
    const text = pipeline('deploy', 'build', ', variables: { from: execution, how: status }');
    const variables = 'variables: [{ name: from, default: x }, { name: how, default: x }]\nstages';
    await tenant.save('deploy', text.replace('stages', variables));
    const { id } = await tenant.start('build');
    await started('deploy');
    const [execution] = await executions('deploy');
    expect(execution?.trigger).toEqual({
      type: 'CloudWatchEvent',
      by: `execution ${id}`,
      detail: 'pipeline build has ended',
    });
    expect(await tenant.get(`/executions/${execution?.id ?? ''}`)).toMatchObject({
      variables: { from: id, how: 'Succeeded' },
    });
  });

  it('starts nothing when it is another one than was asked for', async () => {
    await tenant.save('broken', 'name: broken\nstages: [{ name: S, actions: [{ name: a, commands: [x] }] }]');
    await tenant.save('on-success', pipeline('on-success', 'broken'));
    await tenant.save('on-failure', pipeline('on-failure', 'broken', ', status: [Failed]'));
    await tenant.start('broken');
    await started('on-failure');
    expect(await executions('on-success')).toEqual([]);
  });

  it('ends a circle after ten', async () => {
    await tenant.save('ping', pipeline('ping', 'pong'));
    await tenant.save('pong', pipeline('pong', 'ping'));
    await tenant.start('ping');
    const all = async () => (await executions('ping')).length + (await executions('pong')).length;
    await expect.poll(all, { timeout: 20_000 }).toBe(11);
    const ended = (await executions('ping')).concat(await executions('pong')).map(({ id }) => tenant.ended(id));
    await Promise.all(ended);
    expect(await all()).toBe(11);
  }, 30_000);

  it('cannot be its own, nor set what is not declared', async () => {
    const put = (name: string, body: string) =>
      tenant.fetch(`/pipelines/${name}`, { method: 'PUT', headers: { 'content-type': 'application/yaml' }, body });
    const own = await put('own', pipeline('own', 'own'));
    expect(await own.json()).toMatchObject({ errors: [{ path: 'triggers[0].pipeline.name' }] });
    const strange = await put('strange', pipeline('strange', 'build', ', variables: { none: status }'));
    expect(await strange.json()).toMatchObject({ errors: [{ path: 'triggers[0].pipeline.variables.none' }] });
  });

  it('of another tenant is nothing to it', async () => {
    const other = await TestTenant.create();
    await other.save('build', `name: build\nstages: ${delay}`);
    const before = (await executions('deploy')).length;
    const { id } = await other.start('build');
    await other.ended(id);
    await expect
      .poll(
        async () =>
          (await other.get<{ items: { endedAt: string | null }[] }>('/pipelines/build/executions')).items[0]?.endedAt,
      )
      .toBeTruthy();
    expect(await executions('deploy')).toHaveLength(before);
  });
});
