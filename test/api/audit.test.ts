import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditCheckpoint, AuditEntry, AuditKey } from '../../contract/audit.ts';
import type { AuditDraft } from '../../worker/audit/entry.ts';
import type { TenantId } from '../../worker/engine/ids.ts';
import { objectName } from '../../worker/objects/names.ts';
import { tenantStub } from '../../worker/objects/tenant/stub.ts';
import { verifyLog } from '../support/workerd/audit-log.ts';
import { TestTenant } from '../support/workerd/client.ts';

const MINUTE = 60_000;
const ORIGIN = 'https://millrace.test';
const WORK = `
name: web-shop
stages:
  - name: Build
    actions: [{ name: wait, type: Invoke/Delay, configuration: { Seconds: 0 } }]
  - name: Ship
    actions: [{ name: wait, type: Invoke/Delay, configuration: { Seconds: 0 } }]
`;

let tenant: TestTenant;
/** The installation's, not a tenant's. */
let key: AuditKey | undefined;

beforeAll(async () => {
  tenant = await TestTenant.create();
  await tenant.save('web-shop', WORK);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const objectOf = (of: TestTenant) => env.TENANTS.getByName(objectName.tenant(of.id as TenantId));
const chainOf = (of: TestTenant) => tenantStub(env, of.id as TenantId);

async function entries(of: TestTenant, query = ''): Promise<AuditEntry[]> {
  return (await of.get<{ items: AuditEntry[] }>(`/audit?limit=100&${query}`)).items;
}

/** It is written after the answer. */
function entry(of: TestTenant, isIt: (entry: AuditEntry) => boolean): Promise<AuditEntry> {
  return vi.waitUntil(async () => (await entries(of)).find(isIt), { timeout: 5_000 });
}

function draft(number: number): AuditDraft {
  return {
    id: `draft-${number}`,
    at: new Date().toISOString(),
    actor: { type: 'token', id: 't', name: 'robot' },
    from: { ip: '', userAgent: '' },
    verb: 'execution:start',
    route: 'POST /x',
    object: { type: 'pipeline', id: 'web-shop' },
    outcome: 'allowed',
    status: 201,
    requestId: `r${number}`,
  };
}

/** A tenant whose chain has `count` entries of ours at least. */
async function filled(count: number): Promise<TestTenant> {
  const of = await TestTenant.create();
  await chainOf(of).recordAudit(
    of.id,
    Array.from({ length: count }, (_, number) => draft(number)),
  );
  return of;
}

async function exported(of: TestTenant): Promise<string> {
  return (await of.fetch('/audit/export')).text();
}

async function verified(of: TestTenant, text: string) {
  key ??= await of.get<AuditKey>('/audit/key');
  return verifyLog(text.split('\n'), key);
}

describe('what is recorded', () => {
  it('is who did what, on what, from where', async () => {
    const response = await tenant.post(
      '/pipelines/web-shop/executions',
      {},
      {
        'cf-connecting-ip': '203.0.113.7',
        'user-agent': 'robot/1',
      },
    );
    const requestId = response.headers.get('x-request-id');
    expect(await entry(tenant, (one) => one.requestId === requestId)).toMatchObject({
      actor: { type: 'token', name: 'service' },
      from: { ip: '203.0.113.7', userAgent: 'robot/1' },
      verb: 'execution:start',
      route: 'POST /pipelines/{name}/executions',
      object: { type: 'pipeline', id: 'web-shop' },
      outcome: 'allowed',
      status: 201,
    });
  });

  it('is what was refused too, also where it would only have read', async () => {
    const cookie = await tenant.member('viewer');
    const viewer = { cookie, origin: ORIGIN };
    expect((await tenant.post('/pipelines/web-shop/executions', {}, viewer)).status).toBe(403);
    expect((await tenant.fetch('/audit', { headers: viewer })).status).toBe(403);
    const by = (verb: string) => entry(tenant, (one) => one.verb === verb && one.outcome === 'denied');
    expect(await by('execution:start')).toMatchObject({ actor: { type: 'person', name: 'viewer' }, status: 403 });
    expect(await by('audit:read')).toMatchObject({ route: 'GET /audit', object: { type: 'audit' } });
  });

  it('is what failed, and not what only looked', async () => {
    await tenant.post('/executions/nothing/stop', {});
    expect(await entry(tenant, ({ verb }) => verb === 'execution:stop')).toMatchObject({
      outcome: 'failed',
      object: { type: 'execution', id: 'nothing' },
    });
    await tenant.get('/pipelines');
    await tenant.post('/pipelines/validate', { definition: 'x' });
    const routes = (await entries(tenant)).map(({ route }) => route);
    expect(routes).not.toContain('GET /pipelines');
    expect(routes).not.toContain('POST /pipelines/validate');
  });

  it('says what was there before and after, and no secret', async () => {
    const path = '/pipelines/web-shop/stages/Ship/transition';
    const change = { enabled: false, reason: 'broken' };
    await tenant.fetch(path, {
      method: 'PUT',
      body: JSON.stringify(change),
      headers: { 'content-type': 'application/json' },
    });
    expect(await entry(tenant, ({ verb }) => verb === 'transition:set')).toMatchObject({
      object: { type: 'pipeline', id: 'web-shop', part: 'Ship' },
      after: { enabled: false, reason: 'broken' },
    });
    await tenant.save('web-shop', `${WORK}variables: [{ name: v, default: x }]\n`);
    const saved = await entry(
      tenant,
      ({ verb, after }) => verb === 'pipeline:write' && JSON.stringify(after).includes('2'),
    );
    expect(saved).toMatchObject({
      before: { version: 1 },
      after: { version: 2, digest: expect.any(String) as string },
    });
    const made = await tenant.post('/tokens', { name: 'ci', role: 'viewer' });
    const { id, token } = await made.json<{ id: string; token: string }>();
    expect(await entry(tenant, ({ object }) => object.type === 'token' && object.id === id)).toMatchObject({
      verb: 'token:write',
      after: { kind: 'service', role: 'viewer' },
    });
    expect(JSON.stringify(await entries(tenant))).not.toContain(token);
  });

  it('is found by who, what, on what, how it ended and when', async () => {
    const of = await filled(3);
    await chainOf(of).recordAudit(of.id, [
      {
        ...draft(9),
        actor: { type: 'person', id: 'u1', name: 'Grace' },
        verb: 'token:write',
        outcome: 'denied',
        status: 403,
      },
    ]);
    const found = async (query: string) => (await entries(of, query)).map(({ id }) => id);
    expect(await found('actor=Grace')).toEqual(['draft-9']);
    expect(await found('actor=u1&verb=token:*&outcome=denied')).toEqual(['draft-9']);
    expect(await found('actor=u1&verb=execution:*')).toEqual([]);
    expect(await found('object=pipeline/web-shop&actor=robot')).toEqual(['draft-2', 'draft-1', 'draft-0']);
    expect(await found('object=pipeline/other')).toEqual([]);
    expect(await found('from=2999-01-01T00:00:00Z')).toEqual([]);
  });
});

describe('the chain', () => {
  it('has no gap and no double, however many write at once and however often', async () => {
    const of = await TestTenant.create();
    const twice = [
      ...Array.from({ length: 40 }, (_, number) => draft(number)),
      ...Array.from({ length: 40 }, (_, number) => draft(number)),
    ];
    await Promise.all(twice.map((one) => chainOf(of).recordAudit(of.id, [one])));
    const mine = (await entries(of)).filter(({ id }) => id.startsWith('draft-'));
    expect(new Set(mine.map(({ id }) => id)).size).toBe(40);
    expect(mine.length).toBe(40);
    expect(await verified(of, await exported(of))).toMatchObject({ ok: true });
  });

  it('is sealed in segments with signed checkpoints, after an hour or when one is full', async () => {
    const of = await filled(300);
    await runDurableObjectAlarm(objectOf(of));
    const page = await of.get<{ items: AuditCheckpoint[] }>('/audit/checkpoints');
    expect(page.items.map(({ checkpoint }) => [checkpoint.from, checkpoint.to])).toEqual([[1, 256]]);
    expect(await env.BUCKET.head(`t/${of.id}/audit/000000000001.ndjson.gz`)).not.toBeNull();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61 * MINUTE });
    await runDurableObjectAlarm(objectOf(of));
    const after = await of.get<{ items: AuditCheckpoint[] }>('/audit/checkpoints');
    expect(after.items.length).toBe(2);
    expect(await verified(of, await exported(of))).toMatchObject({ ok: true });
  });

  it('is seen whole, page by page, when most of it lies in segments', async () => {
    const of = await filled(1_500);
    await runDurableObjectAlarm(objectOf(of));
    expect((await chainOf(of).auditEntries(of.id, 0, 1))[0]?.seq).toBeGreaterThan(1);
    const seen: number[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: { items: AuditEntry[]; nextCursor: string | null } = await of.get(`/audit?limit=100${query}`);
      seen.push(...page.items.map(({ seq }) => seq));
      ({ nextCursor: cursor } = page);
    }
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => seen.length - index));
    expect(seen.length).toBeGreaterThanOrEqual(1_500);
    const oldest = await of.get<{ items: AuditEntry[] }>(`/audit?actor=robot&to=${new Date(0).toISOString()}`);
    expect(oldest.items).toEqual([]);
    expect(await verified(of, await exported(of))).toMatchObject({ ok: true, entries: expect.any(Number) as number });
  });

  it('leads to the same segment after a crash at any point of sealing', async () => {
    const of = await filled(300);
    const bucket = Object.getPrototypeOf(env.BUCKET) as { put: (...args: unknown[]) => Promise<unknown> };
    const { put } = bucket;
    for (const broken of [1, 2]) {
      let puts = 0;
      bucket.put = function (...args) {
        puts += 1;
        return puts === broken ? Promise.reject(new Error('crash')) : put.apply(this, args);
      };
      try {
        await runDurableObjectAlarm(objectOf(of));
      } finally {
        bucket.put = put;
      }
      // More has been written before it is tried again.
      await chainOf(of).recordAudit(of.id, [draft(1_000 + broken)]);
    }
    expect((await of.get<{ items: unknown[] }>('/audit/checkpoints')).items).toEqual([]);
    await runDurableObjectAlarm(objectOf(of));
    const { items } = await of.get<{ items: AuditCheckpoint[] }>('/audit/checkpoints');
    expect(items.map(({ checkpoint }) => [checkpoint.from, checkpoint.to])).toEqual([[1, 256]]);
    expect(await verified(of, await exported(of))).toMatchObject({ ok: true });
  });

  it('does not write over a segment that is another one', async () => {
    const of = await filled(300);
    await env.BUCKET.put(`t/${of.id}/audit/000000000001.ndjson.gz`, 'something else');
    await runDurableObjectAlarm(objectOf(of));
    expect((await of.get<{ items: unknown[] }>('/audit/checkpoints')).items).toEqual([]);
    expect(await (await env.BUCKET.get(`t/${of.id}/audit/000000000001.ndjson.gz`))?.text()).toBe('something else');
    expect(await verified(of, await exported(of))).toMatchObject({ ok: true });
  });
});

describe('an export', () => {
  it('of which one byte was changed does not verify, wherever that byte is', async () => {
    const of = await filled(4);
    const text = await exported(of);
    expect(await verified(of, text)).toMatchObject({ ok: true });
    const passed: string[] = [];
    const lines = text.trimEnd().split('\n');
    for (const [row, line] of lines.entries()) {
      for (let at = 3; at < line.length; at += 23) {
        const flipped = line.slice(0, at) + (line[at] === '0' ? '1' : '0') + line.slice(at + 1);
        const result = await verified(of, lines.with(row, flipped).join('\n'));
        // When the export was made is nobody's secret and nobody's proof.
        if (result.ok && row > 0) passed.push(flipped);
      }
    }
    expect(passed).toEqual([]);
  });

  it('without its end, without its middle or with entries made up does not verify', async () => {
    const of = await filled(4);
    const lines = (await exported(of)).trimEnd().split('\n');
    for (const broken of [
      lines.slice(0, -1),
      lines.slice(0, -2),
      lines.toSpliced(2, 1),
      lines.toSpliced(3, 0, lines[2] ?? ''),
    ]) {
      expect(await verified(of, broken.join('\n'))).toMatchObject({ ok: false });
    }
    const other = await filled(4);
    const foreign = (await exported(other)).trimEnd().split('\n');
    expect(await verified(of, [lines[0], ...foreign.slice(1)].join('\n'))).toMatchObject({
      ok: false,
      message: expect.stringContaining('another tenant') as string,
    });
  });
});

describe('something important', () => {
  it('is in the log even when nobody comes to say how it ended', async () => {
    const of = await TestTenant.create();
    await chainOf(of).intendAudit(of.id, { ...draft(1), verb: 'approval:answer', outcome: 'unknown', status: 0 });
    expect(await entries(of, 'verb=approval:answer')).toEqual([]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * MINUTE });
    await runDurableObjectAlarm(objectOf(of));
    expect(await entries(of, 'verb=approval:answer')).toMatchObject([{ outcome: 'unknown' }]);
    await chainOf(of).recordAudit(of.id, [draft(1)]);
    expect(await entries(of, 'verb=approval:answer')).toHaveLength(1);
  });

  it('leaves no intent behind when its outcome is known', async () => {
    await tenant.post('/tokens', { name: 'x', role: 'viewer' });
    await vi.waitUntil(
      () =>
        runInDurableObject(
          objectOf(tenant),
          (_, { storage }) => storage.sql.exec('SELECT 1 FROM audit_intent').toArray().length === 0,
        ),
      { timeout: 5_000 },
    );
  });

  it('is not done when it cannot be recorded', async () => {
    const object = Object.getPrototypeOf(Object.getPrototypeOf(await instanceOf(tenant))) as Record<string, unknown>;
    const before = object['intendAudit'];
    object['intendAudit'] = () => {
      throw new Error('no disk');
    };
    try {
      const response = await tenant.post('/tokens', { name: 'unseen', role: 'viewer' });
      expect(response.status).toBe(503);
      expect(await (await tenant.fetch('/tokens')).text()).not.toContain('unseen');
    } finally {
      object['intendAudit'] = before;
    }
  });
});

it('what could not be written is counted, and the count is in the log', async () => {
  const of = await TestTenant.create();
  await of.save('web-shop', WORK);
  const object = Object.getPrototypeOf(Object.getPrototypeOf(await instanceOf(of))) as Record<string, unknown>;
  const before = object['recordAudit'];
  const logged = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  object['recordAudit'] = () => {
    throw new Error('no disk');
  };
  try {
    await of.start('web-shop');
    const isLogged = () => JSON.stringify([logged.mock.calls, errors.mock.calls]).includes('audit entry lost');
    await vi.waitUntil(isLogged, { timeout: 10_000 });
  } finally {
    object['recordAudit'] = before;
  }
  await of.start('web-shop');
  expect(await entry(of, ({ verb }) => verb === 'audit:lost')).toMatchObject({ after: { entries: 1 } });
});

it('another tenant’s log is out of reach', async () => {
  const [one, other] = [await filled(2), await TestTenant.create()];
  expect((await entries(other)).some(({ id }) => id.startsWith('draft-'))).toBe(false);
  await runInDurableObject(objectOf(one), (instance) => {
    expect(() => instance.auditPage(other.id, {}, 10, 10)).toThrow('another tenant');
  });
});

function instanceOf(of: TestTenant): Promise<object> {
  return runInDurableObject(objectOf(of), (instance) => instance as object);
}

describe('an entry says what was before and after', () => {
  const changed = async (of: TestTenant, verb: string, route: string) => {
    const found = await entry(of, (one) => one.verb === verb && one.route === route && one.outcome === 'allowed');
    return { before: found.before, after: found.after, object: found.object };
  };
  let own: TestTenant;
  beforeAll(async () => {
    own = await TestTenant.create();
    await own.save('web-shop', WORK);
  });

  it('of a freeze that is made, changed and deleted', async () => {
    const order = (name: string) => ({
      name,
      reason: 'holidays',
      when: { kind: 'once', from: '2030-12-20T00:00:00Z', to: '2031-01-02T00:00:00Z' },
    });
    const made = await own.post('/freezes', order('winter'));
    expect(made.status).toBe(201);
    const { id } = await made.json<{ id: string }>();
    const put = await own.fetch(`/freezes/${id}`, {
      method: 'PUT',
      body: JSON.stringify(order('long winter')),
      headers: { 'content-type': 'application/json' },
    });
    expect(put.status).toBe(200);
    expect((await own.fetch(`/freezes/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await changed(own, 'freeze:write', 'POST /freezes')).toMatchObject({
      object: { type: 'freeze', id },
      after: { name: 'winter', reason: 'holidays' },
    });
    expect(await changed(own, 'freeze:write', 'PUT /freezes/{id}')).toMatchObject({
      before: { name: 'winter' },
      after: { name: 'long winter' },
    });
    expect(await changed(own, 'freeze:write', 'DELETE /freezes/{id}')).toMatchObject({
      before: { name: 'long winter' },
      after: undefined,
    });
  });

  it('of a rollback, and of a pipeline that is deleted', async () => {
    const { id: target } = await own.start('web-shop');
    await own.ended(target);
    const back = await own.post('/pipelines/web-shop/stages/Ship/rollback', { target, reason: 'broken' });
    expect(back.status).toBe(201);
    const { id } = await back.json<{ id: string }>();
    await own.ended(id);
    expect((await own.fetch('/pipelines/web-shop', { method: 'DELETE' })).status).toBeLessThan(300);
    const rollback = await changed(own, 'stage:rollback', 'POST /pipelines/{name}/stages/{stage}/rollback');
    expect(rollback.after).toEqual({ execution: id, target, reason: 'broken' });
    const deleted = await changed(own, 'pipeline:delete', 'DELETE /pipelines/{name}');
    expect(deleted).toMatchObject({ before: { id: expect.any(String) as string }, after: { stopping: [] } });
  });

  it('of a grant that is raised and taken back, and of a tenant that is renamed', async () => {
    await own.save('granted', WORK.replace('web-shop', 'granted'));
    await own.member('viewer');
    const { items } = await own.get<{ items: { id: string; role: string }[] }>('/members');
    const id = items.find(({ role }) => role === 'viewer')?.id ?? '';
    const path = `/members/${id}/grants/granted`;
    const headers = { 'content-type': 'application/json', cookie: own.cookie, origin: ORIGIN };
    const give = (role: string) => own.fetch(path, { method: 'PUT', body: JSON.stringify({ role }), headers });
    expect((await give('operator')).status).toBe(200);
    expect((await give('maintainer')).status).toBe(200);
    expect((await own.fetch(path, { method: 'DELETE', headers })).status).toBe(204);
    const gone = await changed(own, 'grant:write', 'DELETE /members/{id}/grants/{pipeline}');
    expect(gone.before).toEqual({ role: 'maintainer' });
    const raised = await entry(
      own,
      ({ before, after }) => before !== undefined && after !== undefined && 'role' in Object(after),
    );
    expect(raised).toMatchObject({ before: { role: 'operator' }, after: { role: 'maintainer' } });
    const renamed = await own.fetch('/tenant', {
      method: 'PUT',
      body: JSON.stringify({ name: 'New name' }),
      headers,
    });
    expect(renamed.status).toBe(200);
    expect((await changed(own, 'tenant:write', 'PUT /tenant')).after).toEqual({ name: 'New name' });
  });
});
