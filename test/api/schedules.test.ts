import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutionSummary } from '../../contract/executions.ts';
import type { Pipeline, SavedPipeline } from '../../contract/pipelines.ts';
import type { Problem } from '../../contract/problem.ts';
import type { SchedulePreview, ScheduleView } from '../../contract/schedules.ts';
import type { PipelineId, TenantId } from '../../worker/engine/ids.ts';
import worker from '../../worker/main.ts';
import { objectName } from '../../worker/objects/names.ts';
import { TestTenant } from '../support/workerd/client.ts';
import { limit } from '../support/workerd/quotas.ts';

const DAY = 24 * 3_600_000;
/** Far more than it takes to hear of what has begun. */
const ASKED_MAX = 300;

const definition = (triggers: string, name = 'clock', variables = '[{ name: SUITE, default: quick }]'): string => `
name: ${name}
mode: PARALLEL
variables: ${variables}
triggers: ${triggers}
stages:
  - name: Ask
    actions: [{ name: ok, type: Approval/Manual }]
`;
const NIGHTLY = definition(
  '[{ schedule: { name: nightly, cron: "30 2 * * *", timezone: Europe/Berlin, variables: { SUITE: full } } }]',
);

describe('a schedule', () => {
  let tenant: TestTenant;
  let id: string;

  const object = () => env.PIPELINES.getByName(objectName.pipeline(tenant.id as TenantId, id as PipelineId));
  const alarm = () => runInDurableObject(object(), (_, { storage }) => storage.getAlarm());
  const row = () =>
    env.DB.prepare('SELECT next_schedule_at AS at FROM pipeline WHERE tenant_id = ? AND id = ?')
      .bind(tenant.id, id)
      .first<{ at: number | null }>();
  const sweep = () => worker.scheduled({ scheduledTime: 0, cron: '', noRetry: () => undefined }, env);
  const executions = async (): Promise<ExecutionSummary[]> =>
    (await tenant.get<{ items: ExecutionSummary[] }>('/pipelines/clock/executions')).items;

  async function schedules(): Promise<ScheduleView[]> {
    return (await tenant.get<{ items: ScheduleView[] }>('/pipelines/clock/schedules')).items;
  }

  async function only(): Promise<ScheduleView> {
    const [schedule] = await schedules();
    if (schedule === undefined) throw new Error('there is no schedule');
    return schedule;
  }

  async function save(text: string): Promise<void> {
    await tenant.save('clock', text);
    ({ id } = await tenant.get<Pipeline>('/pipelines/clock'));
  }

  /** What begins in the alarm goes on after it: until the schedule says that it has fired. */
  async function fired(dueAt: string): Promise<ScheduleView> {
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      const schedule = await only();
      if (schedule.last?.dueAt === dueAt) return schedule;
    }
    throw new Error(`it has not fired: ${JSON.stringify(await only())}`);
  }

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2027-03-01T12:00:00Z') });
    tenant = await TestTenant.create();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows the ten firings that come next, and is saved without a warning', async () => {
    const saved = await tenant.putYaml('clock', NIGHTLY);
    expect((await saved.json<SavedPipeline>()).warnings).toEqual([]);
    const schedule = await only();
    expect(schedule).toMatchObject({
      name: 'nightly',
      cron: '30 2 * * *',
      timezone: 'Europe/Berlin',
      enabled: true,
      variables: { SUITE: 'full' },
      last: null,
    });
    expect(schedule.next).toHaveLength(10);
    expect(new Set(schedule.next).size).toBe(10);
    expect(Date.parse(schedule.next[0] ?? '')).toBeGreaterThan(Date.now());
  });

  it('starts an execution in its alarm, and is asleep until then', async () => {
    await save(NIGHTLY);
    while ((await row())?.at !== Date.parse('2027-03-02T01:30:00Z'));
    // The first ring hears that the version is published, and sets the alarm for what comes next.
    vi.setSystemTime(Date.now() + 5_000);
    await runDurableObjectAlarm(object());
    expect(await alarm()).toBe(Date.parse('2027-03-02T01:30:00Z'));
    await evictDurableObject(object());

    vi.setSystemTime(Date.parse('2027-03-02T01:30:00.004Z'));
    expect(await runDurableObjectAlarm(object())).toBe(true);
    const { last, next } = await fired('2027-03-02T01:30:00.000Z');
    expect(next[0]).toBe('2027-03-03T01:30:00.000Z');
    const [started, ...others] = await executions();
    expect(others).toEqual([]);
    expect(last).toEqual({
      dueAt: '2027-03-02T01:30:00.000Z',
      at: '2027-03-02T01:30:00.004Z',
      execution: { id: started?.id, number: 1 },
      problem: null,
    });
    expect(started?.trigger).toMatchObject({
      type: 'CloudWatchEvent',
      by: 'schedule nightly',
      detail: '"nightly" was due at 2027-03-02T01:30:00Z.',
    });
    expect((await tenant.execution(started?.id ?? '')).variables).toEqual({ SUITE: 'full' });
    // A second ring of the same alarm, as the platform may make it, starts nothing.
    await runDurableObjectAlarm(object());
    await evictDurableObject(object());
    await tenant.get('/pipelines/clock/state');
    expect(await executions()).toHaveLength(1);
  });

  it('whose alarm was lost is caught up once by the sweeper, which looks again when it is due again', async () => {
    await save(NIGHTLY);
    while ((await row())?.at !== Date.parse('2027-03-02T01:30:00Z'));
    await runInDurableObject(object(), (_, { storage }) => storage.deleteAlarm());
    await evictDurableObject(object());

    vi.setSystemTime(Date.parse('2027-03-05T09:00:00Z'));
    await sweep();
    const { last } = await fired('2027-03-05T01:30:00.000Z');
    expect(last?.execution?.number).toBe(1);
    const [started] = await executions();
    expect(started?.trigger.detail).toBe('"nightly" was due at 2027-03-05T01:30:00Z; it was missed, and caught up.');
    await sweep();
    expect((await row())?.at).toBe(Date.parse('2027-03-06T01:30:00Z'));
    expect(await alarm()).toBeLessThanOrEqual(Date.parse('2027-03-06T01:30:00Z'));
    expect(await executions()).toHaveLength(1);
  });

  it('starts nothing in a tenant that is to be deleted, and says so', async () => {
    await save(NIGHTLY);
    await env.DB.prepare(
      'INSERT INTO tenant_closing (tenant_id, delete_at, requested_at, requested_by) VALUES (?, ?, ?, ?)',
    )
      .bind(tenant.id, Date.now() + 30 * DAY, Date.now(), 'ada')
      .run();
    vi.setSystemTime(Date.parse('2027-03-02T01:31:00Z'));
    await runDurableObjectAlarm(object());
    const { last, next } = await fired('2027-03-02T01:30:00.000Z');
    expect(last).toMatchObject({ execution: null, problem: expect.stringContaining('to be deleted') });
    expect(next[0]).toBe('2027-03-03T01:30:00.000Z');
    expect(await executions()).toEqual([]);
  });

  it('takes a place among the executions of its tenant, and says so when there is none', async () => {
    await save(NIGHTLY);
    await limit(tenant, 'concurrentExecutions', 1);
    const { id: first } = await tenant.start('clock');
    vi.setSystemTime(Date.parse('2027-03-02T01:30:00Z'));
    await runDurableObjectAlarm(object());
    const { last } = await fired('2027-03-02T01:30:00.000Z');
    expect(last).toMatchObject({ execution: null, problem: expect.stringContaining('and may have 1') });
    expect(await executions()).toHaveLength(1);

    await tenant.post(`/executions/${first}/stop`, { abandon: true, reason: '' });
    await tenant.ended(first);
    vi.setSystemTime(Date.parse('2027-03-03T01:30:00Z'));
    await runDurableObjectAlarm(object());
    expect((await fired('2027-03-03T01:30:00.000Z')).last?.execution?.number).toBe(2);
  });

  it('fires no more when its pipeline has been deleted, and none while it is disabled', async () => {
    await save(definition('[{ schedule: { name: nightly, cron: "30 2 * * *", enabled: false } }]'));
    expect(await only()).toMatchObject({ enabled: false, next: [] });
    vi.setSystemTime(Date.parse('2027-03-03T12:00:00Z'));
    await runDurableObjectAlarm(object());
    expect((await only()).last).toBeNull();

    await save(NIGHTLY);
    expect((await tenant.fetch('/pipelines/clock', { method: 'DELETE' })).status).toBe(200);
    expect(await alarm()).toBeNull();
    expect((await tenant.fetch('/pipelines/clock/schedules')).status).toBe(404);
  });

  it('is refused when it does not give a variable its value', async () => {
    const schedule = '[{ schedule: { name: nightly, cron: "30 2 * * *" } }]';
    const refused = await tenant.putYaml('clock', definition(schedule, 'clock', '[{ name: SUITE }]'));
    expect(refused.status).toBe(422);
    expect((await refused.json<Problem>()).errors).toEqual([
      {
        path: 'triggers[0].schedule.variables',
        message: 'The variable "SUITE" has no default, so the schedule must give it a value.',
      },
    ]);
  });

  it('is nobody else’s', async () => {
    await save(NIGHTLY);
    const other = await TestTenant.create();
    expect((await other.fetch('/pipelines/clock/schedules')).status).toBe(404);
    expect(await object().schedules(other.id as TenantId)).toBeNull();
  });
});

describe('the preview', () => {
  let tenant: TestTenant;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2027-03-27T12:00:00Z') });
    tenant = await TestTenant.create();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const preview = (cron: string, timezone?: string): Promise<Response> => {
    const zone = timezone === undefined ? '' : `&timezone=${encodeURIComponent(timezone)}`;
    return tenant.fetch(`/schedules/preview?cron=${encodeURIComponent(cron)}${zone}`);
  };

  it('says when a schedule would fire', async () => {
    const answer = await (await preview('30 2 * * *', 'Europe/Berlin')).json<SchedulePreview>();
    // On the 28th the clocks go from 2:00 to 3:00.
    expect(answer.next.slice(0, 3)).toEqual([
      '2027-03-28T01:00:00.000Z',
      '2027-03-29T00:30:00.000Z',
      '2027-03-30T00:30:00.000Z',
    ]);
    expect(answer.next).toHaveLength(10);
    const rate = await (await preview('rate(7 hours)')).json<SchedulePreview>();
    expect(rate).toMatchObject({ timezone: 'UTC', next: { 0: '2027-03-27T19:00:00.000Z' } });
  });

  it.each([
    ['0 25 * * *', 'UTC', ['cron']],
    ['rate(1 week)', 'Mars/Olympus', ['cron', 'timezone']],
    ['', 'UTC', ['cron']],
  ])('refuses "%s" in %s', async (cron, timezone, paths) => {
    const response = await preview(cron, timezone);
    expect(response.status).toBe(422);
    const problem = await response.json<Problem>();
    expect(problem.errors?.map(({ path }) => path)).toEqual(paths);
  });
});
