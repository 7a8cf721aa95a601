import { beforeAll, describe, expect, it } from 'vitest';
import { can, PERMISSIONS, type Role, ROLES } from '../../worker/auth/permissions.ts';
import { routePermissions, type RouteRule } from '../../worker/auth/route-permissions.ts';
import { call, TestTenant } from '../support/workerd/client.ts';

/** Every role is tried against every route of the OpenAPI document, so that nobody can add one without saying who may use it. */

const PUBLIC = [
  'GET /health',
  'GET /auth-methods',
  'GET /schemas/pipeline.json',
  'POST /sign-on/start',
  'POST /hooks/{id}',
  'GET /sign-on/callback/{tenant}',
];
const ORIGIN = 'https://millrace.test';
const METHODS = ['get', 'post', 'put', 'delete', 'patch'];

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
}

async function routes(): Promise<readonly Route[]> {
  const document = await (
    await call('/api/v1/openapi.json')
  ).json<{ paths: Record<string, Record<string, unknown>> }>();
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => METHODS.includes(method))
      .map((method) => ({ name: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path })),
  );
}

/** The route with something harmless in place of each parameter: an answer of 403 comes before anybody looks at it. */
function harmless(path: string): string {
  return `/api/v1${path.replaceAll(/\{[^}]+\}/g, 'nothing')}`;
}

const people = new Map<Role, string>();
function isOfTokens(rule: RouteRule): rule is 'job' | 'identity' | 'runner' | 'registration' {
  return rule === 'job' || rule === 'identity' || rule === 'runner' || rule === 'registration';
}

let tenant: TestTenant;
let all: readonly Route[] = [];

beforeAll(async () => {
  tenant = await TestTenant.create();
  for (const role of ROLES) people.set(role, await tenant.member(role));
  all = await routes();
});

it('every route says who may use it, and nothing else does', () => {
  const names = all.map(({ name }) => name).filter((name) => !PUBLIC.includes(name));
  expect([...names].sort()).toEqual(Object.keys(routePermissions).sort());
});

it('every permission is asked for by some route, or has its place in a later one', () => {
  const asked = new Set(Object.values(routePermissions));
  const open = PERMISSIONS.filter((permission) => !asked.has(permission));
  for (const permission of open) expect(can({ role: 'owner' }, permission)).toBe(true);
});

describe.each(ROLES)('a %s', (role) => {
  it('may use the routes that the role holds, and is refused at all others', async () => {
    const wrong: string[] = [];
    for (const { name, method, path } of all) {
      const rule = routePermissions[name];
      if (PUBLIC.includes(name) || rule === undefined) continue;
      const response = await call(harmless(path), {
        method,
        headers: { cookie: people.get(role) ?? '', origin: ORIGIN, 'content-type': 'application/json' },
        ...(method === 'GET' || method === 'DELETE' ? {} : { body: '{}' }),
      });
      await response.body?.cancel();
      const expected = rule === 'member' || rule === 'person' || (!isOfTokens(rule) && can({ role }, rule));
      if ((response.status !== 403) !== expected) wrong.push(`${name} → ${response.status}`);
      if (response.status === 401 || response.status >= 500) wrong.push(`${name} → ${response.status}`);
    }
    expect(wrong).toEqual([]);
  }, 30_000);
});

describe('a grant', () => {
  it('gives a further role for one pipeline alone', () => {
    const holding = { role: 'viewer', grants: { p1: 'operator' } } as const;
    expect(can(holding, 'execution:start', 'p1')).toBe(true);
    expect(can(holding, 'execution:start', 'p2')).toBe(false);
    expect(can(holding, 'execution:start')).toBe(false);
    expect(can({ grants: { p1: 'owner' } }, 'tenant:delete', 'p1')).toBe(false);
  });
});

describe('scopes', () => {
  it('take away, and never add', () => {
    const scopes = ['execution:*', '*:read'];
    expect(can({ role: 'admin', scopes }, 'execution:start')).toBe(true);
    expect(can({ role: 'admin', scopes }, 'pipeline:read')).toBe(true);
    expect(can({ role: 'admin', scopes }, 'pipeline:write')).toBe(false);
    expect(can({ role: 'viewer', scopes: ['*'] }, 'pipeline:write')).toBe(false);
    expect(can({ role: 'admin', pipelines: ['p1'] }, 'pipeline:read', 'p1')).toBe(true);
    expect(can({ role: 'admin', pipelines: ['p1'] }, 'pipeline:read', 'p2')).toBe(false);
    expect(can({ role: 'admin', pipelines: ['p1'] }, 'pipeline:read')).toBe(false);
  });

  it('open nothing for somebody without a role', () => {
    for (const permission of PERMISSIONS) expect(can({}, permission)).toBe(false);
  });
});
