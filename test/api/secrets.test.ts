import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../../contract/audit.ts';
import type { Secret, SecretRotation } from '../../contract/secrets.ts';
import { KeyRing } from '../../worker/kernel/crypto.ts';
import type { ExecutionId, PipelineId, TenantId } from '../../worker/engine/ids.ts';
import { objectName } from '../../worker/objects/names.ts';
import { DataKeys, type DataKeyParts } from '../../worker/storage/data-keys.ts';
import { database } from '../../worker/storage/database.ts';
import { SealedSecrets } from '../../worker/storage/sealed-secrets.ts';
import { call, TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const PIPELINE = (name: string, more = '') =>
  `name: ${name}\nmode: PARALLEL${more}\nstages: [{ name: S, actions: [{ name: a, commands: [x], secrets: { TOKEN: token } }] }]`;

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await TestTenant.create();
});

function put(name: string, body: unknown, query = '', headers: Record<string, string> = {}): Promise<Response> {
  return tenant.fetch(`/secrets/${name}${query}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

async function list(query = ''): Promise<Secret[]> {
  return (await tenant.get<{ items: Secret[] }>(`/secrets${query}`)).items;
}

describe('a secret', () => {
  it('is written and never read', async () => {
    const made = await put('npm', { value: 'the value itself' });
    expect(made.status).toBe(200);
    const text = await made.text();
    expect(JSON.parse(text)).toMatchObject({
      name: 'npm',
      pipeline: null,
      stage: null,
      version: 1,
      isProtected: false,
    });
    const again = await put('npm', { value: 'another value', isProtected: true });
    expect(await again.json()).toMatchObject({ version: 2, isProtected: true, lastUsedAt: null });
    // What is left open stays: nobody takes the protection off by replacing the value.
    expect(await (await put('npm', { value: 'a third value' })).json()).toMatchObject({
      version: 3,
      isProtected: true,
    });
    const listed = await (await tenant.fetch('/secrets')).text();
    for (const answer of [text, listed]) expect(answer).not.toMatch(/the value|another|third/);
    expect((await tenant.fetch('/secrets/npm')).status).toBe(404);
    expect((await tenant.fetch('/secrets/npm', { method: 'DELETE' })).status).toBe(204);
    expect((await tenant.fetch('/secrets/npm', { method: 'DELETE' })).status).toBe(404);
    expect(await list()).toEqual([]);
  });

  it('lies sealed in the database, in no form that could be read there', async () => {
    await put('sealed', { value: 'plain-as-day' });
    const { results } = await env.DB.prepare('SELECT * FROM secret WHERE tenant_id = ?').bind(tenant.id).all();
    expect(results.length).toBeGreaterThan(0);
    expect(JSON.stringify(results)).not.toMatch(/plain-as-day|cGxhaW4t/);
    await tenant.fetch('/secrets/sealed', { method: 'DELETE' });
  });

  it('is refused when it could not be an environment variable, without being repeated', async () => {
    for (const value of ['', 'a\0b-unspeakable', `unspeakable${'x'.repeat(65_536)}`, 7]) {
      const response = await put('bad', { value });
      expect(response.status).toBe(422);
      expect(await response.text()).not.toContain('unspeakable');
    }
    const headers = { 'content-type': 'application/json' };
    const torn = await tenant.fetch('/secrets/bad', { method: 'PUT', body: '{"value":"unspeakable', headers });
    expect(torn.status).toBe(400);
    expect(await torn.text()).not.toContain('unspeakable');
    expect((await put('bad', { value: 'x' }, '?stage=S')).status).toBe(422);
    expect((await put('bad', { value: 'x' }, '?pipeline=nobody')).status).toBe(404);
    expect(await list()).toEqual([]);
  });

  it('is nothing to another tenant', async () => {
    await put('mine', { value: 'only mine' });
    const other = await TestTenant.create();
    expect(await (await other.fetch('/secrets')).json()).toEqual({ items: [], nextCursor: null });
    expect((await other.fetch('/secrets/mine', { method: 'DELETE' })).status).toBe(404);
    await tenant.fetch('/secrets/mine', { method: 'DELETE' });
  });

  it('of a pipeline is for those who hold that pipeline', async () => {
    await tenant.save('granted', PIPELINE('granted'));
    await put('wide', { value: 'for everybody' });
    await put('narrow', { value: 'for one pipeline' }, '?pipeline=granted');
    const cookie = await tenant.member('viewer');
    const who = await env.DB.prepare("SELECT user_id AS id FROM member WHERE organization_id = ? AND role = 'viewer'")
      .bind(tenant.id)
      .first<{ id: string }>();
    const pipeline = await env.DB.prepare('SELECT id FROM pipeline WHERE tenant_id = ? AND name = ?')
      .bind(tenant.id, 'granted')
      .first<{ id: string }>();
    await env.DB.prepare('INSERT INTO member_grant VALUES (?, ?, ?, ?, 0, ?)')
      .bind(tenant.id, who?.id, pipeline?.id, 'maintainer', 'test')
      .run();
    const mine = { cookie, origin: 'https://millrace.test' };
    const ask = (path: string, init: RequestInit = {}) => call(`/api/v1${path}`, { ...init, headers: mine });
    expect((await ask('/secrets')).status).toBe(403);
    expect((await ask('/secrets/wide', { method: 'DELETE' })).status).toBe(403);
    const seen = await (await ask('/secrets?pipeline=granted')).json<{ items: Secret[] }>();
    expect(seen.items.map(({ name }) => name)).toEqual(['narrow']);
    expect((await put('narrow', { value: 'new' }, '?pipeline=granted', mine)).status).toBe(200);
    for (const query of ['', '?pipeline=granted']) {
      await tenant.fetch(`/secrets/${query === '' ? 'wide' : 'narrow'}${query}`, { method: 'DELETE' });
    }
  });

  it('goes with its pipeline', async () => {
    await tenant.save('doomed', PIPELINE('doomed'));
    await put('token', { value: 'of the doomed' }, '?pipeline=doomed');
    expect((await tenant.fetch('/pipelines/doomed', { method: 'DELETE' })).status).toBeLessThan(300);
    expect(await list()).toEqual([]);
  });
});

describe('a job', () => {
  let runner: TestRunner;
  beforeAll(async () => {
    await tenant.save('p', PIPELINE('p'));
    const git = 'type: Source/Git, configuration: { Url: https://git.example.com/x.git }, outputs: [src]';
    await tenant.save(
      'q',
      `name: q\nstages: [{ name: S, actions: [{ name: Code, ${git}, secrets: { TOKEN: token } }] }]`,
    );
    runner = await TestRunner.connect(tenant, { slots: 50, work: () => 'silent' });
  });

  /** Starts what a fork brings, as a delivery would. */
  const startFork = async () => {
    const { id } = await tenant.get<{ id: string }>('/pipelines/q');
    const pins = { Code: { type: 'COMMIT_ID', value: 'c0ffee', isUntrusted: true } } as const;
    const order = { id: `${id}-fork000000000000`, variables: {}, revisions: {}, pins, fingerprint: '' };
    const pipeline = env.PIPELINES.getByName(objectName.pipeline(tenant.id as TenantId, id as PipelineId));
    const outcome = await pipeline.start(tenant.id as TenantId, {
      ...order,
      id: order.id as ExecutionId,
      trigger: { type: 'StartPipelineExecution', by: 'ada', actor: 'ada@example.com' },
    });
    if (!outcome.ok) throw new Error(outcome.message);
    return { id: outcome.id };
  };

  const claim = async (start: () => Promise<{ readonly id: string }> = () => tenant.start('p')) => {
    const { id } = await start();
    const { job, token, payload } = await runner.hears('claimed');
    const ask = () => tenant.fetch('/job/secrets', { headers: { authorization: `Bearer ${token}` } });
    return { id, job, payload, ask };
  };
  const given = async (response: Response) => (await response.json<{ environment: unknown }>()).environment;

  it('is told names, and gets the values when it asks for them: the nearest scope first', async () => {
    await put('token', { value: 'of-the-tenant' });
    const first = await claim();
    expect(first.payload.secrets).toEqual({ TOKEN: 'token' });
    expect(JSON.stringify(first.payload)).not.toContain('of-the-tenant');
    expect(await given(await first.ask())).toEqual({ TOKEN: 'of-the-tenant' });
    await put('token', { value: 'of-the-pipeline' }, '?pipeline=p');
    expect(await given(await first.ask())).toEqual({ TOKEN: 'of-the-pipeline' });
    await put('token', { value: 'of-the-stage' }, '?pipeline=p&stage=S');
    await put('token', { value: 'of-another-stage' }, '?pipeline=p&stage=T');
    expect(await given(await first.ask())).toEqual({ TOKEN: 'of-the-stage' });
    expect((await list('?pipeline=p&stage=S'))[0]?.lastUsedAt).not.toBeNull();
    const use = await vi.waitUntil(async () => {
      const { items } = await tenant.get<{ items: AuditEntry[] }>('/audit?limit=100');
      return items.find(({ verb }) => verb === 'secret:use');
    });
    expect(use).toMatchObject({ actor: { type: 'job', id: first.job }, object: { type: 'secret', id: 'token' } });
    expect(use.after).toEqual([expect.objectContaining({ name: 'token', version: 1 })]);
    for (const query of ['?pipeline=p&stage=S', '?pipeline=p&stage=T', '?pipeline=p']) {
      await tenant.fetch(`/secrets/token${query}`, { method: 'DELETE' });
    }
    runner.finish(first.job);
    await runner.hears('finished');
    expect((await first.ask()).status).toBe(409);
  });

  it('gets none at all where one is missing, and is told which', async () => {
    await tenant.fetch('/secrets/token', { method: 'DELETE' });
    const { ask, job } = await claim();
    const response = await ask();
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: 'secret_unavailable',
      detail: 'TOKEN: there is no secret "token" for this stage.',
    });
    runner.finish(job);
  });

  it('gets none, protected or not, for what strangers wrote, whoever has started it', async () => {
    await put('token', { value: 'guarded' });
    const trusted = await claim();
    expect(await given(await trusted.ask())).toEqual({ TOKEN: 'guarded' });
    const fork = await claim(startFork);
    expect(await (await fork.ask()).json()).toMatchObject({
      code: 'secret_unavailable',
      detail: 'TOKEN: what comes from a fork gets no secrets.',
    });
    for (const { job } of [trusted, fork]) runner.finish(job);
  });

  it('alone may ask', async () => {
    expect((await tenant.fetch('/job/secrets')).status).toBe(403);
  });
});

describe('keys', () => {
  it('are replaced, and values are sealed anew, a bounded number at a time', async () => {
    await tenant.fetch('/secrets/token', { method: 'DELETE' });
    await put('turned', { value: 'still the same' });
    const keysOf = async () =>
      (
        await env.DB.prepare('SELECT data_key_id AS id FROM secret WHERE tenant_id = ? AND name = ?')
          .bind(tenant.id, 'turned')
          .all<{ id: string }>()
      ).results.map(({ id }) => id);
    const [before] = await keysOf();
    const response = await tenant.post('/secrets/rotate', { newDataKey: true });
    expect(await response.json<SecretRotation>()).toMatchObject({ rewrapped: 0, remaining: 0 });
    const [after] = await keysOf();
    expect(after).not.toBe(before);
    expect((await list())[0]).toMatchObject({ name: 'turned', version: 1 });
  });

  it("are wrapped again when the installation's key is replaced, and no value is touched", async () => {
    const id = `t-${crypto.randomUUID()}` as TenantId;
    const db = database(env.DB);
    const [old, current] = [new KeyRing('the old key of the installation'), new KeyRing('the new key')];
    const over = (rings: DataKeyParts['rings']) => {
      const newId = () => crypto.randomUUID().replaceAll('-', '');
      const keys = new DataKeys({ db, clock: { now: () => Date.now() }, newId, rings });
      return { keys, secrets: new SealedSecrets(db, keys) };
    };
    const scope = { pipelineId: '', stage: '' };
    const read = async ({ secrets }: { secrets: SealedSecrets }) => {
      const [row] = await secrets.around(id, scope, ['s']);
      return row === undefined ? undefined : secrets.open(row);
    };
    const stamp = { isProtected: undefined, at: 0, by: 'test' };
    await over([old]).secrets.put(id, scope, 's', { value: 'kept ✓', ...stamp });
    await expect(read(over([current]))).rejects.toThrow('MILLRACE_KEY_PREVIOUS');
    const both = over([current, old]);
    expect(await read(both)).toBe('kept ✓');
    const sealed = () => env.DB.prepare('SELECT sealed FROM secret WHERE tenant_id = ?').bind(id).first();
    const before = await sealed();
    expect(await over([old]).keys.outdated(1_000)).toEqual([]);
    expect(await both.keys.outdated(1_000)).toContain(id);
    expect(await both.keys.rewrap(id)).toBe(1);
    expect(await both.keys.outdated(1_000)).not.toContain(id);
    expect(await both.keys.rewrap(id)).toBe(0);
    expect(await sealed()).toEqual(before);
    expect(await read(over([current]))).toBe('kept ✓');
  });

  it('open no row that was moved, renamed or given to another tenant', async () => {
    await put('here', { value: 'in its place' });
    const db = database(env.DB);
    const rings = [new KeyRing('a key for tests that is long enough to be taken')] as const;
    const newId = () => crypto.randomUUID();
    const secrets = new SealedSecrets(db, new DataKeys({ db, clock: { now: () => Date.now() }, newId, rings }));
    const [row] = await secrets.around(tenant.id as TenantId, { pipelineId: '', stage: '' }, ['here']);
    if (row === undefined) throw new Error('it is gone');
    expect(await secrets.open(row)).toBe('in its place');
    for (const moved of [{ name: 'there' }, { version: 2 }, { stage: 'S' }, { pipelineId: 'p' }]) {
      await expect(secrets.open({ ...row, ...moved })).rejects.toThrow();
    }
    await expect(secrets.open({ ...row, tenantId: 'other' })).rejects.toThrow();
  });
});
