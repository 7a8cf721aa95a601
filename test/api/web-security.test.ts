import { beforeAll, describe, expect, it } from 'vitest';
import { call, TestTenant } from '../support/workerd/client.ts';
import { routesOfDocument } from '../support/workerd/openapi.ts';
// @ts-expect-error Vite gives the text of the file.
import headersOfFiles from '../../web/static/_headers?raw';

const ORIGIN = 'https://millrace.test';
const SELF_DESTRUCTIVE = { method: 'POST', body: '{"name":"x"}' };

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await TestTenant.create();
});

describe('every answer', () => {
  const expected = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
  };

  it.each([
    ['of a route', () => tenant.fetch('/pipelines')],
    ['that is an error', () => call('/api/v1/pipelines')],
    ['of no route', () => call('/api/nothing')],
    ['of the auth library', () => call('/api/auth/get-session')],
    ['to an upgrade that is refused', () => call('/api/v1/live', { headers: { upgrade: 'websocket' } })],
  ])('%s carries the headers', async (_, ask) => {
    const { headers } = await ask();
    for (const [name, value] of Object.entries(expected)) expect([name, headers.get(name)]).toEqual([name, value]);
    expect(headers.get('permissions-policy')).toContain('camera=()');
  });

  it('says nothing of https over http', async () => {
    const worker = (await import('cloudflare:workers')).exports as unknown as { default: Fetcher };
    const answer = await worker.default.fetch(new Request('http://millrace.test/api/v1/health'));
    expect(answer.headers.has('strict-transport-security')).toBe(false);
  });

  it('may be read by other origins only where an editor needs it', async () => {
    const schema = await call('/api/v1/schemas/pipeline.json');
    expect(schema.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    for (const path of ['/api/v1/health', '/api/v1/pipelines', '/api/auth/get-session']) {
      const answer = await call(path, { headers: { origin: 'https://evil.example' } });
      expect(answer.headers.has('access-control-allow-origin')).toBe(false);
    }
  });

  it('has the same headers as a file, which never passes through the Worker', () => {
    const text = String(headersOfFiles).toLowerCase();
    // Files may be kept, and pages bring a policy of their own.
    const own = ['cache-control', 'content-security-policy'];
    const shared = Object.entries(expected).filter(([name]) => !own.includes(name));
    for (const [name, value] of shared) expect(text).toContain(`${name}: ${value.toLowerCase()}`);
    expect(text).toContain("content-security-policy: frame-ancestors 'none'");
  });
});

describe('a foreign page with the cookies of a member', () => {
  const json = 'application/json';
  const attempt = (headers: Record<string, string>) =>
    call('/api/v1/tokens', {
      ...SELF_DESTRUCTIVE,
      headers: { cookie: tenant.cookie, 'content-type': json, ...headers },
    });

  it.each([
    ['another origin', { origin: 'https://evil.example' }, 403],
    ['an origin that begins like ours', { origin: `${ORIGIN}.evil.example` }, 403],
    ['another port', { origin: `${ORIGIN}:8443` }, 403],
    ['another scheme', { origin: 'http://millrace.test' }, 403],
    ['a sandboxed frame', { origin: 'null' }, 403],
    ['no origin at all', {}, 403],
    ['what the browser says of the site', { origin: ORIGIN, 'sec-fetch-site': 'cross-site' }, 403],
    ['a sister domain', { origin: ORIGIN, 'sec-fetch-site': 'same-site' }, 403],
    ['a form', { origin: ORIGIN, 'content-type': 'text/plain' }, 415],
    ['a form with a file', { origin: ORIGIN, 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['our own page', { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }, 201],
  ] as const)('%s', async (_, headers, status) => {
    expect((await attempt(headers)).status).toBe(status);
  });

  it('cannot sign anybody in or out, or change a password', async () => {
    const headers = { cookie: tenant.cookie, origin: 'https://evil.example', 'content-type': json };
    for (const path of ['sign-out', 'sign-in/email', 'change-password', 'organization/create']) {
      expect((await call(`/api/auth/${path}`, { method: 'POST', body: '{}', headers })).status).toBe(403);
    }
    const session = await call('/api/auth/get-session', { headers: { cookie: tenant.cookie } });
    expect(await session.json()).not.toBeNull();
  });

  it('opens no socket', async () => {
    const upgrade = (headers: Record<string, string>) =>
      call('/api/v1/live', { headers: { upgrade: 'websocket', cookie: tenant.cookie, ...headers } });
    expect((await upgrade({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await upgrade({})).status).toBe(403);
    const own = await upgrade({ origin: ORIGIN });
    expect(own.status).toBe(101);
    own.webSocket?.accept();
    own.webSocket?.close();
  });

  it('is sent nowhere else by the auth library', async () => {
    const answer = await call('/api/auth/request-password-reset', {
      method: 'POST',
      body: JSON.stringify({ email: 'a@example.com', redirectTo: 'https://evil.example/' }),
      headers: { 'content-type': json, origin: ORIGIN },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});

describe('no secret is in an address', () => {
  it('no route takes one as a query', async () => {
    const queries = (await routesOfDocument()).flatMap(({ name, textQueries }) =>
      textQueries.map((query) => `${name} ${query}`),
    );
    expect(
      queries.filter((query) => /token|secret|password|authorization|ticket/i.test(query.split(' ').at(-1) ?? '')),
    ).toEqual([]);
  });

  it('a token in a query opens nothing', async () => {
    for (const name of ['token', 'access_token', 'authorization', 'auth']) {
      expect((await call(`/api/v1/me?${name}=${encodeURIComponent(tenant.token)}`)).status).toBe(401);
    }
  });
});

it('cookies are the browser’s alone', async () => {
  const email = `c${crypto.randomUUID().slice(0, 8)}@example.com`;
  const answer = await call('/api/auth/sign-up/email', {
    method: 'POST',
    body: JSON.stringify({ name: 'C', email, password: 'correct horse battery' }),
    headers: { 'content-type': 'application/json', origin: ORIGIN },
  });
  const [cookie = ''] = answer.headers.getSetCookie().filter((one) => one.includes('session_token'));
  for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(attribute);
});
