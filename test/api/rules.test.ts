import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConditionView, ExecutionView } from '../../contract/executions.ts';
import { TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

/** A pipeline whose second stage is entered on one condition. */
function gated(name: string, rule: Readonly<Record<string, unknown>>, otherwise: string): string {
  return JSON.stringify({
    name,
    variables: [{ name: 'branch', default: 'main' }],
    stages: [
      { name: 'Build', actions: [{ name: 'Nothing', type: 'Invoke/Delay', configuration: { Seconds: 0 } }] },
      {
        name: 'Release',
        beforeEntry: { rules: [{ name: 'rule', ...rule }], otherwise },
        actions: [{ name: 'Ship', type: 'Invoke/Delay', configuration: { Seconds: 0 } }],
      },
    ],
  });
}

const conditionOf = ({ stages }: ExecutionView): ConditionView | undefined => stages[1]?.conditions[0];

describe('rules in front of a stage', () => {
  let tenant: TestTenant;
  let count = 0;
  beforeAll(async () => {
    tenant = await TestTenant.create();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  async function start(rule: Readonly<Record<string, unknown>>, otherwise = 'FAIL'): Promise<string> {
    count += 1;
    await tenant.save(`p${count}`, gated(`p${count}`, rule, otherwise));
    return (await tenant.start(`p${count}`)).id;
  }

  async function outcome(rule: Readonly<Record<string, unknown>>, otherwise = 'FAIL'): Promise<ExecutionView> {
    return tenant.ended(await start(rule, otherwise));
  }

  it.each([
    ['Rule/DeploymentWindow', { Cron: '0 * * ? * * *', TimeZone: 'Australia/Lord_Howe' }],
    ['Rule/VariableCheck', { Variable: '#{variables.branch}', Operator: 'EQ', Value: 'main' }],
    ['Rule/Soak', { Minutes: 0 }],
    ['Rule/Freeze', {}],
  ])('%s that holds lets an execution in', async (type, configuration) => {
    expect((await outcome({ type, configuration })).status).toBe('Succeeded');
  });

  it.each([
    ['Rule/DeploymentWindow', { Cron: '0 * * ? * * 2025' }],
    ['Rule/VariableCheck', { Variable: '#{variables.branch}', Operator: 'MATCHES', Value: 'release/.*' }],
    ['Rule/Soak', { Minutes: 30 }],
  ])('%s that does not hold fails the stage, and says why', async (type, configuration) => {
    const ended = await outcome({ type, configuration });
    expect(ended.status).toBe('Failed');
    expect(conditionOf(ended)).toMatchObject({ status: 'Failed', rules: [{ error: { code: 'ConditionUnmet' } }] });
  });

  it('a window that is shut is looked at again when it opens', async () => {
    const hour = new Date(Date.now() + 3 * 3_600_000);
    hour.setUTCMinutes(0, 0, 0);
    const configuration = { Cron: `0 * ${hour.getUTCHours()} ? * * *` };
    const id = await start({ type: 'Rule/DeploymentWindow', configuration }, 'WAIT');
    const waiting = await tenant.until(id, (view) => conditionOf(view)?.status === 'Failed');
    // The turn comes a moment after the rule has looked at the clock.
    const late = Date.parse(conditionOf(waiting)?.checkAt ?? '') - hour.getTime();
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);
    await tenant.post(`/executions/${id}/stop`, { abandon: true });
    expect((await tenant.ended(id)).status).toBe('Stopped');
  });

  it('commands run on a runner, and their failure is a verdict', async () => {
    const runner = await TestRunner.connect(tenant, {
      work: ({ commands }) =>
        commands.includes('false') ? { outcome: 'failed', exitCode: 1, message: 'exit 1' } : {},
    });
    expect((await outcome({ commands: ['true'] })).status).toBe('Succeeded');
    const refused = await outcome({ commands: ['false'] });
    expect(conditionOf(refused)?.status).toBe('Failed');
    runner.close();
  });

  it('an address is asked, but never one inside', async () => {
    const asked: string[] = [];
    vi.spyOn(globalThis, 'fetch').mockImplementation((url) => {
      asked.push(url as string);
      const location = 'http://169.254.169.254/latest/meta-data';
      const isRedirect = (url as string).endsWith('/moved');
      return Promise.resolve(
        isRedirect ? new Response(null, { status: 302, headers: { location } }) : Response.json({ status: 'up' }),
      );
    });
    const of = (Url: string) => ({
      type: 'Rule/HttpCheck',
      configuration: { Url, JsonPath: '$.status', Expected: 'up' },
    });
    expect((await outcome(of('https://shop.example/health'))).status).toBe('Succeeded');
    const moved = await outcome(of('https://shop.example/moved'));
    expect(conditionOf(moved)?.rules[0]?.error?.message).toContain('redirects to where it may not');
    const inside = await outcome(of('http://127.0.0.1:8787/api/v1/me'));
    expect(conditionOf(inside)).toMatchObject({
      status: 'Errored',
      rules: [{ error: { code: 'ConfigurationError' } }],
    });
    expect(asked).toEqual(['https://shop.example/health', 'https://shop.example/moved']);
  });
});
