import { beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { call, TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const WAITS = `
name: waits
variables: [{ name: target, default: staging }]
stages:
  - name: Ask
    actions: [{ name: SignOff, type: Approval/Manual }]
`;

async function problem(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return Problem.parse(await response.json());
}

describe('bad input', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await TestTenant.create();
    await tenant.save('waits', WAITS);
  });

  it.each([
    ['no token', undefined],
    ['a token that is none', 'Bearer nonsense'],
    ['a token with a typing error', 'typo'],
    ['another kind of authorization', 'Basic dXNlcjpwYXNz'],
  ])('%s gets 401 and the same answer', async (_, header) => {
    const typo = `${tenant.token.slice(0, -1)}${tenant.token.endsWith('x') ? 'y' : 'x'}`;
    const authorization = header === 'typo' ? `Bearer ${typo}` : header;
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await call('/api/v1/pipelines', { headers });
    expect(response.status).toBe(401);
    expect(await problem(response)).toMatchObject({ code: 'unauthenticated', status: 401 });
  });

  it('a revoked token opens nothing any more', async () => {
    const made = await tenant.post('/tokens', { name: 'short-lived' });
    const { id, token } = await made.json<{ id: string; token: string }>();
    const authorization = `Bearer ${token}`;
    expect((await tenant.fetch('/me', { headers: { authorization } })).status).toBe(200);
    expect((await tenant.fetch(`/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await tenant.fetch('/me', { headers: { authorization } })).status).toBe(401);
  });

  it('a definition of 10 MB gets 413, whatever its headers say', async () => {
    const text = `name: waits\n# ${'x'.repeat(10 * 1024 * 1024)}`;
    for (const body of [text, new Blob([text]).stream()]) {
      const response = await tenant.fetch('/pipelines/waits', {
        method: 'PUT',
        body,
        headers: { 'content-type': 'application/yaml' },
      });
      expect((await problem(response)).code).toBe('payload_too_large');
    }
    expect(await tenant.get('/pipelines/waits')).toMatchObject({ version: 1 });
  });

  it('a wrong definition gets all its problems, and the version stays', async () => {
    const response = await tenant.putYaml(
      'waits',
      `
name: waits
stages:
  - name: S
    actions:
      - { name: a, type: Build/Nothing }
      - { name: b, commands: [x], inputs: [nowhere] }
      - { name: c, commands: [x], inputs: [round], outputs: [round] }
`,
    );
    expect(response.status).toBe(422);
    const { code, errors } = await problem(response);
    expect(code).toBe('definition_invalid');
    expect(errors?.map(({ path }) => path)).toEqual([
      'stages[0].actions[0].type',
      'stages[0].actions[1].inputs[0]',
      'stages[0].actions[2].inputs[0]',
    ]);
    expect(await tenant.get('/pipelines/waits')).toMatchObject({ version: 1 });
  });

  it('validation says the same without an error status', async () => {
    const validate = (body: string) =>
      tenant.fetch('/pipelines/validate', { method: 'POST', body, headers: { 'content-type': 'application/yaml' } });
    expect(await (await validate(WAITS)).json()).toEqual({ valid: true, errors: [], warnings: [] });
    expect(await (await validate('name: x')).json()).toEqual({
      valid: false,
      errors: [{ path: 'stages', message: 'is missing.' }],
      warnings: [],
    });
  });

  it('a definition under another name is refused', async () => {
    expect((await problem(await tenant.putYaml('other', WAITS))).code).toBe('pipeline_name_mismatch');
    expect((await problem(await tenant.fetch('/pipelines/other'))).code).toBe('pipeline_not_found');
  });

  it('a body that is not JSON, or of no known kind, is refused', async () => {
    const put = (body: string, type: string) =>
      tenant.fetch('/pipelines/waits', { method: 'PUT', body, headers: { 'content-type': type } });
    expect((await problem(await put('{', 'application/json'))).code).toBe('bad_request');
    expect((await problem(await put('x', 'image/png'))).code).toBe('unsupported_media_type');
    const start = await tenant.fetch('/pipelines/waits/executions', {
      method: 'POST',
      body: '{"variables": [1',
      headers: { 'content-type': 'application/json' },
    });
    expect((await problem(start)).code).toBe('bad_request');
  });

  it('a start with unknown members or variables is refused', async () => {
    const start = (order: unknown) => tenant.post('/pipelines/waits/executions', order);
    expect(await problem(await start({ variable: {} }))).toMatchObject({ code: 'validation_failed' });
    expect(await problem(await start({ variables: { colour: 'red' } }))).toMatchObject({ code: 'variable_unknown' });
    expect(await tenant.get('/pipelines/waits/executions')).toEqual({ items: [], nextCursor: null });
  });

  it('an unknown address gets 404 as a problem, not a page', async () => {
    const response = await tenant.fetch('/nothing/here');
    expect(response.status).toBe(404);
    expect((await problem(response)).code).toBe('not_found');
    expect((await problem(await call('/api/nothing'))).code).toBe('not_found');
  });

  it('a cursor of somebody else is refused', async () => {
    expect((await problem(await tenant.fetch('/pipelines?cursor=abc'))).code).toBe('bad_request');
    expect((await problem(await tenant.fetch('/pipelines?limit=1000'))).code).toBe('validation_failed');
  });

  it('every answer carries a request id, and is never cached', async () => {
    const response = await tenant.fetch('/pipelines');
    expect(response.headers.get('x-request-id')).toMatch(/\w+/);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});

describe('another tenant', () => {
  let ours: TestTenant;
  let theirs: TestTenant;
  let id: string;
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([TestTenant.create(), TestTenant.create()]);
    await ours.save('waits', WAITS);
    id = (await ours.start('waits')).id;
  });

  it.each([
    ['GET', '/pipelines/waits'],
    ['GET', '/pipelines/waits/state'],
    ['GET', '/pipelines/waits/versions'],
    ['GET', '/pipelines/waits/executions'],
    ['POST', '/pipelines/waits/executions'],
    ['DELETE', '/pipelines/waits'],
    ['GET', '/executions/ID'],
    ['GET', '/executions/ID/events'],
    ['POST', '/executions/ID/stop'],
    ['POST', '/executions/ID/approvals/Ask/SignOff'],
    ['POST', '/executions/ID/holds/Ask/SignOff'],
    ['GET', '/executions/ID/actions/Ask/SignOff/log'],
  ])('gets 404 from %s %s, and changes nothing', async (method, path) => {
    const body = path.includes('approvals')
      ? { result: 'Approved' }
      : path.includes('holds')
        ? { resolution: 'Retry' }
        : {};
    const init =
      method === 'POST' ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {};
    const response = await theirs.fetch(path.replace('ID', id), { method, ...init });
    expect(response.status).toBe(404);
    expect(await ours.execution(id)).toMatchObject({ status: 'InProgress' });
  });

  it.each(['/executions/ID/live', '/pipelines/waits/live'])('gets no socket at %s', async (path) => {
    await expect(theirs.socket(path.replace('ID', id))).rejects.toThrow('404');
  });

  it('sees nothing of ours in any list', async () => {
    expect(await theirs.get('/pipelines')).toEqual({ items: [], nextCursor: null });
    expect(await theirs.get('/runners')).toEqual({ items: [], nextCursor: null });
  });

  it('cannot read an artifact by its digest', async () => {
    const bytes = new TextEncoder().encode('ours');
    const digest = await digestOf(bytes);
    const put = await ours.fetch(`/artifacts/${digest}`, { method: 'PUT', body: bytes, headers: lengthOf(bytes) });
    expect(put.status).toBe(201);
    expect((await ours.fetch(`/artifacts/${digest}`)).status).toBe(200);
    expect((await problem(await theirs.fetch(`/artifacts/${digest}`))).code).toBe('artifact_not_found');
  });
});

describe('tokens with a narrow purpose', () => {
  it('a runner token connects a runner and opens nothing else', async () => {
    const tenant = await TestTenant.create();
    const authorization = `Bearer ${tenant.runnerToken}`;
    for (const path of ['/pipelines', '/runners', '/tokens', '/executions/x']) {
      expect((await problem(await tenant.fetch(path, { headers: { authorization } }))).code).toBe('forbidden');
    }
    await expect(tenant.socket('/runners/connect')).rejects.toThrow('403');
  });

  it("a job's token reads its own inputs, writes while its claim stands, and opens nothing else", async () => {
    const tenant = await TestTenant.create();
    await tenant.save('job', 'name: job\nstages: [{ name: S, actions: [{ name: a, commands: [x] }] }]');
    const runner = await TestRunner.connect(tenant, { work: () => 'silent' });
    const { id } = await tenant.start('job');
    const { job, token } = await runner.hears('claimed');
    const authorization = `Bearer ${token}`;
    const bytes = new TextEncoder().encode('made by the job');
    const digest = await digestOf(bytes);
    const put = () =>
      tenant.fetch(`/artifacts/${digest}`, {
        method: 'PUT',
        body: bytes,
        headers: { authorization, ...lengthOf(bytes) },
      });

    expect((await put()).status).toBe(201);
    expect((await tenant.fetch(`/artifacts/${digest}`, { headers: { authorization } })).status).toBe(404);
    for (const path of ['/pipelines', `/executions/${id}`, '/runners/connect', '/tokens']) {
      expect((await tenant.fetch(path, { headers: { authorization } })).status).toBe(403);
    }
    runner.finish(job);
    await runner.hears('finished');
    expect((await problem(await put())).code).toBe('job_fenced');
    runner.close();
  });

  it('a cookie works from our own pages only', async () => {
    const tenant = await TestTenant.create();
    const { cookie } = tenant;
    expect((await tenant.fetch('/me', { headers: { cookie } })).status).toBe(200);
    const post = (origin: string) =>
      tenant.fetch('/tokens', {
        method: 'POST',
        body: '{"name":"x"}',
        headers: { cookie, origin, 'content-type': 'application/json' },
      });
    expect((await post('https://evil.example')).status).toBe(403);
    expect((await post('https://millrace.test')).status).toBe(201);
    const upgrade = await tenant.fetch('/live', {
      headers: { cookie, origin: 'https://evil.example', upgrade: 'websocket' },
    });
    expect(upgrade.status).toBe(403);
  });
});

async function digestOf(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return `sha256:${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function lengthOf(bytes: Uint8Array): Record<string, string> {
  return { 'content-length': String(bytes.byteLength) };
}
