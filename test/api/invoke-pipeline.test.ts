import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionSummary } from '../../contract/executions.ts';
import * as composition from '../../worker/composition.ts';
import { readSettings } from '../../worker/env.ts';
import { stopCalled } from '../../worker/services/executions/call.ts';
import { TestTenant } from '../support/workerd/client.ts';

const CALLEE = `
name: callee
variables: [{ name: target, default: staging }]
stages:
  - name: Deploy
    actions: [{ name: Ship, type: Invoke/Delay, configuration: { Seconds: 0 } }]
`;

const FAILING = `
name: failing
stages:
  - name: Check
    beforeEntry:
      rules: [{ name: never, type: Rule/VariableCheck, configuration: { Variable: a, Operator: MATCHES, Value: "b+" } }]
      otherwise: FAIL
    actions: [{ name: Ship, type: Invoke/Delay, configuration: { Seconds: 0 } }]
`;

const ASKING = `
name: asking
stages:
  - name: Ask
    actions: [{ name: SignOff, type: Approval/Manual }]
`;

function caller(
  name: string,
  callee: string,
  more: Readonly<Record<string, string>> = {},
  mode = 'SUPERSEDED',
): string {
  const configuration = JSON.stringify({ PipelineName: callee, ...more });
  return `
name: ${name}
mode: ${mode}
stages:
  - name: Call
    actions: [{ name: Other, type: Invoke/Pipeline, namespace: call, configuration: ${configuration} }]
`;
}

const executionsOf = async (tenant: TestTenant, pipeline: string): Promise<ExecutionSummary[]> =>
  (await tenant.get<{ items: ExecutionSummary[] }>(`/pipelines/${pipeline}/executions`)).items;

describe('a pipeline that calls another one', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await TestTenant.create();
    for (const [name, yaml] of Object.entries({ callee: CALLEE, failing: FAILING, asking: ASKING })) {
      await tenant.save(name, yaml);
    }
  });

  it('waits for it, and is told at once when it has succeeded', async () => {
    const Variables = '[{"name":"target","value":"production"}]';
    await tenant.save('waiting', caller('waiting', 'callee', { Variables }));
    const { id } = await tenant.start('waiting');
    const ended = await tenant.ended(id);
    expect(ended.status).toBe('Succeeded');
    const [called] = await executionsOf(tenant, 'callee');
    const action = ended.stages[0]?.actions[0];
    expect(action?.outputs).toEqual({ PipelineExecutionId: called?.id });
    expect(action?.externalUrl).toBe(`/executions/${called?.id ?? ''}`);
    expect(await tenant.execution(called?.id ?? '')).toMatchObject({
      status: 'Succeeded',
      variables: { target: 'production' },
      trigger: { by: `execution ${id}`, detail: 'Called by Call/Other.' },
    });
  });

  it('fails with it, and says why', async () => {
    await tenant.save('unlucky', caller('unlucky', 'failing'));
    const { id } = await tenant.start('unlucky');
    const { status, stages } = await tenant.ended(id);
    expect(status).toBe('Failed');
    expect(stages[0]?.actions[0]?.error).toMatchObject({ code: 'JobFailed' });
    expect(stages[0]?.actions[0]?.error?.message).toMatch(/ended Failed\. Check: .*"a" MATCHES "b\+" does not hold/);
  });

  it('need not wait for it', async () => {
    await tenant.save('hasty', caller('hasty', 'asking', { Wait: 'false' }));
    const { id } = await tenant.start('hasty');
    expect((await tenant.ended(id)).status).toBe('Succeeded');
    const [called] = await executionsOf(tenant, 'asking');
    expect(called?.status).toBe('InProgress');
    await tenant.post(`/executions/${called?.id ?? ''}/stop`, { abandon: true });
    await tenant.ended(called?.id ?? '');
  });

  it('stops it when it is stopped itself', async () => {
    await tenant.save('stopped', caller('stopped', 'asking'));
    const { id } = await tenant.start('stopped');
    const { stages } = await tenant.until(id, (view) => view.stages[0]?.actions[0]?.externalUrl !== null);
    const called = stages[0]?.actions[0]?.externalUrl?.replace('/executions/', '') ?? '';
    expect((await tenant.execution(called)).status).toBe('InProgress');
    await tenant.post(`/executions/${id}/stop`, { abandon: true });
    const ended = await tenant.ended(called);
    expect(ended).toMatchObject({ status: 'Stopped', stop: { reason: 'Its caller was stopped.' } });
    expect((await tenant.ended(id)).status).toBe('Stopped');
  });

  it('can stop it even if the answer to its start was lost', async () => {
    await tenant.save('deaf', caller('deaf', 'asking'));
    const { id } = await tenant.start('deaf');
    const { stages } = await tenant.until(id, (view) => view.stages[0]?.actions[0]?.externalUrl !== null);
    const called = stages[0]?.actions[0]?.externalUrl?.replace('/executions/', '') ?? '';
    const call = { tenant: tenant.id, pipelineName: 'asking', execution: undefined, cause: 'TimedOut' };
    const ports = composition.ports(env, readSettings(env), composition.keyRing(env));
    expect(await stopCalled(ports, { ...call, job: `${id}:Call/Other:2` })).toBe('Over');
    expect((await tenant.execution(called)).status).toBe('InProgress');
    expect(await stopCalled(ports, { ...call, job: `${id}:Call/Other:1` })).toBe('Over');
    expect(await tenant.execution(called)).toMatchObject({
      status: 'Stopped',
      stop: { by: `execution ${id}`, reason: 'Its caller has timed out.' },
    });
    expect((await tenant.ended(id)).status).toBe('Failed');
  });

  it('that does not exist has a mistake in its definition', async () => {
    await tenant.save('lost', caller('lost', 'nowhere'));
    const { id } = await tenant.start('lost');
    const { stages } = await tenant.ended(id);
    expect(stages[0]?.actions[0]?.error).toEqual({
      code: 'ConfigurationError',
      message: 'There is no pipeline "nowhere".',
    });
  });

  it('cannot reach the pipelines of other tenants', async () => {
    const other = await TestTenant.create();
    await other.save('spy', caller('spy', 'callee'));
    const before = await executionsOf(tenant, 'callee');
    const { id } = await other.start('spy');
    expect((await other.ended(id)).stages[0]?.actions[0]?.error?.code).toBe('ConfigurationError');
    expect(await executionsOf(tenant, 'callee')).toHaveLength(before.length);
  });
});

describe('a pipeline that calls itself', () => {
  it('stops after ten calls', async () => {
    const tenant = await TestTenant.create();
    await tenant.save('loop', caller('loop', 'loop', {}, 'PARALLEL'));
    const { id } = await tenant.start('loop');
    expect((await tenant.ended(id)).status).toBe('Failed');
    const executions = await executionsOf(tenant, 'loop');
    expect(executions).toHaveLength(11);
    const deepest = await tenant.execution(executions[0]?.id ?? '');
    expect(deepest.stages[0]?.actions[0]?.error?.code).toBe('ConfigurationError');
  });
});
