import { beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { call, TestTenant } from '../support/workerd/client.ts';

const PLAIN = 'name: plain\nstages: [{ name: S, actions: [{ name: A, type: Approval/Manual }] }]';
const MIB = 1024 * 1024;

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await TestTenant.create();
  await tenant.save('plain', PLAIN);
});

async function codeOf(response: Response): Promise<string> {
  return Problem.parse(await response.json()).code;
}

describe('a body that is too large', () => {
  const large = `{"name": "${'x'.repeat(MIB)}"}`;
  const json = { 'content-type': 'application/json' };

  it.each([
    ['/tokens', 'POST'],
    ['/pipelines/plain/executions', 'POST'],
    ['/pipelines/plain', 'PUT'],
    ['/pipelines/validate', 'POST'],
    ['/pipelines/import', 'POST'],
    ['/freezes', 'POST'],
    ['/settings', 'PUT'],
  ])('is refused by %s', async (path, method) => {
    expect(await codeOf(await tenant.fetch(path, { method, body: large, headers: json }))).toBe('payload_too_large');
  });

  it('is refused before anybody is asked who they are, and by the auth library’s routes', async () => {
    for (const path of ['/api/auth/sign-in/email', '/api/v1/tokens']) {
      const answer = await call(path, { method: 'POST', body: large, headers: json });
      expect(await codeOf(answer)).toBe('payload_too_large');
    }
  });

  it('is not read to its end', async () => {
    let sent = 0;
    const chunk = new Uint8Array(64 * 1024);
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += chunk.byteLength;
        if (sent > 64 * MIB) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const answer = await tenant.fetch('/tokens', { method: 'POST', body: endless, headers: json });
    expect(await codeOf(answer)).toBe('payload_too_large');
    expect(sent).toBeLessThan(8 * MIB);
  });

  it('of less than that is read as ever, announced or not', async () => {
    const order = JSON.stringify({ name: 'streamed' });
    const answer = await tenant.fetch('/tokens', { method: 'POST', body: new Blob([order]).stream(), headers: json });
    expect(answer.status).toBe(201);
  });
});

describe('a definition that means harm', () => {
  const bomb = `
a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
name: plain
stages: [*f, *f, *f, *f, *f, *f, *f, *f, *f]
`;
  it.each([
    ['of aliases', bomb],
    ['that holds itself', 'name: plain\nstages: &s [*s]'],
    ['deep in brackets', `name: plain\nstages: ${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['deep in brackets that are never closed', `name: plain\nstages: ${'['.repeat(5_000)}`],
    ['deep in lists', `name: plain\nstages:\n  ${'- '.repeat(5_000)}x`],
    ['with a tag', 'name: plain\nstages: !!js/function "function () { return 1 }"'],
  ])('%s is invalid, and nothing else', { timeout: 60_000 }, async (_, yaml) => {
    const answer = await tenant.putYaml('plain', yaml);
    expect(await codeOf(answer)).toBe('definition_invalid');
    expect(await tenant.get('/pipelines/plain')).toMatchObject({ version: 1 });
    const headers = { 'content-type': 'application/yaml' };
    const imported = await tenant.fetch('/pipelines/import', { method: 'POST', body: yaml, headers });
    expect(imported.status).toBeLessThan(500);
  });

  it('as JSON, a hundred thousand brackets deep, is invalid', async () => {
    const body = `{"name": "plain", "stages": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await tenant.fetch('/pipelines/plain', { method: 'PUT', body, headers });
    expect(answer.status).toBe(422);
  });
});

describe('names that every object has', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
  const headers = { 'content-type': 'application/json' };

  it.each(NAMES)('%s is no variable that a pipeline has', async (name) => {
    for (const text of [`{"variables":{"${name}":"x"}}`, `{"variables":{"${name}":{"polluted":"x"}}}`]) {
      const answer = await tenant.fetch('/pipelines/plain/executions', { method: 'POST', body: text, headers });
      expect([201, 422]).toContain(answer.status);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    }
  });

  it.each(NAMES)(
    '%s may stand in an environment, a variable and a namespace, and changes nothing else',
    async (name) => {
      const yaml = `
name: odd
variables: [{ name: "${name}", default: x }]
stages:
  - name: S
    actions:
      - { name: A, commands: [x], environment: { "${name}": "1" }, namespace: "${name}", outputVariables: ["${name}"] }
`;
      const answer = await tenant.putYaml('odd', yaml);
      expect([200, 201, 422]).toContain(answer.status);
      expect(({} as Record<string, unknown>)['1']).toBeUndefined();
      expect((await tenant.fetch('/pipelines/plain/state')).status).toBe(200);
    },
  );

  it.each(NAMES)('%s is no pipeline, stage, action or setting', async (name) => {
    for (const path of [
      `/pipelines/${name}`,
      `/pipelines/${name}/state`,
      `/pipelines/plain/stages/${name}/rollback`,
    ]) {
      const isPost = path.endsWith('rollback');
      const answer = await tenant.fetch(path, isPost ? { method: 'POST', body: '{}', headers } : {});
      expect(answer.status).toBeLessThan(500);
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    const change = await tenant.fetch('/settings', { method: 'PUT', body: `{"${name}": 1}`, headers });
    expect(change.status).toBeLessThan(500);
  });
});

describe('paths that mean another one', () => {
  it.each([
    '/api/v1//pipelines',
    '/api/v1/pipelines/..%2f..%2fv1%2ftokens',
    '/api/v1/pipelines/%2e%2e/tokens',
    '/api/v1/pipelines;x=/state',
    '/api/v1/PIPELINES',
    '/api/v1/artifacts/..%2f..%2fother-tenant',
    '/api/v1/pipelines/plain%00/state',
    '/api/v1/pipelines/%',
    '/api/v1/executions/%C0%AE',
  ])('%s opens nothing to nobody, and breaks nothing', async (path) => {
    const anonymous = await call(path);
    expect([400, 401, 404]).toContain(anonymous.status);
    const member = await call(path, { headers: { authorization: `Bearer ${tenant.token}` } });
    expect(member.status).toBeLessThan(500);
  });

  it('a method named in a header or a query is not the method', async () => {
    const authorization = `Bearer ${tenant.token}`;
    const headers = { authorization, 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' };
    expect((await call('/api/v1/pipelines/plain?_method=DELETE', { headers })).status).toBe(200);
    expect((await tenant.fetch('/pipelines/plain')).status).toBe(200);
  });
});
