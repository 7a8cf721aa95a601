import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../../contract/audit.ts';
import { CloseCode } from '../../contract/close-codes.ts';
import { Outbox } from '../support/workerd/outbox.ts';
import { PASSWORD, Person } from '../support/workerd/person.ts';
import { totp } from '../support/workerd/totp.ts';

const PIPELINE = `
name: shop
stages: [{ name: Release, actions: [{ name: SignOff, type: Approval/Manual }] }]
`;

let outbox: Outbox;
beforeAll(() => {
  outbox = Outbox.open();
});
afterAll(() => {
  vi.restoreAllMocks();
});

/** About accounts, oldest first, once there are so many. */
async function told(by: Person, count: number, verb = ''): Promise<AuditEntry[]> {
  return vi.waitUntil(
    async () => {
      const { items } = await by.ok<{ items: AuditEntry[] }>('GET', '/api/v1/audit?limit=100');
      const found = items.filter(({ object, verb: of }) => object.type === 'account' && of.startsWith(verb));
      return found.length >= count ? found.reverse() : undefined;
    },
    { timeout: 5_000 },
  );
}

/** What somebody watches ends with this code. */
async function watched(person: Person, path: string): Promise<[code: Promise<number>]> {
  const { webSocket: socket, status } = await person.fetch('GET', path, undefined, { upgrade: 'websocket' });
  if (socket === null) throw new Error(`no socket: ${status}`);
  const code = new Promise<number>((resolve) => {
    socket.addEventListener('close', (event) => resolve(event.code));
  });
  socket.accept();
  return [code];
}

describe('the audit log of a tenant', () => {
  it('says who has come in and gone, and who has tried in vain', async () => {
    const { owner } = await Person.withTenant();
    const id = await owner.id();
    const other = new Person(owner.email);
    expect((await other.signIn('not the password at all')).status).toBe(401);
    expect((await other.signIn()).status).toBe(200);
    await other.ok('POST', '/api/auth/sign-out', {});
    const entries = await told(owner, 3, 'session:');
    expect(entries).toMatchObject([
      {
        verb: 'session:start',
        outcome: 'denied',
        status: 401,
        actor: { type: 'system', id: 'unknown' },
        object: { type: 'account', id },
        route: 'POST /api/auth/sign-in/email',
      },
      { verb: 'session:start', outcome: 'allowed', actor: { type: 'person', id }, object: { id } },
      { verb: 'session:end', outcome: 'allowed', actor: { type: 'person', id }, route: 'POST /api/auth/sign-out' },
    ]);
    expect(entries[2]?.object.part).toBe(entries[1]?.object.part);
    expect(JSON.stringify(entries)).not.toContain('not the password');
  });

  it('says so in every tenant that the account opens, and in no other', async () => {
    const { owner: one } = await Person.withTenant();
    const { owner: two } = await Person.withTenant();
    const { owner: stranger } = await Person.withTenant();
    const person = await Person.signedUp('Grace');
    for (const owner of [one, two]) {
      const order = { email: person.email, role: 'viewer' };
      const { id } = await owner.ok<{ id: string }>('POST', '/api/v1/invitations', order);
      await person.ok('POST', `/api/v1/invitations/${id}/accept`);
    }
    expect((await new Person(person.email).signIn()).status).toBe(200);
    const id = await person.id();
    for (const owner of [one, two]) expect((await told(owner, 1))[0]?.object.id).toBe(id);
    const { items } = await stranger.ok<{ items: AuditEntry[] }>('GET', '/api/v1/audit?limit=100');
    expect(items.filter(({ object }) => object.id === id)).toEqual([]);
  });

  it('says what somebody changes about how they get in, and what they tried to', async () => {
    const { owner } = await Person.withTenant();
    const wrong = { currentPassword: 'not the password at all', newPassword: 'another long password' };
    expect((await owner.fetch('POST', '/api/auth/change-password', wrong)).status).toBe(400);
    await owner.ok('POST', '/api/auth/change-password', { ...wrong, currentPassword: PASSWORD });
    const password = 'another long password';
    const { totpURI } = await owner.ok<{ totpURI: string }>('POST', '/api/auth/two-factor/enable', { password });
    const secret = new URL(totpURI).searchParams.get('secret') ?? '';
    await owner.ok('POST', '/api/auth/two-factor/verify-totp', { code: await totp(secret) });
    await owner.ok('POST', '/api/auth/two-factor/generate-backup-codes', { password });
    await owner.ok('POST', '/api/auth/two-factor/disable', { password });
    const entries = await told(owner, 5);
    expect(entries.map(({ verb, status, after }) => [verb, status, after])).toEqual([
      ['password:write', 400, undefined],
      ['password:write', 200, undefined],
      ['second-factor:write', 200, { enabled: true }],
      ['second-factor:write', 200, undefined],
      ['second-factor:write', 200, { enabled: false }],
    ]);
    expect(JSON.stringify(entries)).not.toContain(secret);
  });

  it('says that a second factor was wrong, and whose, and only the right one is a sign-in', async () => {
    const { owner } = await Person.withTenant();
    const enable = { password: PASSWORD };
    const { totpURI } = await owner.ok<{ totpURI: string }>('POST', '/api/auth/two-factor/enable', enable);
    const secret = new URL(totpURI).searchParams.get('secret') ?? '';
    await owner.ok('POST', '/api/auth/two-factor/verify-totp', { code: await totp(secret) });
    const later = new Person(owner.email);
    await later.signIn();
    const wrong = await later.fetch('POST', '/api/auth/two-factor/verify-totp', { code: '000000' });
    expect(wrong.status).toBe(401);
    await later.ok('POST', '/api/auth/two-factor/verify-totp', { code: await totp(secret) });
    const entries = await told(owner, 2, 'session:');
    expect(entries).toMatchObject([
      { verb: 'session:start', outcome: 'denied', object: { id: await owner.id() } },
      { verb: 'session:start', outcome: 'allowed', route: 'POST /api/auth/two-factor/verify-totp' },
    ]);
    expect(entries).toHaveLength(2);
  });

  it('says that a password was forgotten, reset, and what ended with it', async () => {
    const { owner } = await Person.withTenant();
    await owner.ok('POST', '/api/auth/request-password-reset', { email: owner.email, redirectTo: '/reset-password' });
    const link = await outbox.linkTo(owner.email);
    const token = link.searchParams.get('token') ?? '';
    const visitor = new Person(owner.email);
    await visitor.ok('POST', '/api/auth/reset-password', { newPassword: 'another long password', token });
    expect((await visitor.signIn('another long password')).status).toBe(200);
    const entries = await told(visitor, 4);
    const seen = entries.map(({ verb, actor }) => `${verb} ${actor.type}`);
    expect(seen.sort()).toEqual([
      'password:forgot system',
      'password:reset person',
      'session:revoke person',
      'session:start person',
    ]);
    expect(JSON.stringify(entries)).not.toContain(token);
  });
});

describe('what is watched with a session', () => {
  const feeds = ['/api/v1/live', '/api/v1/pipelines/shop/live'];

  async function watching(): Promise<{ owner: Person; there: Person; codes: Promise<number>[] }> {
    const { owner } = await Person.withTenant();
    const headers = { 'content-type': 'application/yaml' };
    expect((await owner.fetch('PUT', '/api/v1/pipelines/shop', PIPELINE, headers)).status).toBeLessThan(300);
    const there = new Person(owner.email);
    expect((await there.signIn()).status).toBe(200);
    const { id } = await owner.ok<{ id: string }>('POST', '/api/v1/pipelines/shop/executions', {});
    const all = [...feeds, `/api/v1/executions/${id}/live`];
    const codes = (await Promise.all(all.map((path) => watched(there, path)))).flat();
    return { owner, there, codes };
  }

  it('ends when the person signs out', async () => {
    const { there, codes } = await watching();
    await there.ok('POST', '/api/auth/sign-out', {});
    for (const code of codes) expect(await code).toBe(CloseCode.Moved);
    expect((await there.fetch('GET', '/api/v1/live', undefined, { upgrade: 'websocket' })).status).toBe(401);
  });

  it('ends when it is revoked from elsewhere', async () => {
    const { owner, there, codes } = await watching();
    await owner.ok('POST', '/api/auth/revoke-other-sessions', {});
    for (const code of codes) expect(await code).toBe(CloseCode.Moved);
    expect((await there.fetch('GET', '/api/v1/live', undefined, { upgrade: 'websocket' })).status).toBe(401);
    expect((await owner.fetch('GET', '/api/v1/tenants')).status).toBe(200);
  });

  it('ends with a change of password that ends the other sessions', async () => {
    const { owner, codes } = await watching();
    const order = { currentPassword: PASSWORD, newPassword: 'another long password', revokeOtherSessions: true };
    await owner.ok('POST', '/api/auth/change-password', order);
    for (const code of codes) expect(await code).toBe(CloseCode.Moved);
  });
});
