import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CloseCode } from '../../contract/close-codes.ts';
import { createApp } from '../../worker/api/app.ts';
import { apiParts } from '../../worker/composition.ts';
import { call } from '../support/workerd/client.ts';
import { Outbox } from '../support/workerd/outbox.ts';
import { ORIGIN, PASSWORD, Person } from '../support/workerd/person.ts';
import { totp } from '../support/workerd/totp.ts';

const PIPELINE = `
name: NAME
stages:
  - name: Release
    actions:
      - { name: SignOff, type: Approval/Manual }
`;

let outbox: Outbox;
beforeAll(() => {
  outbox = Outbox.open();
});
afterAll(() => {
  vi.restoreAllMocks();
});

/** The same tables, set up otherwise by the operator. */
function installation(
  settings: Readonly<Record<string, string>>,
): (path: string, init?: RequestInit) => Promise<Response> {
  const changed = { ...env, ...settings };
  const app = createApp(apiParts(changed));
  return async (path, init) => app.fetch(new Request(`${ORIGIN}${path}`, init), changed);
}

async function save(person: Person, name: string): Promise<void> {
  const response = await person.fetch('PUT', `/api/v1/pipelines/${name}`, PIPELINE.replace('NAME', name), {
    'content-type': 'application/yaml',
  });
  expect(response.status).toBeLessThan(300);
}

/** Somebody who was invited with this role, and came. */
async function joined(owner: Person, role: string): Promise<Person> {
  const person = await Person.signedUp(role);
  const { id } = await owner.ok<{ id: string }>('POST', '/api/v1/invitations', { email: person.email, role });
  await person.ok('POST', `/api/v1/invitations/${id}/accept`);
  return person;
}

describe('sign-up', () => {
  it('is closed to strangers where the operator says so, and open to whoever has an invitation', async () => {
    const closed = installation({ MILLRACE_SIGN_UP: 'closed' });
    const { owner } = await Person.withTenant();
    const guest = new Person(undefined, closed);
    const account = { name: 'Guest', email: guest.email, password: PASSWORD };
    expect(await guest.refused('POST', '/api/auth/sign-up/email', account)).toBe('403 SIGN_UP_CLOSED');

    const order = { email: guest.email.toUpperCase(), role: 'viewer' };
    const { id, isMailed } = await owner.ok<{ id: string; isMailed: boolean }>('POST', '/api/v1/invitations', order);
    expect(isMailed).toBe(true);
    // Knowing the address is not enough: the link says that one may.
    expect(await guest.refused('POST', '/api/auth/sign-up/email', account)).toBe('403 SIGN_UP_CLOSED');
    const other = { ...account, email: `x${guest.email}`, invitation: id };
    expect(await guest.refused('POST', '/api/auth/sign-up/email', other)).toBe('403 SIGN_UP_CLOSED');

    await guest.ok('POST', '/api/auth/sign-up/email', { ...account, invitation: id });
    await guest.ok('POST', `/api/v1/invitations/${id}/accept`);
    expect((await guest.fetch('GET', '/api/v1/pipelines')).status).toBe(200);
  });

  it('asks for the address to be confirmed first where the operator says so', async () => {
    const strict = installation({ MILLRACE_VERIFY_EMAIL: 'on' });
    const person = new Person(undefined, strict);
    await person.ok('POST', '/api/auth/sign-up/email', { name: 'Ada', email: person.email, password: PASSWORD });
    expect((await person.signIn()).status).toBe(403);
    const link = await outbox.linkTo(person.email);
    expect(link.pathname).toBe('/verify-email');
    const token = link.searchParams.get('token') ?? '';
    await person.ok('GET', `/api/auth/verify-email?token=${token}`);
    expect(await person.ok('GET', '/api/v1/tenants')).toMatchObject({ items: [] });
  });

  it('says how people get in, and nothing secret', async () => {
    const methods = await (await call('/api/v1/auth-methods')).json();
    expect(methods).toEqual({
      signUp: 'open',
      github: false,
      google: false,
      passkey: true,
      passwordReset: true,
      verifyEmail: false,
    });
    const withGitHub = installation({
      MILLRACE_GITHUB_CLIENT_ID: 'an id',
      MILLRACE_GITHUB_CLIENT_SECRET: 'a secret',
    });
    const text = await (await withGitHub('/api/v1/auth-methods')).text();
    expect(JSON.parse(text)).toMatchObject({ github: true, google: false });
    expect(text).not.toContain('secret');
    const start = await new Person(undefined, withGitHub).ok<{ url: string }>('POST', '/api/auth/sign-in/social', {
      provider: 'github',
      callbackURL: '/',
    });
    expect(start.url).toMatch(/^https:\/\/github\.com\/login\/oauth\/authorize\?/);
    expect((await new Person().fetch('POST', '/api/auth/sign-in/social', { provider: 'github' })).status).toBe(404);
  });

  it('refuses settings that contradict each other', () => {
    expect(() => installation({ MILLRACE_GITHUB_CLIENT_ID: 'alone' })).toThrow('go together');
  });
});

describe('an invitation', () => {
  it('makes the invited person, and nobody else, a member with its role, once', async () => {
    const { owner, tenant } = await Person.withTenant();
    const guest = await Person.signedUp('Guest');
    const order = { email: guest.email, role: 'maintainer', expiresInDays: 1 };
    const made = await owner.ok<{ id: string; link: string; expiresAt: string }>(
      'POST',
      '/api/v1/invitations',
      order,
    );
    expect(Date.parse(made.expiresAt) - Date.now()).toBeLessThanOrEqual(24 * 3_600_000);
    expect((await outbox.linkTo(guest.email)).href).toBe(made.link);
    expect(made.link).toBe(`${ORIGIN}/invitations/${made.id}`);
    expect(outbox.authorizations).toContain('Bearer mail token');

    const stranger = await Person.signedUp('Stranger');
    expect(await stranger.refused('POST', `/api/v1/invitations/${made.id}/accept`)).toBe('403 invitation_not_yours');
    expect(await guest.refused('GET', '/api/v1/pipelines')).toBe('403 tenant_required');
    expect(await guest.ok('GET', `/api/v1/invitations/${made.id}`)).toMatchObject({ role: 'maintainer' });

    await guest.ok('POST', `/api/v1/invitations/${made.id}/accept`);
    const { items } = await owner.ok<{ items: { email: string; role: string }[] }>('GET', '/api/v1/members');
    expect(items.find(({ email }) => email === guest.email)?.role).toBe('maintainer');
    expect(await guest.ok('GET', '/api/v1/tenants')).toMatchObject({ items: [{ id: tenant, isActive: true }] });
    expect(await guest.refused('POST', `/api/v1/invitations/${made.id}/accept`)).toBe('404 invitation_not_found');
    expect(await owner.refused('POST', '/api/v1/invitations', order)).toBe('409 member_exists');
  });

  it('expires, can be withdrawn, and gives way to a newer one', async () => {
    const { owner } = await Person.withTenant();
    const guest = await Person.signedUp('Guest');
    const order = { email: guest.email, role: 'viewer' };
    const first = await owner.ok<{ id: string }>('POST', '/api/v1/invitations', order);
    const second = await owner.ok<{ id: string }>('POST', '/api/v1/invitations', order);
    expect(await guest.refused('POST', `/api/v1/invitations/${first.id}/accept`)).toBe('404 invitation_not_found');

    await env.DB.prepare('UPDATE invitation SET expires_at = ? WHERE id = ?')
      .bind(Date.now() - 1, second.id)
      .run();
    expect(await guest.refused('POST', `/api/v1/invitations/${second.id}/accept`)).toBe('410 invitation_expired');

    const third = await owner.ok<{ id: string }>('POST', '/api/v1/invitations', order);
    await owner.ok('DELETE', `/api/v1/invitations/${third.id}`);
    expect(await guest.refused('POST', `/api/v1/invitations/${third.id}/accept`)).toBe('404 invitation_not_found');
    expect(await owner.ok('GET', '/api/v1/invitations')).toMatchObject({ items: [] });
  });

  it('falls with the rights of the one who sent it', async () => {
    const { owner } = await Person.withTenant();
    const admin = await joined(owner, 'admin');
    const guest = await Person.signedUp('Guest');
    const order = { email: guest.email, role: 'admin' };
    const { id } = await admin.ok<{ id: string }>('POST', '/api/v1/invitations', order);
    await owner.ok('PUT', `/api/v1/members/${await admin.id()}`, { role: 'viewer' });
    expect(await guest.refused('POST', `/api/v1/invitations/${id}/accept`)).toBe('404 invitation_not_found');
  });

  it('comes from our own API alone: the library’s way around it is shut', async () => {
    const { owner, tenant } = await Person.withTenant();
    const ways = [
      'invite-member',
      'update-member-role',
      'remove-member',
      'set-active',
      'leave',
      'add-member',
      'delete',
    ];
    for (const way of ways) {
      const body = {
        organizationId: tenant,
        email: 'a@example.com',
        role: 'owner',
        memberId: 'x',
        memberIdOrEmail: 'x',
      };
      expect((await owner.fetch('POST', `/api/auth/organization/${way}`, body)).status, way).toBe(404);
    }
    for (const way of ['get-full-organization', 'list-invitations', 'list-members', 'get-invitation?id=x']) {
      expect((await owner.fetch('GET', `/api/auth/organization/${way}`)).status, way).toBe(404);
    }
  });
});

describe('roles', () => {
  it('are never given above one’s own, nor taken from somebody above', async () => {
    const { owner } = await Person.withTenant();
    const admin = await joined(owner, 'admin');
    const viewer = await joined(owner, 'viewer');
    const [ownerId, viewerId, adminId] = [await owner.id(), await viewer.id(), await admin.id()];
    expect(await admin.refused('PUT', `/api/v1/members/${viewerId}`, { role: 'owner' })).toBe('403 role_too_high');
    expect(await admin.refused('PUT', `/api/v1/members/${adminId}`, { role: 'owner' })).toBe('403 role_too_high');
    expect(await admin.refused('PUT', `/api/v1/members/${ownerId}`, { role: 'viewer' })).toBe('403 role_too_high');
    expect(await admin.refused('DELETE', `/api/v1/members/${ownerId}`)).toBe('403 role_too_high');
    const order = { email: 'new@example.com', role: 'owner' };
    expect(await admin.refused('POST', '/api/v1/invitations', order)).toBe('403 role_too_high');
    expect(await admin.ok('PUT', `/api/v1/members/${viewerId}`, { role: 'admin' })).toMatchObject({ role: 'admin' });
    expect(await owner.ok('PUT', `/api/v1/members/${viewerId}`, { role: 'owner' })).toMatchObject({ role: 'owner' });
  });

  it('leave a tenant an owner', async () => {
    const { owner, tenant } = await Person.withTenant();
    const ownerId = await owner.id();
    expect(await owner.refused('PUT', `/api/v1/members/${ownerId}`, { role: 'admin' })).toBe('409 last_owner');
    expect(await owner.refused('DELETE', `/api/v1/members/${ownerId}`)).toBe('409 last_owner');
    expect(await owner.refused('POST', `/api/v1/tenants/${tenant}/leave`)).toBe('409 last_owner');

    const second = await joined(owner, 'owner');
    // Both at once, and still one remains.
    const both = await Promise.all([
      owner.fetch('POST', `/api/v1/tenants/${tenant}/leave`),
      second.fetch('POST', `/api/v1/tenants/${tenant}/leave`),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
  });

  it('close what their holder watches as soon as they change', async () => {
    const { owner, tenant } = await Person.withTenant();
    await save(owner, 'shop');
    const member = await joined(owner, 'viewer');
    const id = await member.id();
    const watch = async (path: string): Promise<{ readonly code: Promise<number> }> => {
      const response = await member.fetch('GET', `/api/v1${path}`, undefined, { upgrade: 'websocket' });
      const socket = response.webSocket;
      if (socket === null) throw new Error(`no socket: ${response.status}`);
      const code = new Promise<number>((resolve) => {
        socket.addEventListener('close', (event) => resolve(event.code));
      });
      socket.accept();
      return { code };
    };
    const execution = await owner.ok<{ id: string }>('POST', '/api/v1/pipelines/shop/executions', {});
    const watched = await Promise.all(
      ['/live', '/pipelines/shop/live', `/executions/${execution.id}/live`].map((path) => watch(path)),
    );
    await owner.ok('DELETE', `/api/v1/members/${id}`);
    for (const { code } of watched) expect(await code).toBe(CloseCode.Moved);
    const again = await member.fetch('GET', '/api/v1/live', undefined, { upgrade: 'websocket' });
    expect(again.status).toBe(403);
    expect(await member.refused('POST', `/api/v1/tenants/${tenant}/switch`)).toBe('404 tenant_not_found');
  });

  it('end what is watched by its age too, before anything more is said', async () => {
    const { owner } = await Person.withTenant();
    await save(owner, 'shop');
    const response = await owner.fetch('GET', '/api/v1/live', undefined, { upgrade: 'websocket' });
    const { webSocket: socket } = response;
    const heard: string[] = [];
    const closed = new Promise<number>((resolve) => {
      socket?.addEventListener('close', ({ code }) => resolve(code));
    });
    socket?.addEventListener('message', ({ data }) => heard.push(String(data)));
    socket?.accept();
    const real = Date.now;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => real() + 6 * 60_000);
    await owner.ok('POST', '/api/v1/pipelines/shop/executions', {});
    expect(await closed).toBe(CloseCode.Moved);
    clock.mockRestore();
    expect(heard).toEqual([]);
  });

  it('leave a trace of who gave them to whom, and none of the link', async () => {
    const { owner } = await Person.withTenant();
    const member = await joined(owner, 'viewer');
    const id = await member.id();
    await owner.ok('PUT', `/api/v1/members/${id}`, { role: 'operator' });
    const text = JSON.stringify(await owner.ok('GET', '/api/v1/audit'));
    const { items } = JSON.parse(text) as {
      items: { verb: string; object: object; before?: object; after?: object }[];
    };
    const about = items.filter(({ verb }) => verb === 'member:write');
    expect(about).toContainEqual(
      expect.objectContaining({ before: { role: 'viewer' }, after: { role: 'operator' } }),
    );
    expect(about).toContainEqual(
      expect.objectContaining({ object: { type: 'member', id }, after: { role: 'viewer', invitedBy: 'Owner' } }),
    );
    expect(about).toContainEqual(expect.objectContaining({ object: { type: 'invitation', id: member.email } }));
    const row = await env.DB.prepare('SELECT id FROM invitation WHERE email = ?')
      .bind(member.email)
      .first<{ id: string }>();
    expect(text).not.toContain(row?.id ?? 'no invitation');
  });
});

describe('a grant', () => {
  it('opens exactly one pipeline, until it is taken back', async () => {
    const { owner } = await Person.withTenant();
    await save(owner, 'shop');
    await save(owner, 'bank');
    const viewer = await joined(owner, 'viewer');
    const grants = `/api/v1/members/${await viewer.id()}/grants`;
    const start = async (name: string): Promise<number> =>
      (await viewer.fetch('POST', `/api/v1/pipelines/${name}/executions`, {})).status;
    expect([await start('shop'), await start('bank')]).toEqual([403, 403]);

    expect(await viewer.refused('PUT', `${grants}/shop`, { role: 'operator' })).toBe('403 forbidden');
    await owner.ok('PUT', `${grants}/shop`, { role: 'operator' });
    expect(await owner.ok('GET', grants)).toMatchObject({ items: [{ pipeline: 'shop', role: 'operator' }] });
    expect([await start('shop'), await start('bank')]).toEqual([201, 403]);

    await owner.ok('DELETE', `${grants}/shop`);
    expect(await start('shop')).toBe(403);
    expect(await owner.refused('DELETE', `${grants}/shop`)).toBe('404 grant_not_found');
    expect(await owner.refused('PUT', `${grants}/none`, { role: 'operator' })).toBe('404 pipeline_not_found');
    expect(await owner.refused('PUT', `${grants}/shop`, { role: 'owner' })).toBe('422 validation_failed');
  });

  it('ends with the membership', async () => {
    const { owner } = await Person.withTenant();
    await save(owner, 'shop');
    const viewer = await joined(owner, 'viewer');
    const id = await viewer.id();
    await owner.ok('PUT', `/api/v1/members/${id}/grants/shop`, { role: 'maintainer' });
    await owner.ok('DELETE', `/api/v1/members/${id}`);
    const { id: again } = await owner.ok<{ id: string }>('POST', '/api/v1/invitations', {
      email: viewer.email,
      role: 'viewer',
    });
    await viewer.ok('POST', `/api/v1/invitations/${again}/accept`);
    expect(await owner.ok('GET', `/api/v1/members/${id}/grants`)).toMatchObject({ items: [] });
  });
});

describe('several tenants', () => {
  it('are kept apart, and a session goes from one to the other', async () => {
    const a = await Person.withTenant();
    const b = await Person.withTenant();
    await save(a.owner, 'of-a');
    await save(b.owner, 'of-b');
    const { id } = await b.owner.ok<{ id: string }>('POST', '/api/v1/invitations', {
      email: a.owner.email,
      role: 'viewer',
    });
    expect((await a.owner.fetch('GET', '/api/v1/pipelines/of-b')).status).toBe(404);
    expect(await a.owner.refused('POST', `/api/v1/tenants/${b.tenant}/switch`)).toBe('404 tenant_not_found');
    expect(await a.owner.refused('DELETE', `/api/v1/invitations/${id}`)).toBe('404 invitation_not_found');
    expect(await a.owner.refused('DELETE', `/api/v1/members/${await b.owner.id()}`)).toBe('404 member_not_found');

    await a.owner.ok('POST', `/api/v1/invitations/${id}/accept`);
    const pipelines = async (): Promise<string[]> => {
      const { items } = await a.owner.ok<{ items: { name: string }[] }>('GET', '/api/v1/pipelines');
      return items.map(({ name }) => name);
    };
    expect(await pipelines()).toEqual(['of-b']);
    expect((await a.owner.fetch('GET', '/api/v1/invitations')).status).toBe(403);
    await a.owner.ok('POST', `/api/v1/tenants/${a.tenant}/switch`);
    expect(await pipelines()).toEqual(['of-a']);
    const tenants = await a.owner.ok<{ items: { id: string; role: string }[] }>('GET', '/api/v1/tenants');
    expect(Object.fromEntries(tenants.items.map((one) => [one.id, one.role]))).toEqual({
      [a.tenant]: 'owner',
      [b.tenant]: 'viewer',
    });
  });

  it('have short names of their own', async () => {
    const slug = `t${crypto.randomUUID().slice(0, 8)}`;
    const { owner } = await Person.withTenant(slug);
    expect(await owner.refused('POST', '/api/v1/tenants', { name: 'Again', slug })).toBe('409 slug_taken');
    expect(await owner.refused('POST', '/api/v1/tenants', { name: 'Bad', slug: 'Not Good' })).toBe(
      '422 validation_failed',
    );
  });

  it('are nothing that a program or a foreign page chooses', async () => {
    const { owner, tenant } = await Person.withTenant();
    const { token } = await owner.ok<{ token: string }>('POST', '/api/v1/tokens', { name: 'x', kind: 'service' });
    const headers = { authorization: `Bearer ${token}` };
    expect((await call('/api/v1/tenants', { headers })).status).toBe(403);
    expect((await call('/api/v1/tenants')).status).toBe(401);
    const foreign = await owner.fetch('POST', `/api/v1/tenants/${tenant}/switch`, undefined, {
      origin: 'https://evil.example',
    });
    expect(foreign.status).toBe(403);
  });
});

describe('a forgotten password', () => {
  it('is replaced with the link in the mail, once, and ends all sessions', async () => {
    const person = await Person.signedUp();
    const ask = { email: person.email, redirectTo: '/reset-password' };
    await person.ok('POST', '/api/auth/request-password-reset', ask);
    const link = await outbox.linkTo(person.email);
    expect(link.pathname).toBe('/reset-password');
    const order = { newPassword: 'another long password', token: link.searchParams.get('token') };
    const visitor = new Person(person.email);
    await visitor.ok('POST', '/api/auth/reset-password', order);
    expect((await visitor.fetch('POST', '/api/auth/reset-password', order)).status).toBe(400);
    expect((await person.fetch('GET', '/api/v1/tenants')).status).toBe(401);
    expect((await visitor.signIn(PASSWORD)).status).toBe(401);
    expect((await visitor.signIn('another long password')).status).toBe(200);
  });

  it('answers strangers as it answers members', async () => {
    const sent = outbox.letters.length;
    const answer = await new Person().ok('POST', '/api/auth/request-password-reset', { email: 'nobody@example.com' });
    expect(answer).toMatchObject({ status: true });
    expect(outbox.letters).toHaveLength(sent);
  });
});

describe('sessions', () => {
  it('are listed, and one can be ended from another', async () => {
    const here = await Person.signedUp();
    const there = new Person(here.email);
    expect((await there.signIn()).status).toBe(200);
    const sessions = await here.ok<{ token: string }[]>('GET', '/api/auth/list-sessions');
    expect(sessions).toHaveLength(2);
    const mine = await here.ok<{ session: { token: string } }>('GET', '/api/auth/get-session');
    const other = sessions.find(({ token }) => token !== mine.session.token);
    await here.ok('POST', '/api/auth/revoke-session', { token: other?.token });
    expect((await there.fetch('GET', '/api/v1/tenants')).status).toBe(401);
    expect((await here.fetch('GET', '/api/v1/tenants')).status).toBe(200);
  });
});

describe('a second factor', () => {
  it('is asked for after the password, and a backup code takes its place once', async () => {
    const { owner: person, tenant } = await Person.withTenant();
    const enrolment = await person.ok<{ totpURI: string; backupCodes: string[] }>(
      'POST',
      '/api/auth/two-factor/enable',
      { password: PASSWORD },
    );
    const secret = new URL(enrolment.totpURI).searchParams.get('secret') ?? '';
    await person.ok('POST', '/api/auth/two-factor/verify-totp', { code: await totp(secret) });
    // The session goes on where it was.
    expect(await person.ok('GET', '/api/v1/tenants')).toMatchObject({ items: [{ id: tenant, isActive: true }] });
    const members = await person.ok<{ items: object[] }>('GET', '/api/v1/members');
    expect(members.items).toMatchObject([{ hasSecondFactor: true }]);

    const later = new Person(person.email);
    expect(await (await later.signIn()).json()).toMatchObject({ twoFactorRedirect: true });
    expect((await later.fetch('GET', '/api/v1/tenants')).status).toBe(401);
    const wrong = await later.fetch('POST', '/api/auth/two-factor/verify-totp', { code: '000000' });
    expect(wrong.status).toBe(401);
    await later.ok('POST', '/api/auth/two-factor/verify-totp', { code: await totp(secret) });
    expect((await later.fetch('GET', '/api/v1/pipelines')).status).toBe(200);

    const code = enrolment.backupCodes[0];
    const lost = new Person(person.email);
    await lost.signIn();
    await lost.ok('POST', '/api/auth/two-factor/verify-backup-code', { code });
    const again = new Person(person.email);
    await again.signIn();
    expect((await again.fetch('POST', '/api/auth/two-factor/verify-backup-code', { code })).status).toBe(401);
  });
});

describe('passkeys', () => {
  it('are offered for the address that people come to', async () => {
    const person = await Person.signedUp();
    const options = await person.ok<{ rp: { id: string } }>('GET', '/api/auth/passkey/generate-register-options');
    expect(options.rp.id).toBe('millrace.test');
    expect(await person.ok('GET', '/api/auth/passkey/list-user-passkeys')).toEqual([]);
    expect((await call('/api/auth/passkey/generate-register-options')).status).toBe(401);
  });
});
