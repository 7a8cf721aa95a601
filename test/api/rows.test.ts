import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionId, TenantId } from '../../worker/engine/ids.ts';
import { objectName } from '../../worker/objects/names.ts';
import { TestTenant } from '../support/workerd/client.ts';
import { RowCounter } from '../support/workerd/row-counter.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const ACTIONS = 12;
const stages = (action: (index: number) => string): string =>
  Array.from({ length: 4 }, (_, stage) => {
    const actions = [0, 1, 2].map((at) => `      - { name: a${at}, runOrder: ${at + 1}, ${action(stage * 3 + at)} }`);
    return `  - name: S${stage}\n    actions:\n${actions.join('\n')}`;
  }).join('\n');

/** The bill of an execution; `docs/cost.md` says what each row is for. */
describe('rows written by an execution of twelve actions in four stages', () => {
  let tenant: TestTenant;
  let rows: RowCounter;

  beforeAll(async () => {
    tenant = await TestTenant.create();
    await tenant.save(
      'delays',
      `name: delays\nstages:\n${stages(() => 'type: Invoke/Delay, configuration: { Seconds: 0 }')}`,
    );
    await tenant.save('jobs', `name: jobs\nstages:\n${stages(() => 'commands: [make]')}`);
    rows = await RowCounter.install();
  });

  it('are at most 45 when each is a Delay of nothing', async () => {
    // The first one of a pipeline also pays for what is there once only.
    await tenant.ended((await tenant.start('delays')).id);
    rows.start();
    const { id, status } = await tenant.ended((await tenant.start('delays')).id);
    expect(status).toBe('Succeeded');
    await settled(tenant, id);
    console.log(`rows delays: ${rows.total} ${JSON.stringify(rows.byKind)}`);
    expect(rows.total).toBeLessThanOrEqual(45);
  });

  it(`are at most ${12 * ACTIONS + 23} when each is a job`, async () => {
    const runner = await TestRunner.connect(tenant);
    rows.start();
    const { id, status } = await tenant.ended((await tenant.start('jobs')).id);
    expect(status).toBe('Succeeded');
    await settled(tenant, id);
    console.log(`rows jobs: ${rows.total} ${JSON.stringify(rows.byKind)}`);
    expect(rows.total).toBeLessThanOrEqual(12 * ACTIONS + 23);
    runner.close();
  });
});

/** Acknowledgements and the index come in behind the end; the last of them sets the alarm for the archive, in days. */
async function settled(tenant: TestTenant, id: string): Promise<void> {
  const name = objectName.execution(tenant.id as TenantId, id as ExecutionId);
  const stub = env.EXECUTIONS.getByName(name);
  const alarm = (): Promise<number | null> => runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
  const hour = 60 * 60_000;
  while (((await alarm()) ?? 0) < Date.now() + hour);
}
