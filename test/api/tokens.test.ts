import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CLOSE_NOT_YOURS, RUNNER_PROTOCOL } from '../../contract/runner-protocol.ts';
import type { CreatedToken, RegisteredRunner, Token } from '../../contract/tokens.ts';
import { call, messages, TestTenant } from '../support/workerd/client.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ORIGIN = 'https://millrace.test';
const WORK = `
name: web-shop
stages:
  - name: Build
    actions: [{ name: wait, type: Invoke/Delay, configuration: { Seconds: 0 } }]
`;

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await TestTenant.create();
  await tenant.save('web-shop', WORK);
  await tenant.save('other', WORK.replace('web-shop', 'other'));
});
afterEach(() => {
  vi.useRealTimers();
});

const asPerson = (cookie: string): Record<string, string> => ({ cookie, origin: ORIGIN });
const asToken = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

async function made(order: object, as: Record<string, string> = asPerson(tenant.cookie)): Promise<CreatedToken> {
  const response = await tenant.post('/tokens', order, as);
  expect(response.status).toBe(201);
  return response.json();
}

async function statusOf(method: string, path: string, as: Record<string, string>, body?: object): Promise<number> {
  const response = await tenant.fetch(path, {
    method,
    headers: { 'content-type': 'application/json', ...as },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.body?.cancel();
  return response.status;
}

const start = (token: string, pipeline = 'web-shop'): Promise<number> =>
  statusOf('POST', `/pipelines/${pipeline}/executions`, asToken(token), {});
const read = (token: string, pipeline = 'web-shop'): Promise<number> =>
  statusOf('GET', `/pipelines/${pipeline}`, asToken(token));

async function listed(id: string): Promise<Token | undefined> {
  const { items } = await tenant.get<{ items: Token[] }>('/tokens');
  return items.find((token) => token.id === id);
}

function inFuture(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

describe('a service token', () => {
  it('does what its role does, and no more', async () => {
    const { token, role } = await made({ name: 'dashboards', role: 'viewer' });
    expect(role).toBe('viewer');
    expect([await read(token), await start(token)]).toEqual([200, 403]);
  });

  it('is narrowed by its scopes and to its pipelines', async () => {
    const order = { name: 'ci', role: 'operator', scopes: ['execution:*', '*:read'], pipelines: ['web-shop'] };
    const { token, pipelines } = await made(order);
    expect(pipelines).toEqual(['web-shop']);
    expect([await start(token), await read(token)]).toEqual([201, 200]);
    expect([await start(token, 'other'), await read(token, 'other')]).toEqual([403, 403]);
    const transition = { isOpen: false, reason: 'x' };
    expect(await statusOf('PUT', '/pipelines/web-shop/stages/Build/transition', asToken(token), transition)).toBe(
      403,
    );
    expect(await statusOf('GET', '/freezes', asToken(token))).toBe(403);
  });

  it('ends when it says so: after 90 days, or what was asked for', async () => {
    const day = async (order: object) => (Date.parse((await made(order)).expiresAt) - Date.now()) / DAY;
    expect(await day({ name: 'a' })).toBeCloseTo(90, 1);
    const { token } = await made({ name: 'short', expiresInDays: 1 });
    expect(await read(token)).toBe(200);
    inFuture(DAY + MINUTE);
    expect(await read(token)).toBe(401);
  });

  it.each([
    { scopes: ['execution:fly'] },
    { pipelines: ['nowhere'] },
    { expiresInDays: 366 },
    { role: 'king' },
    { kind: 'runner', role: 'viewer' },
    { kind: 'registration', expiresInDays: 3 },
    { kind: 'runner', scopes: ['*'] },
  ])('is refused as %o, saying where', async (order) => {
    const response = await tenant.post('/tokens', { name: 'wrong', ...order }, asPerson(tenant.cookie));
    expect(response.status).toBe(422);
    const { errors } = await response.json<{ errors: { path: string }[] }>();
    expect(errors[0]?.path).toMatch(/^(scopes|pipelines|expiresInDays|role)/);
  });

  it('is gone at once when it is revoked', async () => {
    const { token, id } = await made({ name: 'leaked' });
    expect(await read(token)).toBe(200);
    expect(await statusOf('DELETE', `/tokens/${id}`, asPerson(tenant.cookie))).toBe(204);
    expect(await read(token)).toBe(401);
    expect(await listed(id)).toBeUndefined();
  });

  it('is kept as a keyed hash alone', async () => {
    const { token } = await made({ name: 'secret' });
    const rows = await env.DB.prepare('SELECT * FROM token WHERE tenant_id = ?').bind(tenant.id).all();
    const stored = JSON.stringify(rows.results);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(token.split('_').at(-1));
  });
});

describe('minting', () => {
  it('never gives more than its maker holds', async () => {
    const admin = asPerson(await tenant.member('admin'));
    expect(await statusOf('POST', '/tokens', admin, { name: 'up', role: 'owner' })).toBe(403);
    expect((await made({ name: 'level', role: 'admin' }, admin)).role).toBe('admin');
    for (const role of ['viewer', 'operator', 'maintainer']) {
      const as = asPerson(await tenant.member(role));
      expect(await statusOf('POST', '/tokens', as, { name: 'mine', role: 'viewer' })).toBe(403);
    }
  });

  it('by a narrowed token stays within what that one may', async () => {
    const narrow = asToken((await made({ name: 'minter', role: 'admin', scopes: ['token:*', '*:read'] })).token);
    expect(await statusOf('POST', '/tokens', narrow, { name: 'x', role: 'admin', scopes: ['*'] })).toBe(403);
    expect(await statusOf('POST', '/tokens', narrow, { name: 'x', kind: 'runner' })).toBe(403);
    expect(await statusOf('POST', '/tokens', narrow, { name: 'x', kind: 'registration' })).toBe(403);
    const child = await made({ name: 'x' }, narrow);
    expect(child.scopes).toEqual(['token:*', '*:read']);
    expect([await read(child.token), await start(child.token)]).toEqual([200, 403]);
    const here = await made({ name: 'one', role: 'admin', pipelines: ['web-shop'] });
    expect(await statusOf('POST', '/tokens', asToken(here.token), { name: 'x', role: 'viewer' })).toBe(403);
  });

  it('for runners is for those who look after runners', async () => {
    const maintainer = asPerson(await tenant.member('maintainer'));
    const { id } = await made({ name: 'box', kind: 'runner' }, maintainer);
    expect(await statusOf('DELETE', `/tokens/${id}`, maintainer)).toBe(204);
    const operator = asPerson(await tenant.member('operator'));
    expect(await statusOf('POST', '/tokens', operator, { name: 'box', kind: 'registration' })).toBe(403);
  });
});

describe('a user token', () => {
  it('has the rights that its person has at the time, within its scopes', async () => {
    const cookie = await tenant.member('operator');
    const { token } = await made(
      { name: 'laptop', kind: 'user', scopes: ['execution:*', 'pipeline:read'] },
      asPerson(cookie),
    );
    expect([await start(token), await read(token)]).toEqual([201, 200]);
    expect(await statusOf('GET', '/freezes', asToken(token))).toBe(403);
    const me = await (await tenant.fetch('/me', { headers: asToken(token) })).json<{ actor: object }>();
    expect(me.actor).toMatchObject({ kind: 'person', name: 'operator' });
    const { user_id: user } = (await row(token)) as { user_id: string };
    const member = (sql: string) => env.DB.prepare(sql).bind(tenant.id, user).run();
    await member("UPDATE member SET role = 'viewer' WHERE organization_id = ? AND user_id = ?");
    expect([await start(token), await read(token)]).toEqual([403, 200]);
    const pipeline = await env.DB.prepare("SELECT id FROM pipeline WHERE tenant_id = ? AND name = 'web-shop'")
      .bind(tenant.id)
      .first<string>('id');
    await env.DB.prepare("INSERT INTO member_grant VALUES (?, ?, ?, 'operator', 0, 'x')")
      .bind(tenant.id, user, pipeline)
      .run();
    expect([await start(token), await start(token, 'other')]).toEqual([201, 403]);
    await member('DELETE FROM member WHERE organization_id = ? AND user_id = ?');
    expect(await read(token)).toBe(401);
  });

  it('is seen, rotated and revoked by its person, and never makes another', async () => {
    const [mine, other] = [asPerson(await tenant.member('viewer')), asPerson(await tenant.member('viewer'))];
    const { id, token } = await made({ name: 'mine', kind: 'user' }, mine);
    const seen = async (as: Record<string, string>) =>
      (await (await tenant.fetch('/tokens', { headers: as })).json<{ items: Token[] }>()).items.map((one) => one.id);
    expect([await seen(mine), await seen(other)]).toEqual([[id], []]);
    expect(await statusOf('DELETE', `/tokens/${id}`, other)).toBe(404);
    expect(await statusOf('POST', '/tokens', asToken(token), { name: 'child', kind: 'user' })).toBe(403);
    expect(await statusOf('POST', `/tokens/${id}/rotate`, asPerson(tenant.cookie), {})).toBe(403);
    expect(await statusOf('POST', `/tokens/${id}/rotate`, mine, { overlapHours: 0 })).toBe(201);
    expect(await statusOf('DELETE', `/tokens/${id}`, mine)).toBe(204);
  });
});

describe('rotation', () => {
  const rotated = async (id: string, order: object = {}): Promise<CreatedToken> => {
    const response = await tenant.post(`/tokens/${id}/rotate`, order, asPerson(tenant.cookie));
    expect(response.status).toBe(201);
    return response.json();
  };

  it('lets both work for the overlap, then the new one alone', async () => {
    const old = await made({
      name: 'deployer',
      role: 'operator',
      scopes: ['execution:*', '*:read'],
      pipelines: ['web-shop'],
    });
    const next = await rotated(old.id, { overlapHours: 2 });
    expect(next).toMatchObject({ name: 'deployer', role: 'operator', scopes: old.scopes, pipelines: ['web-shop'] });
    expect([await read(old.token), await read(next.token)]).toEqual([200, 200]);
    expect(await listed(old.id)).toMatchObject({ rotatedTo: next.id });
    inFuture(2 * HOUR + MINUTE);
    expect([await read(old.token), await read(next.token)]).toEqual([401, 200]);
  });

  it('ends the old one at once when there is no overlap', async () => {
    const old = await made({ name: 'leaked' });
    const next = await rotated(old.id, { overlapHours: 0 });
    expect([await read(old.token), await read(next.token)]).toEqual([401, 200]);
  });

  it('happens once, however many try', async () => {
    const { id } = await made({ name: 'busy' });
    const before = await tenant.get<{ items: Token[] }>('/tokens');
    const tries = [1, 2, 3].map(() => statusOf('POST', `/tokens/${id}/rotate`, asPerson(tenant.cookie), {}));
    expect((await Promise.all(tries)).sort()).toEqual([201, 409, 409]);
    const after = await tenant.get<{ items: Token[] }>('/tokens');
    expect(after.items.length).toBe(before.items.length + 1);
  });

  it('of a token that may more is refused', async () => {
    const { id } = await made({ name: 'crown', role: 'owner' });
    expect(await statusOf('POST', `/tokens/${id}/rotate`, asPerson(await tenant.member('admin')), {})).toBe(403);
  });
});

describe('the last use', () => {
  it('is kept to the hour', async () => {
    const { id, token } = await made({ name: 'used' });
    expect((await listed(id))?.lastUsedAt).toBeNull();
    await read(token);
    const first = await vi.waitUntil(async () => (await listed(id))?.lastUsedAt);
    inFuture(30 * MINUTE);
    await read(token);
    expect((await listed(id))?.lastUsedAt).toBe(first);
    inFuture(HOUR);
    await read(token);
    await vi.waitUntil(async () => (await listed(id))?.lastUsedAt !== first);
  });
});

describe('registering a runner', () => {
  const register = (token: string): Promise<Response> =>
    tenant.post('/runners/register', { name: 'box' }, asToken(token));

  it('works once, within ten minutes', async () => {
    const { token, id } = await made({ name: 'new box', kind: 'registration' });
    const all = await Promise.all([register(token), register(token), register(token)]);
    expect(all.map(({ status }) => status).sort()).toEqual([201, 401, 401]);
    expect((await register(token)).status).toBe(401);
    expect((await listed(id))?.usedAt).not.toBeNull();
    const late = await made({ name: 'late', kind: 'registration' });
    inFuture(11 * MINUTE);
    expect((await register(late.token)).status).toBe(401);
  });

  it('opens nothing else, and nothing else opens it', async () => {
    const { token } = await made({ name: 'new box', kind: 'registration' });
    expect([await read(token), await statusOf('GET', '/me', asToken(token))]).toEqual([403, 403]);
    for (const other of [tenant.token, tenant.runnerToken]) expect((await register(other)).status).toBe(403);
  });

  it('gives a token with which that runner alone connects', async () => {
    const { token } = await made({ name: 'new box', kind: 'registration' });
    const one = await (await register(token)).json<RegisteredRunner>();
    expect(await hello(one.token, one.runner)).toContain('welcome');
    expect(await hello(one.token, 'somebody else entirely')).toBe(CLOSE_NOT_YOURS);
    // A token that many may use does not take the place of one that is registered.
    expect(await hello(tenant.runnerToken, one.runner)).toBe(CLOSE_NOT_YOURS);
    expect(await hello(tenant.runnerToken, 'one that made its own')).toContain('welcome');
  });

  /** The first word of the pool, or the code with which it hung up. */
  async function hello(token: string, id: string): Promise<string | number> {
    const socket = await tenant.socket('/runners/connect', token);
    const closed = new Promise<number>((resolve) => {
      socket.addEventListener('close', ({ code }) => resolve(code));
    });
    const runner = { id, name: 'box', version: '1', os: 'linux', arch: 'x64', labels: [], slots: 1 };
    socket.send(JSON.stringify({ type: 'hello', protocol: RUNNER_PROTOCOL, runner, jobs: [] }));
    for await (const message of messages(socket)) {
      if (!(message as string).includes('"problem"')) {
        socket.close();
        return message as string;
      }
    }
    return closed;
  }
});

it('another tenant’s tokens are nobody’s business', async () => {
  const { id } = await made({ name: 'ours' });
  const other = await TestTenant.create();
  for (const [method, path] of [
    ['DELETE', `/tokens/${id}`],
    ['POST', `/tokens/${id}/rotate`],
  ] as const) {
    const response = await call(`/api/v1${path}`, {
      method,
      headers: { ...asPerson(other.cookie), 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: '{}' } : {}),
    });
    expect(response.status).toBe(404);
  }
});

async function row(token: string): Promise<Record<string, unknown> | null> {
  const { actor } = await (await tenant.fetch('/me', { headers: asToken(token) })).json<{ actor: { id: string } }>();
  return env.DB.prepare('SELECT * FROM token WHERE tenant_id = ? AND user_id = ?').bind(tenant.id, actor.id).first();
}
