import { beforeAll, describe, expect, it } from 'vitest';
import { TestRunner } from '../support/workerd/runner.ts';
import { TestTenant } from '../support/workerd/client.ts';

const YAML = `
name: shop
variables: [{ name: target, default: staging }]
stages:
  - name: Source
    actions: [{ name: Checkout, type: Source/Upload, outputs: [source], namespace: src }]
  - name: Build
    actions:
      - { name: Lint, inputs: [source], commands: [npm run lint] }
      - { name: Unit, inputs: [source], commands: [npm test] }
      - { name: Package, runOrder: 2, inputs: [source], commands: [make], outputs: [app], outputVariables: [VERSION], namespace: pkg }
  - name: Approve
    actions: [{ name: SignOff, type: Approval/Manual, configuration: { CustomData: "Version #{pkg.VERSION}" } }]
  - name: Deploy
    actions: [{ name: Ship, type: Deploy/Commands, inputs: [app], commands: ["deploy #{variables.target}"] }]
`;

describe('a pipeline, from upload to deployment', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await TestTenant.create();
    await tenant.save('shop', YAML);
  });

  it('refuses to start before anything has been uploaded', async () => {
    const refused = await tenant.post('/pipelines/shop/executions', {});
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: 'revision_missing' });
  });

  it('builds, waits for the approval, and deploys', async () => {
    const body = new TextEncoder().encode('a revision');
    const uploaded = await tenant.fetch('/sources/shop/Checkout?summary=first', {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/gzip', 'content-length': String(body.byteLength) },
    });
    expect(uploaded.status).toBe(201);
    const revision = await uploaded.json<{ digest: string }>();

    const digest = revision.digest;
    const runner = await TestRunner.connect(tenant, {
      work: ({ outputs }) => ({
        variables: { VERSION: '1.2.3' },
        artifacts: outputs.map(({ name }) => ({ name, digest, sizeBytes: 10 })),
      }),
    });
    const { id, number } = await tenant.start('shop');
    expect(number).toBe(1);
    const waiting = await tenant.until(id, ({ stages }) => stages[2]?.actions[0]?.activity === 'AwaitingApproval');
    expect(waiting.stages.map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded', 'InProgress', null]);
    expect(waiting.stages[2]?.actions[0]?.configuration).toEqual({ CustomData: 'Version 1.2.3' });

    const answer = await tenant.post(`/executions/${id}/approvals/Approve/SignOff`, {
      result: 'Approved',
      summary: 'ship it',
      token: waiting.stages[2]?.actions[0]?.approval?.token,
    });
    expect(answer.status).toBe(200);
    const ended = await tenant.ended(id);
    expect(ended.status).toBe('Succeeded');
    const ship = runner.claimed.at(-1);
    expect(ship).toMatchObject({ action: 'Ship', commands: ['deploy staging'], inputs: [{ name: 'app', digest }] });

    const list = await tenant.get<{ items: { id: string; status: string }[] }>('/pipelines/shop/executions');
    expect(list.items).toMatchObject([{ id }]);
    runner.close();
  });
});
