import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { Problem } from '../../contract/problem.ts';
import { PASSWORD } from '../support/workerd/person.ts';
import { limit } from '../support/workerd/quotas.ts';
import { Company, landed, signedUp, SignOnWorld } from '../support/workerd/sign-on-world.ts';

/** The providers are real, and say whatever a tenant's admin likes. */
const [issuer, other] = inject('openIdIssuers');

let world: SignOnWorld;
beforeAll(() => {
  world = new SignOnWorld([issuer, other]);
});
beforeEach(() => {
  world.isResolverDown = false;
});
afterAll(() => {
  vi.restoreAllMocks();
});
// Each founds companies and sends people round by two services.
vi.setConfig({ testTimeout: 60_000 });

const member = async (company: Company, email: string) =>
  (
    await company.owner.ok<{ items: { id: string; email: string; role: string }[] }>('GET', '/api/v1/members')
  ).items.find((one) => one.email === email);

const rows = async (statement: string, ...of: string[]): Promise<number> =>
  (
    await env.DB.prepare(statement)
      .bind(...of)
      .first<{ n: number }>()
  )?.n ?? 0;

describe.each([
  ['in the ID token', issuer],
  ['at the userinfo endpoint', other],
])('a provider that says who people are %s', (_, of) => {
  it('lets somebody new in as a member with the default role, and again as the same person', async () => {
    const company = await Company.founded(world, of, { defaultRole: 'operator' });
    const email = company.address('grace');
    const said = { sub: 'grace', email, email_verified: true, name: 'Grace Hopper' };
    const first = await company.signOn(said);
    expect(first.at).toBe('/pipelines');
    expect((await first.person.fetch('GET', '/api/v1/pipelines')).status).toBe(200);
    // Later the address does not matter, only the subject.
    const second = await company.signOn({ ...said, email: 'renamed@elsewhere.example' });
    expect(second.at).toBe('/pipelines');
    const { items } = await company.owner.ok<{ items: { email: string }[] }>('GET', '/api/v1/members');
    expect(items.filter((one) => one.email !== company.owner.email)).toMatchObject([
      { email, name: 'Grace Hopper', role: 'operator' },
    ]);
  });
});

describe('an address that a provider asserts', () => {
  it('becomes no member of a tenant that is full', async () => {
    const company = await Company.founded(world, issuer, {});
    await limit({ id: company.tenant }, 'members', 1);
    const email = company.address('late');
    const { at } = await company.signOn({ sub: 'late', email, email_verified: true, name: 'Late' });
    expect(at).toContain('sign_on_full');
    expect(await member(company, email)).toBeUndefined();
  });

  it('is nobody’s in another tenant: neither signed in as, nor linked, nor taken', async () => {
    const victims = await Company.founded(world, other);
    const victim = await victims.employs('victim', 'admin');
    const company = await Company.founded(world, issuer);
    for (const email of [victim.email, victims.address('not-here-yet'), 'somebody@gmail.com']) {
      const { person, at } = await company.signOn({ sub: email, email, email_verified: true });
      expect(at).toBe('sign_on_email');
      expect((await person.fetch('GET', '/api/v1/me')).status).toBe(401);
    }
    const taken = victims.address('not-here-yet');
    expect(await rows('SELECT count(*) AS n FROM user WHERE email = ?', taken)).toBe(0);
    expect(await rows('SELECT count(*) AS n FROM sign_on_identity WHERE tenant_id = ?', company.tenant)).toBe(0);
  });

  it('opens no account of somebody who is not a member, even in a domain of the tenant', async () => {
    const company = await Company.founded(world, issuer);
    const stranger = world.person(company.address('stranger'));
    await signedUp(stranger, 'Stranger');
    await stranger.ok('POST', '/api/v1/tenants', { name: 'Own', slug: `s${crypto.randomUUID().slice(0, 8)}` });
    const { at } = await company.signOn({
      sub: 'stranger',
      email: stranger.email.toUpperCase(),
      email_verified: true,
    });
    expect(at).toBe('sign_on_account_exists');
    expect(await rows('SELECT count(*) AS n FROM session WHERE sign_on_tenant = ?', company.tenant)).toBe(0);
  });

  it('makes nobody an owner', async () => {
    const company = await Company.founded(world, issuer);
    const owner = await company.employs('second', 'owner');
    expect((await company.signOn({ sub: 'second', email: owner.email, email_verified: true })).at).toBe(
      'sign_on_owner',
    );
    const refused = { issuer, ...company.client, defaultRole: 'owner' };
    expect(await company.owner.refused('PUT', '/api/v1/tenant/sign-on', refused)).toBe('422 validation_failed');
  });

  it('counts for nothing when the provider itself does not vouch for it', async () => {
    const company = await Company.founded(world, issuer);
    const email = company.address('self-made');
    for (const email_verified of [false, 'false', 'no', null]) {
      expect((await company.signOn({ sub: `s${String(email_verified)}`, email, email_verified })).at).toBe(
        'sign_on_email',
      );
    }
    expect((await company.signOn({ sub: 'without' })).at).toBe('sign_on_email');
    for (const odd of [`a@b@${company.domain}`, `x@evil.example\u0000@${company.domain}`, `@${company.domain}`]) {
      expect((await company.signOn({ sub: odd, email: odd, email_verified: true })).at).toBe('sign_on_email');
    }
  });

  it('is linked to a member once: given to somebody else since, it opens nothing', async () => {
    const company = await Company.founded(world, issuer);
    const { email } = await company.employs('alice');
    expect((await company.signOn({ sub: 'alice', email, email_verified: true })).at).toBe('/pipelines');
    const again = await company.signOn({ sub: 'another-alice', email, email_verified: true });
    expect(again.at).toBe('sign_on_other_identity');
  });
});

describe('a session of sign-on', () => {
  it('reaches its tenant, and nothing else of the person', async () => {
    const theirs = await Company.founded(world, other);
    const company = await Company.founded(world, issuer);
    const employee = await company.employs('both');
    await theirs.invites(employee, 'admin');
    const invitedTo = await Company.founded(world, other);
    const order = { email: employee.email, role: 'admin' };
    const { id: invitation } = await invitedTo.owner.ok<{ id: string }>('POST', '/api/v1/invitations', order);

    const { person, at } = await company.signOn({ sub: 'both', email: employee.email, email_verified: true });
    expect(at).toBe('/pipelines');
    expect(await person.ok('GET', '/api/v1/me')).toMatchObject({ tenant: { id: company.tenant } });
    const { items } = await person.ok<{ items: { id: string }[] }>('GET', '/api/v1/tenants');
    expect(items.map(({ id }) => id)).toEqual([company.tenant]);
    const refused = [
      await person.refused('POST', `/api/v1/tenants/${theirs.tenant}/switch`),
      await person.refused('POST', `/api/v1/tenants/${theirs.tenant}/leave`),
      await person.refused('POST', '/api/v1/tenants', { name: 'x', slug: 'xx-sign-on' }),
      await person.refused('GET', `/api/v1/invitations/${invitation}`),
      await person.refused('POST', `/api/v1/invitations/${invitation}/accept`),
    ];
    expect(new Set(refused)).toEqual(new Set(['403 sign_on_confined']));
    // Whatever the row of the session says.
    await env.DB.prepare('UPDATE session SET active_organization_id = ? WHERE sign_on_tenant = ?')
      .bind(theirs.tenant, company.tenant)
      .run();
    expect(await person.ok('GET', '/api/v1/me')).toMatchObject({ tenant: { id: company.tenant } });
    // Their own way in still leads everywhere.
    expect(await employee.ok('GET', '/api/v1/tenants')).toMatchObject({ items: [{}, {}] });
  });

  it('leaves nothing at the account that would outlast it', async () => {
    const company = await Company.founded(world, issuer);
    const { person } = await company.signOn({ sub: 'k', email: company.address('k'), email_verified: true });
    const ways: readonly [string, string, object?][] = [
      ['GET', 'passkey/generate-register-options'],
      ['POST', 'passkey/verify-registration', { response: {} }],
      ['POST', 'link-social', { provider: 'github', callbackURL: '/' }],
      ['POST', 'two-factor/enable', {}],
      ['POST', 'change-password', { currentPassword: PASSWORD, newPassword: PASSWORD }],
      ['POST', 'change-email', { newEmail: 'evil@evil.example' }],
      ['POST', 'update-user', { name: 'Somebody Else' }],
      ['POST', 'update-session', { signOnTenant: null }],
      ['GET', 'list-sessions'],
      ['POST', 'revoke-sessions', {}],
      ['GET', 'list-accounts'],
      ['POST', 'organization/create', { name: 'x', slug: 'y' }],
      ['GET', 'organization/list'],
      ['GET', 'sign-in/../link-social'],
      ['POST', 'sign-in/%2e%2e/passkey/verify-registration', {}],
    ];
    const refused: string[] = [];
    for (const [method, path, body] of ways) refused.push(await person.refused(method, `/api/auth/${path}`, body));
    expect(refused).toEqual(ways.map(() => '403 sign_on_confined'));
    expect((await person.fetch('POST', '/api/auth/sign-out', {})).status).toBe(200);
    expect((await person.fetch('GET', '/api/v1/me')).status).toBe(401);
  });

  it('ends with what it came by: the connection, the domain, half a day, or becoming an owner', async () => {
    const company = await Company.founded(world, issuer);
    const come = async (sub: string) =>
      (await company.signOn({ sub, email: company.address(sub), email_verified: true })).person;
    const status = async (one: { fetch: Company['owner']['fetch'] }) =>
      (await one.fetch('GET', '/api/v1/pipelines')).status;

    const raised = await come('raised');
    const { token } = await raised.ok<{ token: string }>('POST', '/api/v1/tokens', { name: 'cli', kind: 'user' });
    const headers = { authorization: `Bearer ${token}` };
    expect((await world.send('/api/v1/pipelines', { headers })).status).toBe(200);
    const { id = '' } = (await member(company, company.address('raised'))) ?? {};
    await company.owner.ok('PUT', `/api/v1/members/${id}`, { role: 'owner' });
    expect(await status(raised)).toBe(401);
    expect((await world.send('/api/v1/pipelines', { headers })).status).toBe(401);

    const late = await come('late');
    await env.DB.prepare('UPDATE session SET created_at = created_at - ? WHERE sign_on_tenant = ?')
      .bind(12 * 3_600_000, company.tenant)
      .run();
    expect(await status(late)).toBe(401);

    const moved = await come('moved');
    await company.owner.ok('DELETE', `/api/v1/tenant/sign-on/domains/${company.domain}`);
    expect(await status(moved)).toBe(401);
    await company.prove(company.domain);
    expect(await status(moved)).toBe(200);
    await company.owner.ok('DELETE', '/api/v1/tenant/sign-on');
    expect(await status(moved)).toBe(401);
    expect(await rows('SELECT count(*) AS n FROM session WHERE sign_on_tenant = ?', company.tenant)).toBe(0);
  });
});

describe('somebody who was removed', () => {
  it('does not come back by sign-on, unless the tenant invites them again', async () => {
    const company = await Company.founded(world, issuer);
    const email = company.address('gone');
    const said = { sub: 'gone', email, email_verified: true };
    const { person } = await company.signOn(said);
    const { id = '' } = (await member(company, email)) ?? {};
    await company.owner.ok('DELETE', `/api/v1/members/${id}`);
    expect((await person.fetch('GET', '/api/v1/pipelines')).status).toBe(403);
    expect((await company.signOn(said)).at).toBe('sign_on_removed');
    // Nor as another subject.
    expect((await company.signOn({ ...said, sub: 'gone-2' })).at).toBe('sign_on_account_exists');
    await company.owner.ok('POST', '/api/v1/invitations', { email, role: 'maintainer' });
    expect((await company.signOn(said)).at).toBe('/pipelines');
    expect((await member(company, email))?.role).toBe('maintainer');
  });
});

describe('a tenant that requires sign-on', () => {
  it('asks it of members in its domains, and of nobody else, for itself alone', async () => {
    const company = await Company.founded(world, issuer, { isRequired: true });
    const employee = await company.employs('employee');
    const guest = world.person();
    await signedUp(guest, 'Guest');
    await company.invites(guest, 'viewer');
    expect(await employee.refused('GET', '/api/v1/pipelines')).toBe('403 sign_on_required');
    expect((await guest.fetch('GET', '/api/v1/pipelines')).status).toBe(200);
    const second = await company.employs('second', 'owner');
    expect((await second.fetch('GET', '/api/v1/pipelines')).status).toBe(200);
    const { person } = await company.signOn({ sub: 'employee', email: employee.email, email_verified: true });
    expect((await person.fetch('GET', '/api/v1/pipelines')).status).toBe(200);
    await employee.ok('POST', '/api/v1/tenants', { name: 'Own', slug: `o${crypto.randomUUID().slice(0, 8)}` });
    expect((await employee.fetch('GET', '/api/v1/pipelines')).status).toBe(200);
  });
});

describe('what a provider sends back', () => {
  const said = (company: Company) => ({ sub: 'eve', email: company.address('eve'), email_verified: true });

  it('is taken once, and from the browser that was sent there', async () => {
    const company = await Company.founded(world, issuer);
    const browser = world.person();
    const back = await company.cameBack(said(company), browser);
    const { cookie } = browser;
    // A victim who is made to open the attacker's link is not signed in as the attacker.
    expect(await landed(world.person(), back)).toBe('sign_on_expired');
    expect(await landed(browser, back)).toBe('/pipelines');
    const replayed = await world.send(`${back.pathname}${back.search}`, { headers: { cookie } });
    expect(replayed.headers.get('location')).toMatch(/error=sign_on_expired$/);
    expect(replayed.headers.getSetCookie().some((line) => line.includes('session_token'))).toBe(false);
  });

  it('is not taken at the address of another tenant', async () => {
    const evil = await Company.founded(world, issuer);
    const honest = await Company.founded(world, other);
    const browser = world.person();
    const back = await evil.cameBack(said(honest), browser);
    const mixed = new URL(back.href.replace(evil.tenant, honest.tenant));
    expect(mixed.href).not.toBe(back.href);
    expect(await landed(browser, mixed)).toBe('sign_on_expired');
    expect(await member(honest, honest.address('eve'))).toBeUndefined();
  });

  it('is refused when issuer, nonce, verifier or connection are not those of the attempt', async () => {
    const company = await Company.founded(world, issuer);
    const attempt = async (column: string) => {
      const browser = world.person();
      const back = await company.cameBack(said(company), browser);
      if (column === 'iss') back.searchParams.set('iss', other);
      else {
        const value = column === 'expires_at' ? Date.now() : 'something-else-that-is-long-enough-to-be-a-verifier';
        const changed = `UPDATE sign_on_attempt SET ${column} = ? WHERE tenant_id = ?`;
        await env.DB.prepare(changed).bind(value, company.tenant).run();
      }
      return landed(browser, back);
    };
    expect(await attempt('iss')).toBe('sign_on_failed');
    expect(await attempt('nonce')).toBe('sign_on_failed');
    expect(await attempt('verifier')).toBe('sign_on_failed');
    expect(await attempt('issuer')).toBe('sign_on_expired');
    expect(await attempt('connection_id')).toBe('sign_on_expired');
    expect(await attempt('expires_at')).toBe('sign_on_expired');
  });

  it('is not taken after the provider was set up anew, and the new one knows nobody of the old one', async () => {
    const company = await Company.founded(world, issuer);
    const { person } = await company.signOn(said(company));
    const browser = world.person();
    const back = await company.cameBack(said(company), browser);
    const registration = await (
      await fetch(`${other}/reg`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [back.origin + back.pathname] }),
      })
    ).json<{ client_id: string; client_secret: string }>();
    const order = { issuer: other, clientId: registration.client_id };
    expect(await company.owner.refused('PUT', '/api/v1/tenant/sign-on', order)).toBe('422 validation_failed');
    await company.owner.ok('PUT', '/api/v1/tenant/sign-on', { ...order, clientSecret: registration.client_secret });
    expect(await landed(browser, back)).toBe('sign_on_expired');
    expect((await person.fetch('GET', '/api/v1/pipelines')).status).toBe(401);
    // The same subject at another issuer is another person.
    const moved = Object.assign(Object.create(company) as Company, { issuer: other });
    const { at } = await moved.signOn({ sub: 'eve', email: 'eve@evil.example', email_verified: true });
    expect(at).toBe('sign_on_email');
  });
});

describe('a domain', () => {
  it('is proven by its TXT record and by nothing less, and belongs to one tenant at a time', async () => {
    const company = await Company.founded(world, issuer);
    const rival = await Company.founded(world, other);
    const check = (of: Company, domain: string) =>
      of.owner.refused('POST', `/api/v1/tenant/sign-on/domains/${domain}/check`);
    const add = (of: Company, domain: string) =>
      of.owner.refused('POST', '/api/v1/tenant/sign-on/domains', { domain });
    expect(await add(company, 'gmail.com')).toBe('422 validation_failed');
    for (const odd of [
      'localhost',
      '10.0.0.1',
      'a..example',
      '*.example',
      'com',
      '-a.example',
      `${'a'.repeat(64)}.example`,
    ]) {
      expect(`${odd}: ${await add(company, odd)}`).toBe(`${odd}: 422 validation_failed`);
    }
    // Somebody else's record, or a part of one's own, is none.
    const domain = `d${crypto.randomUUID().slice(0, 8)}.example`;
    await company.publish(domain);
    const { record } = await rival.owner.ok<{ record: string }>('POST', '/api/v1/tenant/sign-on/domains', { domain });
    expect(await check(rival, domain)).toBe('409 domain_not_proven');
    world.isResolverDown = true;
    expect(await check(company, domain)).toBe('409 domain_not_proven');
    world.isResolverDown = false;
    await company.owner.ok('POST', `/api/v1/tenant/sign-on/domains/${domain}/check`);

    world.texts.set(domain, [...(world.texts.get(domain) ?? []), record]);
    expect(await check(rival, domain)).toBe('409 domain_taken');
    const said = { sub: 'n', email: `n@${domain}`, email_verified: true };
    expect((await rival.signOn(said)).at).toBe('sign_on_email');
    // It has changed hands: the former owner's record is gone.
    world.texts.set(domain, [record]);
    expect((await company.signOn(said)).at).toBe('sign_on_email');
    await rival.owner.ok('POST', `/api/v1/tenant/sign-on/domains/${domain}/check`);
    expect((await company.signOn(said)).at).toBe('sign_on_email');
    world.isResolverDown = true;
    expect((await rival.signOn(said)).at).toBe('sign_on_email');
    world.isResolverDown = false;
    expect((await rival.signOn(said)).at).toBe('/pipelines');
    expect(await check(company, 'unknown.example')).toBe('404 domain_not_found');
  });

  it('says that it has sign-on, and nothing about whose it is', async () => {
    const visitor = world.person();
    const start = (email: string) => visitor.refused('POST', '/api/v1/sign-on/start', { email });
    expect(await start('somebody@nowhere.example')).toBe('404 sign_on_not_found');
    const company = await Company.founded(world, issuer);
    await company.owner.ok('DELETE', '/api/v1/tenant/sign-on');
    expect(await start(company.address('somebody'))).toBe('404 sign_on_not_found');
    const order = { email: company.address('x'), returnTo: '//evil.example' };
    expect(await visitor.refused('POST', '/api/v1/sign-on/start', order)).toBe('422 validation_failed');
  });
});

describe('the client secret', () => {
  it('goes in and never comes out', async () => {
    const company = await Company.founded(world, issuer);
    const { clientSecret } = company.client;
    const shown = await (await company.owner.fetch('GET', '/api/v1/tenant/sign-on')).text();
    expect(shown).toContain(company.client.clientId);
    expect(shown).not.toContain(clientSecret);
    const stored = await env.DB.prepare('SELECT * FROM sign_on_connection WHERE tenant_id = ?')
      .bind(company.tenant)
      .all();
    expect(JSON.stringify(stored.results)).not.toContain(clientSecret);
    // Left out, it stays.
    const { clientId } = company.client;
    await company.owner.ok('PUT', '/api/v1/tenant/sign-on', { issuer, clientId, isRequired: true });
    const { at } = await company.signOn({ sub: 's', email: company.address('s'), email_verified: true });
    expect(at).toBe('/pipelines');
  });
});

describe('an issuer', () => {
  const set = async (company: Company, of: string): Promise<string> => {
    const order = { issuer: of, clientId: 'x', clientSecret: 'y' };
    const { code, detail } = await (
      await company.owner.fetch('PUT', '/api/v1/tenant/sign-on', order)
    ).json<Problem>();
    return `${code}: ${detail}`;
  };

  it('leads nowhere that a tenant may not make us go', async () => {
    const company = await Company.founded(world, issuer);
    const before = world.asked.length;
    for (const of of [
      'https://169.254.169.254',
      'https://10.0.0.1',
      'https://idp.internal',
      'https://inside.example',
    ]) {
      expect(await set(company, of)).toMatch(/^sign_on_provider_failed: .*public (address|name)\.$/);
    }
    expect(world.asked.slice(before)).toEqual([]);
    expect(await set(company, 'http://idp.example')).toMatch(/^sign_on_provider_failed/);
    expect(await set(company, `${issuer}/elsewhere`)).toMatch(/^sign_on_provider_failed/);
  });

  it('names no endpoint on a private network, and is who it says', async () => {
    const company = await Company.founded(world, issuer);
    const of = 'https://idp.sign-on.example';
    const honest = {
      issuer: of,
      authorization_endpoint: `${of}/auth`,
      token_endpoint: `${of}/token`,
      jwks_uri: `${of}/jwks`,
    };
    for (const [name, value, why] of [
      ['token_endpoint', 'https://10.0.0.1/token', 'not a public address'],
      ['authorization_endpoint', 'https://metadata.internal/', 'not a public name'],
      ['authorization_endpoint', 'javascript:alert(1)', 'must begin with https'],
      ['token_endpoint', undefined, 'names no endpoints'],
      ['issuer', other, 'does not match'],
    ] as const) {
      world.metadata.set(of, { ...honest, [name]: value });
      expect(await set(company, of)).toMatch(new RegExp(`^sign_on_provider_failed: .*${why}`));
    }
    // What speaks for every directory there is gives away that it does.
    const entra = 'https://login.microsoftonline.com/common/v2.0';
    world.metadata.set(`${entra}/`, { ...honest, issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' });
    world.metadata.set(entra, { ...honest, issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' });
    expect(await set(company, entra)).toMatch(/^validation_failed/);
    expect(await set(company, `${entra}/`)).toMatch(/^validation_failed/);
    const directory = 'https://login.microsoftonline.com/common';
    world.metadata.set(directory, { ...honest, issuer: 'https://sts.windows.net/{tenantid}/' });
    expect(await set(company, directory)).toMatch(/^sign_on_provider_failed: .*(calls itself|does not match)/);
    world.metadata.set(of, honest);
    await company.owner.ok('PUT', '/api/v1/tenant/sign-on', { issuer: of, clientId: 'x', clientSecret: 'y' });
    expect(await company.owner.ok('POST', '/api/v1/tenant/sign-on/test')).toEqual({
      authorizationEndpoint: `${of}/auth`,
      tokenEndpoint: `${of}/token`,
    });
  });
});

it('is written into the tenant’s log: who came, who was refused, and what was set up', async () => {
  const company = await Company.founded(world, issuer);
  const email = company.address('logged');
  await company.signOn({ sub: 'logged', email, email_verified: true });
  await company.signOn({ sub: 'x', email: 'x@elsewhere.example', email_verified: true });
  const { items } = await company.owner.ok<{ items: { verb: string; outcome: string; after?: object }[] }>(
    'GET',
    '/api/v1/audit?verb=session:write',
  );
  expect(items).toMatchObject([
    { outcome: 'denied', after: { email: 'x@elsewhere.example', reason: 'sign_on_email' } },
    { outcome: 'allowed', after: { email, how: 'new' } },
  ]);
  const setUp = await (await company.owner.fetch('GET', '/api/v1/audit?verb=sign-on:write')).text();
  expect(setUp).toContain(issuer);
  expect(setUp).not.toContain(company.client.clientSecret);
});
