import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../../contract/audit.ts';
import type { Connection, ConnectionHook, ConnectionTest, RegisteredHook } from '../../contract/connections.ts';
import type { Problem } from '../../contract/problem.ts';
import type { SecretRotation } from '../../contract/secrets.ts';
import type { TenantId } from '../../worker/engine/ids.ts';
import { KeyRing } from '../../worker/kernel/crypto.ts';
import { SealedConnections } from '../../worker/storage/connections.ts';
import { DataKeys } from '../../worker/storage/data-keys.ts';
import { database } from '../../worker/storage/database.ts';
import { OVERLAP_MS, SealedHooks } from '../../worker/storage/hooks.ts';
import { TestTenant } from '../support/workerd/client.ts';
import { GitHubDouble } from '../support/workerd/github-double.ts';

const TOKEN = `ghp_${'kanarie'.repeat(5)}`;
const READER = `ghp_${'lezer'.repeat(7)}`;
const KEY = 'kanarie/secret+access+key/kanarie0000000';

let tenant: TestTenant;
let host: GitHubDouble;
/** Everything that the API has said, and the log. */
const said: string[] = [];
const logged: string[] = [];

beforeAll(async () => {
  tenant = await TestTenant.create();
  host = GitHubDouble.open();
  for (const way of ['log', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, way).mockImplementation((...parts: unknown[]) => void logged.push(parts.map(String).join(' ')));
  }
  host.tokens.set(TOKEN, { login: 'ada', mayMakeHooks: true });
  host.tokens.set(READER, { login: 'reader', mayMakeHooks: false });
});

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names what the answer is
async function ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const response = await tenant.fetch(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  said.push(text);
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
}

const github = (name: string, token = TOKEN) => ({
  name,
  kind: 'github',
  baseUrl: `${GitHubDouble.BASE}/`,
  credentials: { kind: 'token', token },
});

async function made(name: string, token = TOKEN): Promise<Connection> {
  const { status, body } = await ask<Connection>('POST', '/connections', github(name, token));
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

function keys() {
  const db = database(env.DB);
  const rings = [new KeyRing('a key for tests that is long enough to be taken')] as const;
  const newId = (length: number): string => crypto.randomUUID().replaceAll('-', '').repeat(2).slice(0, length);
  const dataKeys = new DataKeys({ db, clock: { now: () => Date.now() }, newId, rings });
  return { connections: new SealedConnections(db, dataKeys), hooks: new SealedHooks(db, dataKeys, newId) };
}

describe('a connection', () => {
  it('is tested before it is saved, and shows who its credentials are', async () => {
    const saved = await made('hub');
    expect(saved).toMatchObject({
      name: 'hub',
      baseUrl: GitHubDouble.BASE,
      credentials: { kind: 'token' },
      lastTest: { ok: true, identity: 'ada', scopes: ['repo'] },
      pipelines: [],
    });
    expect(await tenant.get<Connection>(`/connections/${saved.id}`)).toEqual(saved);
  });

  it('that does not work is refused with what to grant, and nothing is saved', async () => {
    const { status, body } = await ask<Problem>('POST', '/connections', github('broken', `${TOKEN}x`));
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'connection_refused' });
    expect(body.detail).toContain('Contents: Read-only');
    expect(body.errors?.[0]?.path).toBe('credentials');
    const { items } = await tenant.get<{ items: Connection[] }>('/connections');
    expect(items.map(({ name }) => name)).not.toContain('broken');
  });

  it('names the address when nobody answers there', async () => {
    host.isDown = true;
    const { body } = await ask<Problem>('POST', '/connections', github('away'));
    host.isDown = false;
    expect(body).toMatchObject({ code: 'connection_refused', errors: [{ path: 'baseUrl' }] });
  });

  it('is saved all the same when that is asked for, and says what is wrong', async () => {
    const order = github('forced', `${TOKEN}y`);
    const { status, body } = await ask<Connection>('POST', '/connections?force=true', order);
    expect(status).toBe(201);
    expect(body.lastTest).toMatchObject({ ok: false, place: 'credentials' });
    host.tokens.set(`${TOKEN}y`, { login: 'late', mayMakeHooks: false });
    const again = await ask<ConnectionTest>('POST', `/connections/${body.id}/test`);
    expect(again.body).toMatchObject({ ok: true, identity: 'late' });
    expect((await tenant.get<Connection>(`/connections/${body.id}`)).lastTest).toMatchObject({ ok: true });
  });

  it('can be tried out without being saved', async () => {
    const good = await ask<ConnectionTest>('POST', '/connections/test', github('tried'));
    const bad = await ask<ConnectionTest>('POST', '/connections/test', github('tried', 'wrong'));
    expect([good.body.ok, bad.body.ok, bad.body.place]).toEqual([true, false, 'credentials']);
  });

  it('leads nowhere inside, and sends no credentials in the clear', async () => {
    for (const baseUrl of [
      'http://git.example.com',
      'https://10.0.0.1',
      'https://git.internal',
      'https://a.example/?x=1',
    ]) {
      const { status, body } = await ask<Problem>('POST', '/connections', { ...github('inside'), baseUrl });
      expect({ baseUrl, status }).toEqual({ baseUrl, status: 422 });
      expect(body.errors?.map(({ path }) => path)).toEqual(['baseUrl']);
    }
  });

  it('says all that is wrong at once', async () => {
    const { body } = await ask<Problem>('POST', '/connections', {
      name: 'cloud',
      kind: 'aws',
      arn: 'arn:aws:codeconnections:eu-central-1:111122223333:connection/aaaa',
      credentials: { kind: 'token', token: 'x' },
    });
    expect(body.errors?.map(({ path }) => path).sort()).toEqual(['arn', 'credentials.kind', 'region']);
  });

  it('keeps its credentials when they are left out, but sends them to no new address', async () => {
    const { id } = await made('kept');
    const renamed = await ask<Connection>('PUT', `/connections/${id}`, { name: 'kept-on' });
    expect(renamed.body).toMatchObject({ name: 'kept-on', lastTest: { ok: true } });
    expect((await ask<ConnectionTest>('POST', `/connections/${id}/test`)).body.ok).toBe(true);
    const asked = host.asked.length;
    const moved = await ask<Problem>('PUT', `/connections/${id}?force=true`, { baseUrl: 'https://thief.example' });
    expect(moved.body).toMatchObject({ code: 'validation_failed', errors: [{ path: 'credentials' }] });
    const api = await ask<Problem>('PUT', `/connections/${id}?force=true`, { apiUrl: 'https://thief.example' });
    expect(api.body).toMatchObject({ code: 'validation_failed', errors: [{ path: 'credentials' }] });
    expect(host.asked.length).toBe(asked);
  });

  it('has a name and an ARN of its own', async () => {
    const arn = 'arn:aws:codestar-connections:eu-central-1:111122223333:connection/0aa1';
    await made('own');
    const named = await ask<Problem>('POST', '/connections', github('own'));
    expect(named.body.code).toBe('connection_name_taken');
    const first = await ask<Connection>('POST', '/connections', { ...github('first'), arn });
    expect(first.body.arn).toBe(arn);
    const second = await ask<Problem>('POST', '/connections', { ...github('second'), arn });
    expect(second.body).toMatchObject({ code: 'connection_name_taken', errors: [{ path: 'arn' }] });
  });

  it('to AWS is tested with its role, which is told the tenant', async () => {
    const order = {
      name: 'cloud',
      kind: 'aws',
      region: 'eu-central-1',
      credentials: { kind: 'keys', accessKeyId: 'AKIAKNOWNKEY0000', secretAccessKey: KEY },
    };
    const plain = await ask<Connection>('POST', '/connections', order);
    expect(plain.body.lastTest).toMatchObject({ ok: true, identity: 'arn:aws:iam::111122223333:user/ada' });
    expect(plain.body.externalId).toBe(`millrace-${tenant.id}`);
    const roleArn = 'arn:aws:iam::111122223333:role/reader';
    const withRole = await ask<Connection>('PUT', `/connections/${plain.body.id}`, { roleArn });
    expect(withRole.body.lastTest?.identity).toContain('assumed-role/reader');
    const unknown = await ask<Problem>('POST', '/connections', {
      ...order,
      name: 'cloud-2',
      credentials: { ...order.credentials, accessKeyId: 'AKIAUNKNOWN00000' },
    });
    expect(unknown.body).toMatchObject({ code: 'connection_refused', errors: [{ path: 'credentials' }] });
  });
});

describe('pipelines', () => {
  const definition = (name: string, connection: string, repository = 'Example-Org/Shop') => `
name: ${name}
stages:
  - name: Source
    actions:
      - name: Checkout
        type: Source/Connection
        configuration: { Connection: ${connection}, FullRepositoryId: ${repository} }
        outputs: [source]
`;
  const watches = async (pipeline: string) => {
    const { results } = await env.DB.prepare(
      `SELECT w.action, w.reference, w.connection_id AS connection, w.repository, w.repository_id AS repositoryId
       FROM watch w JOIN pipeline p ON p.tenant_id = w.tenant_id AND p.id = w.pipeline_id
       WHERE w.tenant_id = ? AND p.name = ?`,
    )
      .bind(tenant.id, pipeline)
      .all();
    return results;
  };

  it('must name a connection that there is, and one to a Git host', async () => {
    const unknown = await tenant.putYaml('lost', definition('lost', 'nowhere'));
    expect(await unknown.json<Problem>()).toMatchObject({
      code: 'definition_invalid',
      errors: [{ path: 'stages[0].actions[0].configuration.Connection' }],
    });
    const { body } = await ask<Connection>('POST', '/connections?force=true', {
      name: 'bucket',
      kind: 'aws',
      region: 'eu-central-1',
      credentials: { kind: 'keys', accessKeyId: 'AKIAKNOWNKEY0000', secretAccessKey: KEY },
    });
    const wrong = await tenant.putYaml('lost', definition('lost', body.name));
    expect(await wrong.text()).toContain('needs one to a Git host');
  });

  it('are watched by what they name, from the version that is current', async () => {
    const { id } = await made('watched');
    await tenant.save('watching', definition('watching', 'watched'));
    const row = { action: 'Checkout', reference: 'watched', connection: id, repository: 'example-org/shop' };
    expect(await watches('watching')).toEqual([{ ...row, repositoryId: null }]);
    const found = await ask<{ id: string }>('GET', `/connections/${id}/repositories/example-org%2Fshop`);
    expect(found.body).toMatchObject({ id: '4711', defaultBranch: 'trunk', name: 'Example-Org/Shop' });
    await tenant.save('watching', definition('watching', 'watched'));
    expect(await watches('watching')).toEqual([{ ...row, repositoryId: '4711' }]);
    await tenant.save('watching', definition('watching', 'watched', 'example-org/other'));
    expect(await watches('watching')).toEqual([{ ...row, repository: 'example-org/other', repositoryId: null }]);
  });

  it('keep their connection from being deleted or named otherwise', async () => {
    const { id } = await made('used');
    await tenant.save('user', definition('user', 'used'));
    expect((await tenant.get<Connection>(`/connections/${id}`)).pipelines).toEqual(['user']);
    const removed = await ask<Problem>('DELETE', `/connections/${id}`);
    expect(removed).toMatchObject({ status: 409, body: { code: 'connection_in_use' } });
    expect(removed.body.detail).toContain('user');
    const renamed = await ask<Problem>('PUT', `/connections/${id}`, { name: 'unused' });
    expect(renamed.body.code).toBe('connection_in_use');
    expect((await tenant.fetch('/pipelines/user', { method: 'DELETE' })).ok).toBe(true);
    expect((await ask('DELETE', `/connections/${id}`)).status).toBe(204);
    expect((await ask('GET', `/connections/${id}`)).status).toBe(404);
  });

  it('from CodePipeline may come before the connection that stands for theirs', async () => {
    const arn = 'arn:aws:codeconnections:eu-central-1:111122223333:connection/0bb2';
    const saved = await tenant.putYaml(
      'taken-over',
      definition('taken-over', arn)
        .replace('Source/Connection', 'Source/CodeStarSourceConnection')
        .replace('Connection: arn', 'ConnectionArn: arn')
        .replace('FullRepositoryId: Example-Org/Shop', 'FullRepositoryId: Example-Org/Shop, BranchName: main'),
    );
    expect(saved.status).toBe(201);
    const { warnings } = await saved.json<{ warnings: { path: string }[] }>();
    expect(warnings.map(({ path }) => path)).toContain('stages[0].actions[0].configuration.ConnectionArn');
    expect(await watches('taken-over')).toMatchObject([{ reference: arn, connection: null }]);
    const { body } = await ask<Connection>('POST', '/connections', { ...github('stand-in'), arn });
    expect(await watches('taken-over')).toMatchObject([{ reference: arn, connection: body.id }]);
  });

  it('are found again by reconcile when their watches are lost', async () => {
    await made('mended');
    await tenant.save('mending', definition('mending', 'mended'));
    const before = await watches('mending');
    await env.DB.prepare('DELETE FROM watch WHERE tenant_id = ?').bind(tenant.id).run();
    const kinds: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await tenant.post(`/reconcile?fix=true${query}`, {});
      const { differences, nextCursor } = await page.json<{
        differences: { kind: string; pipeline: string }[];
        nextCursor: string | null;
      }>();
      kinds.push(...differences.map(({ kind, pipeline }) => `${kind} ${pipeline}`));
      cursor = nextCursor;
    }
    expect(kinds).toContain('Watches mending');
    expect(await watches('mending')).toEqual(before);
  });
});

describe('a hook', () => {
  it('is made at the host, once a repository, and shows how it is doing there', async () => {
    const { id } = await made('telling');
    const first = await ask<RegisteredHook>('POST', `/connections/${id}/hooks`, { repository: 'example-org/shop' });
    expect(first).toMatchObject({ status: 201, body: { repository: 'Example-Org/Shop', secret: null } });
    expect(first.body.url).toBe(`https://millrace.test/api/v1/hooks/${first.body.id}`);
    expect(first.body.id).toMatch(new RegExp(`^hk_${tenant.id}_[0-9a-z]{24}$`));
    const again = await ask<RegisteredHook>('POST', `/connections/${id}/hooks`, { repository: 'Example-Org/Shop' });
    expect(again).toMatchObject({ status: 200, body: { id: first.body.id } });
    const atHost = [...host.hooks.values()].filter(({ url }) => url === first.body.url);
    expect(atHost).toHaveLength(1);
    const { items } = await tenant.get<{ items: ConnectionHook[] }>(`/connections/${id}/hooks`);
    expect(items[0]?.health).toMatchObject({ state: 'active', lastDeliveryStatus: 202 });
    host.hooks.delete(atHost[0]?.id ?? 0);
    const later = await tenant.get<{ items: ConnectionHook[] }>(`/connections/${id}/hooks`);
    expect(later.items[0]?.health.state).toBe('missing');
  });

  it('can be made by hand where the credentials may not; its secret is shown once', async () => {
    const { id } = await made('by-hand', READER);
    const order = { repository: 'example-org/shop' };
    const refused = await ask<Problem>('POST', `/connections/${id}/hooks`, order);
    expect(refused).toMatchObject({ status: 422, body: { code: 'hook_refused' } });
    expect(refused.body.detail).toContain('Settings → Webhooks');
    expect((await tenant.get<{ items: unknown[] }>(`/connections/${id}/hooks`)).items).toEqual([]);
    const path = `/connections/${id}/hooks`;
    const byHand = await tenant.post(path, { ...order, byHand: true });
    const hook = await byHand.json<RegisteredHook>();
    expect(hook.secret).toMatch(/^[0-9a-z]{48}$/);
    const twice = await (await tenant.post(path, { ...order, byHand: true })).json<RegisteredHook>();
    expect(twice).toMatchObject({ id: hook.id, secret: null, isByHand: true });
    const rotated = await (await tenant.post(`${path}/${hook.id}/rotate`, {})).json<RegisteredHook>();
    expect(rotated.secret).not.toBe(hook.secret);
    expect(rotated.previousSecretUntil).not.toBeNull();
  });

  it('gets a new secret, and the last ones count for a day', async () => {
    const { id } = await made('turning');
    const { body } = await ask<RegisteredHook>('POST', `/connections/${id}/hooks`, {
      repository: 'example-org/shop',
    });
    const atHost = () => [...host.hooks.values()].find(({ url }) => url === body.url)?.secret;
    const secrets = [atHost()];
    for (let turn = 0; turn < 2; turn += 1) {
      await ask('POST', `/connections/${id}/hooks/${body.id}/rotate`);
      secrets.unshift(atHost());
    }
    const { hooks } = keys();
    const row = await hooks.hookById(body.id);
    if (row === undefined) throw new Error('the hook is gone');
    expect(new Set(secrets).size).toBe(3);
    expect(await hooks.openSecrets(row, Date.now())).toEqual(secrets);
    expect(await hooks.openSecrets(row, Date.now() + OVERLAP_MS)).toEqual(secrets.slice(0, 1));
    for (const moved of [{ id: 'other' }, { tenantId: 'other' }, { version: 1 }]) {
      await expect(hooks.openSecrets({ ...row, ...moved }, 0)).rejects.toThrow();
    }
  });

  it('goes, at the host too', async () => {
    const { id } = await made('going');
    const { body } = await ask<RegisteredHook>('POST', `/connections/${id}/hooks`, {
      repository: 'example-org/shop',
    });
    expect((await ask('DELETE', `/connections/${id}/hooks/${body.id}`)).status).toBe(204);
    expect([...host.hooks.values()].filter(({ url }) => url === body.url)).toEqual([]);
    expect((await ask<Problem>('DELETE', `/connections/${id}/hooks/${body.id}`)).body.code).toBe('hook_not_found');
    expect(await keys().hooks.hookById(body.id)).toBeUndefined();
    const other = await made('other');
    const theirs = await ask<RegisteredHook>('POST', `/connections/${other.id}/hooks`, {
      repository: 'example-org/shop',
    });
    const wrong = await ask<Problem>('DELETE', `/connections/${id}/hooks/${theirs.body.id}`);
    expect(wrong.body.code).toBe('hook_not_found');
    expect(await keys().hooks.hookById('hk_nobody')).toBeUndefined();
  });
});

describe('credentials', () => {
  it('are sealed anew with a new data key, and open no row that was moved', async () => {
    const { id } = await made('sealed');
    const stored = async () => {
      const row = await keys().connections.byId(tenant.id as TenantId, id);
      if (row === undefined) throw new Error('the connection is gone');
      return row;
    };
    const before = await stored();
    const done = await tenant.post('/secrets/rotate', { newDataKey: true });
    expect(await done.json<SecretRotation>()).toMatchObject({ remaining: 0 });
    const after = await stored();
    expect(after.dataKeyId).not.toBe(before.dataKeyId);
    expect(await keys().connections.open(after)).toEqual({ kind: 'token', token: TOKEN });
    expect((await ask<ConnectionTest>('POST', `/connections/${id}/test`)).body.ok).toBe(true);
    for (const moved of [{ id: 'other' }, { tenantId: 'other' }, { version: after.version + 1 }]) {
      await expect(keys().connections.open({ ...after, ...moved })).rejects.toThrow();
    }
  });

  it('are not in the audit log, which knows what else was before and after', async () => {
    const { id } = await made('audited');
    await ask('PUT', `/connections/${id}`, { name: 'audited-too' });
    await ask('PUT', `/connections/${id}`, { credentials: { kind: 'token', token: READER } });
    await ask('DELETE', `/connections/${id}`);
    const entries = async () => {
      const { items } = await tenant.get<{ items: AuditEntry[] }>('/audit?limit=100');
      return items.filter(({ object }) => object.type === 'connection' && object.id === id);
    };
    // Written after the answer.
    const written = await vi.waitUntil(async () => {
      const found = await entries();
      return found.length === 4 ? found : undefined;
    });
    expect(written.map(({ verb, before, after }) => ({ verb, before, after }))).toMatchObject([
      { verb: 'connection:write', before: { name: 'audited-too', works: true } },
      { before: { name: 'audited-too' }, after: { newCredentials: true } },
      { before: { name: 'audited' }, after: { name: 'audited-too', newCredentials: false } },
      { after: { name: 'audited', kind: 'github', baseUrl: GitHubDouble.BASE, works: true } },
    ]);
  });

  it('are in no answer, no audit entry, no export and no row', async () => {
    for (const path of ['/connections', '/audit?limit=100', '/connection-kinds']) {
      said.push(await (await tenant.fetch(path)).text());
    }
    const exported = await tenant.fetch('/tenant/export');
    const lines = exported.body?.pipeThrough(new DecompressionStream('gzip'));
    const text = await new Response(lines).text();
    expect(text).toContain('"type":"connection"');
    said.push(text);
    for (const table of ['connection', 'hook', 'watch']) {
      said.push(JSON.stringify((await env.DB.prepare(`SELECT * FROM "${table}"`).all()).results));
    }
    const all = [...said, ...logged].join('\n');
    expect(all).toContain('***');
    for (const secret of [TOKEN, READER, KEY, ...[...host.hooks.values()].map((one) => one.secret)]) {
      for (const form of [secret, btoa(secret), encodeURIComponent(secret)]) expect(all).not.toContain(form);
    }
  });

  it('are for those alone who may have them', async () => {
    const cookie = await tenant.member('maintainer');
    const as = (path: string, method = 'GET') =>
      tenant.fetch(path, { method, headers: { cookie, origin: 'https://millrace.test' } });
    expect((await as('/connections')).status).toBe(200);
    expect((await as('/connections/none', 'DELETE')).status).toBe(403);
  });
});
