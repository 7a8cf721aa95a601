import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditEntry, AuditKey } from '../../contract/audit.ts';
import { encodeChunk } from '../../contract/log-frames.ts';
import type { TenantLiveMessage } from '../../contract/live-feed.ts';
import type { Tenant } from '../../contract/tenant.ts';
import type { ExecutionId, PipelineId, TenantId } from '../../worker/engine/ids.ts';
import worker from '../../worker/main.ts';
import { objectName } from '../../worker/objects/names.ts';
import { verifyLog } from '../support/workerd/audit-log.ts';
import { database } from '../../worker/storage/database.ts';
import { tenantQueries } from '../../worker/storage/tenants.ts';
import { TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const DAY = 24 * 60 * 60_000;
const ORIGIN = 'https://millrace.test';
const SECRET = 'correct-horse-battery-staple';
const ASKING = `
name: asking
mode: PARALLEL
stages: [{ name: Ask, actions: [{ name: SignOff, type: Approval/Manual }] }]
`;
const WORKING = `
name: working
stages: [{ name: Work, actions: [{ name: Run, commands: [sleep 1] }] }]
`;
const UNATTENDED = `
name: unattended
stages: [{ name: Work, actions: [{ name: Run, commands: [sleep 1], pool: nobody }] }]
`;

const RETURNING = `
name: returning
mode: QUEUED
stages:
  - { name: First, actions: [{ name: Wait, type: Invoke/Delay, configuration: { Seconds: 0 } }] }
  - name: Work
    onFailure: { result: ROLLBACK }
    actions: [{ name: Run, commands: [sleep 1] }]
`;

afterEach(() => {
  vi.useRealTimers();
});

interface World {
  readonly tenant: TestTenant;
  readonly slug: string;
  readonly executions: readonly string[];
  readonly pipelines: readonly string[];
}

/** With something of everything: ended, waiting for a person, on a runner. */
async function world(): Promise<World> {
  const slug = `t${crypto.randomUUID().slice(0, 8)}`;
  const tenant = await TestTenant.create(slug);
  const indexed = await indexOf(tenant);
  await tenant.save('asking', ASKING);
  await tenant.save('working', WORKING);
  const ended = await tenant.start('asking');
  await tenant.post(`/executions/${ended.id}/approvals/Ask/SignOff`, { result: 'Approved' });
  await tenant.ended(ended.id);
  const runner = await TestRunner.connect(tenant, { work: () => 'silent' });
  const [waiting, running] = [await tenant.start('asking'), await tenant.start('working')];
  await runner.hears('claimed');
  await tenant.fetch(`/secrets/KEY`, put({ value: SECRET }));
  await tenant.fetch('/settings', put({ keepHistoryDays: 90 }));
  const when = { kind: 'once', from: '2030-12-24T00:00:00Z', to: '2030-12-27T00:00:00Z' };
  expect((await tenant.post('/freezes', { name: 'holidays', reason: 'away', when })).status).toBe(201);
  await env.BUCKET.put(`t/${tenant.id}/logs/${running.id}:Work/Run:1/000000000000000`, 'hello');
  await env.BUCKET.put(`t/${tenant.id}/sha256/abc`, 'bytes');
  const executions = [ended.id, waiting.id, running.id];
  await indexed(executions);
  return { tenant, slug, executions, pipelines: [ended.id.slice(0, 12), running.id.slice(0, 12)] };
}

/** The index lags behind; the feed tells of an execution once it is there. */
async function indexOf(tenant: TestTenant): Promise<(ids: readonly string[]) => Promise<void>> {
  const feed = await tenant.socket('/live');
  const seen = new Set<string>();
  let wake = (): void => undefined;
  feed.addEventListener('message', ({ data }) => {
    seen.add((JSON.parse(data as string) as TenantLiveMessage).execution.id);
    wake();
  });
  return async (ids) => {
    while (!ids.every((id) => seen.has(id))) await new Promise<void>((resolve) => (wake = resolve));
    feed.close();
  };
}

function put(body: unknown): RequestInit {
  return { method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

function asOwner({ cookie }: TestTenant, method: string, body?: unknown): RequestInit {
  const headers = { cookie, origin: ORIGIN, 'content-type': 'application/json' };
  return { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

const sweep = () => worker.scheduled({ scheduledTime: 0, cron: '', noRetry: () => undefined }, env);

describe('a tenant', () => {
  it('can be renamed; its slug stays', async () => {
    const tenant = await TestTenant.create();
    const before = await tenant.get<Tenant>('/tenant');
    const response = await tenant.fetch('/tenant', put({ name: '  Web shop ' }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ...before, name: 'Web shop' });
    expect(await tenant.get('/tenant')).toMatchObject({ name: 'Web shop', slug: before.slug, closing: null });
    expect((await tenant.fetch('/tenant', put({ name: '' }))).status).toBe(422);
  });

  it('can be exported, but for what is secret', async () => {
    const { tenant, slug, executions } = await world();
    await tenant.save('asking', `${ASKING}onUpdate: continue\n`);
    const response = await tenant.fetch('/tenant/export');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${slug}.ndjson.gz"`);
    const text = await new Response(response.body?.pipeThrough(new DecompressionStream('gzip'))).text();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const of = (type: string) => lines.filter((line) => line['type'] === type);
    expect(lines[0]).toMatchObject({ type: 'tenant', id: tenant.id, slug });
    expect(lines.at(-1)).toEqual({ type: 'end' });
    expect(of('member')).toHaveLength(1);
    expect(of('settings')).toMatchObject([{ keepHistoryDays: 90 }]);
    expect(of('freeze')).toMatchObject([{ name: 'holidays' }]);
    expect(of('secret')).toMatchObject([{ name: 'KEY' }]);
    expect(of('version').map(({ pipeline, version }) => `${String(pipeline)} ${String(version)}`)).toEqual([
      'asking 2',
      'asking 1',
      'working 1',
    ]);
    expect(of('execution').map(({ id }) => id)).toEqual([...executions].sort());
    for (const id of executions) expect(of('event').some(({ execution }) => execution === id)).toBe(true);
    expect(text).not.toContain(SECRET);
    // The whole audit log, which verifies by itself.
    const log = of('audit').map(({ line }) => JSON.stringify(line));
    const verified = await verifyLog(log, await tenant.get<AuditKey>('/audit/key'));
    expect(verified).toMatchObject({ ok: true, tenant: tenant.id });
    const { items } = await tenant.get<{ items: AuditEntry[] }>('/audit?limit=100');
    expect(items.length).toBeGreaterThan(5);
    expect(log.join()).toContain(items.at(-1)?.hash);
  });
});

describe('a tenant that is to be deleted', () => {
  let tenant: TestTenant;
  let slug = '';

  beforeAll(async () => {
    slug = `t${crypto.randomUUID().slice(0, 8)}`;
    tenant = await TestTenant.create(slug);
    await tenant.save('asking', ASKING);
  });

  it('must be named', async () => {
    const response = await tenant.fetch('/tenant', asOwner(tenant, 'DELETE', { slug: 'another' }));
    expect(response.status).toBe(422);
    expect(await tenant.get('/tenant')).toMatchObject({ closing: null });
  });

  it('starts nothing, and goes on when it is restored', async () => {
    const { id } = await tenant.start('asking');
    const response = await tenant.fetch('/tenant', asOwner(tenant, 'DELETE', { slug }));
    expect(response.status).toBe(202);
    const { closing } = await response.json<Tenant>();
    expect(Date.parse(closing?.deleteAt ?? '') - Date.parse(closing?.requestedAt ?? '')).toBe(7 * DAY);
    const refused = [
      await tenant.post('/pipelines/asking/executions', {}),
      await tenant.post(`/executions/${id}/fork`, {}),
      await tenant.post('/pipelines/asking/stages/Ask/rollback', {}),
      await tenant.post(`/executions/${id}/stages/Ask/retry`, { mode: 'FAILED_ACTIONS' }),
    ];
    for (const answer of refused) expect(await answer.json()).toMatchObject({ status: 409, code: 'tenant_closing' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * DAY });
    await sweep();
    expect((await tenant.fetch('/tenant/restore', asOwner(tenant, 'POST'))).status).toBe(200);
    expect((await tenant.post('/pipelines/asking/executions', {})).status).toBe(201);
  });
});

describe('when the grace period is over', () => {
  it('nothing of the tenant is left anywhere, and everything of others is', { timeout: 60_000 }, async () => {
    const [gone, other] = [await world(), await world()];
    await gone.tenant.save('unattended', UNATTENDED);
    const unattended = await gone.tenant.start('unattended');
    const all = [...gone.executions, unattended.id];
    const untouched = await everythingOf(other);
    await gone.tenant.fetch('/tenant', asOwner(gone.tenant, 'DELETE', { slug: gone.slug }));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * DAY });
    // Sessions have run out meanwhile.
    const headers = { cookie: await gone.tenant.member('owner'), origin: ORIGIN };
    expect((await gone.tenant.fetch('/tenant/restore', { method: 'POST', headers })).status).toBe(409);
    // Its runner says nothing, so its job ends at a deadline.
    for (let round = 0; round < 20 && (await rowsAbout(gone.tenant.id)).length > 0; round += 1) {
      vi.setSystemTime(Date.now() + DAY / 24);
      await sweep();
    }
    expect(await rowsAbout(gone.tenant.id)).toEqual([]);
    expect(await keysOf(gone.tenant.id)).toEqual([]);
    const tenant = gone.tenant.id as TenantId;
    for (const id of all) expect(await left(env.EXECUTIONS, objectName.execution(tenant, id as ExecutionId))).toBe(0);
    for (const id of [...gone.pipelines, unattended.id.slice(0, 12)]) {
      expect(await left(env.PIPELINES, objectName.pipeline(tenant, id as PipelineId))).toBe(0);
    }
    for (const pool of ['default', 'nobody']) expect(await left(env.POOLS, objectName.pool(tenant, pool))).toBe(0);
    expect(await left(env.TENANTS, objectName.tenant(tenant))).toBe(0);
    expect((await gone.tenant.fetch('/pipelines')).status).toBe(401);

    vi.useRealTimers();
    expect(await everythingOf(other)).toEqual(untouched);
    expect((await other.tenant.post('/pipelines/asking/executions', {})).status).toBe(201);
  });
});

/** Rows of any table in which the text occurs. */
async function rowsAbout(text: string): Promise<readonly string[]> {
  const tables = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
  ).all<{ name: string }>();
  const found: string[] = [];
  for (const { name } of tables.results) {
    const { results } = await env.DB.prepare(`SELECT * FROM "${name}"`).all();
    found.push(
      ...results.flatMap((row) => (JSON.stringify(row).includes(text) ? [`${name} ${JSON.stringify(row)}`] : [])),
    );
  }
  return found;
}

async function keysOf(tenant: string): Promise<readonly string[]> {
  return (await env.BUCKET.list({ prefix: `t/${tenant}/` })).objects.map(({ key }) => key);
}

/** How many rows an object holds. */
async function left(namespace: DurableObjectNamespace, name: string): Promise<number> {
  return runInDurableObject(namespace.getByName(name), (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray();
    const counts = tables.map(
      (table) => storage.sql.exec<{ n: number }>(`SELECT count(*) AS n FROM "${table.name}"`).one().n,
    );
    return counts.reduce((sum, count) => sum + count, 0);
  });
}

async function everythingOf({ tenant, executions }: World) {
  return {
    keys: await keysOf(tenant.id),
    tenant: await tenant.get('/tenant'),
    secrets: await tenant.get('/secrets'),
    freezes: await tenant.get('/freezes'),
    ended: await tenant.execution(executions[0] ?? ''),
    rows: (await rowsAbout(tenant.id)).filter((row) =>
      /^(organization|member|token|secret|data_key|pipeline) /.test(row),
    ).length,
  };
}

describe('after its end', () => {
  it('a writer that was late leaves nothing of its log behind', async () => {
    const tenant = await TestTenant.create();
    await tenant.save('working', WORKING);
    const runner = await TestRunner.connect(tenant, { id: 'late-runner', work: () => 'silent' });
    const { id } = await tenant.start('working');
    const { token } = await runner.hears('claimed');
    const writer = await tenant.socket('/job/log?new=true', token);
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    // As purging leaves it, when nobody has told the log.
    const life = tenantQueries(database(env.DB), env.BUCKET);
    await life.lockOut(tenant.id as TenantId);
    await life.removeRows(tenant.id as TenantId);
    writer.send(encodeChunk(0, new TextEncoder().encode('too late')));
    writer.send(JSON.stringify({ type: 'end', totalBytes: 8 }));
    await vi.waitUntil(() => JSON.stringify(errors.mock.calls).includes('segment not written'), { timeout: 4_000 });
    errors.mockRestore();
    writer.close();
    const { objects } = await env.BUCKET.list({ prefix: `t/${tenant.id}/logs/${id}` });
    expect(objects).toEqual([]);
    const again = await tenant.fetch('/job/log?new=false', {
      headers: { upgrade: 'websocket', authorization: `Bearer ${token}` },
    });
    expect(again.status).toBe(409);
    runner.close();
  });
});

describe('a tenant that is to be deleted', () => {
  it('is not rolled back by itself any more', async () => {
    const slug = `t${crypto.randomUUID().slice(0, 8)}`;
    const tenant = await TestTenant.create(slug);
    await tenant.save('returning', RETURNING);
    const runner = await TestRunner.connect(tenant, { id: 'returning-runner', work: () => 'silent' });
    const good = await tenant.start('returning');
    const first = await runner.hears('claimed');
    runner.finish(first.job);
    await tenant.ended(good.id);
    const bad = await tenant.start('returning');
    const { job } = await runner.hears('claimed');
    const headers = { 'content-type': 'application/json', cookie: tenant.cookie, origin: ORIGIN };
    const closing = await tenant.fetch('/tenant', { method: 'DELETE', body: JSON.stringify({ slug }), headers });
    expect(closing.status).toBe(202);
    runner.finish(job, { outcome: 'failed', exitCode: 1, message: 'broken' });
    expect((await tenant.ended(bad.id)).status).toBe('Failed');
    const { items } = await tenant.get<{ items: unknown[] }>(`/executions/${bad.id}/events`);
    runner.close();
    expect(JSON.stringify(items)).toContain('The tenant is to be deleted.');
    const all = await tenant.get<{ items: { id: string }[] }>('/pipelines/returning/executions');
    expect(all.items.map((one) => one.id).sort()).toEqual([good.id, bad.id].sort());
  });
});
