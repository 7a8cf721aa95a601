import { env } from 'cloudflare:workers';
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { RUNNER_PROTOCOL } from '../../contract/runner-protocol.ts';
import { ROLES } from '../../worker/auth/permissions.ts';
import * as identity from '../../worker/storage/schema/identity.ts';
import { provenDomain } from '../../worker/storage/schema/proven-domains.ts';
import { signingKey } from '../../worker/storage/schema/signing-keys.ts';
import * as schema from '../../worker/storage/schema/index.ts';
import { call, messages } from '../support/workerd/client.ts';
import { digestOf } from '../support/workerd/digest.ts';
import { type Route, routesOfDocument } from '../support/workerd/openapi.ts';
import { SqlRecorder, tablesWithoutTenant } from '../support/workerd/sql-recorder.ts';
import { type Ids, type TenantWorld, tenantWorld, twinOf } from '../support/workerd/tenant-world.ts';

/**
 * Whatever belongs to another tenant is, to everybody else, something that does not exist. Generated from the OpenAPI document:
 * every route, with every kind of another tenant's id in every place, by every kind of caller, must answer exactly as it does
 * for an id that nobody has.
 */

// Thousands of requests, one after the other.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

const ORIGIN = 'https://millrace.test';
/** They answer for an unknown id, too, and for a reason: nothing of another tenant is looked at. */
const ANSWERS_FOR_UNKNOWN: Readonly<Record<string, string>> = {
  'PUT /pipelines/{name}': 'makes a pipeline of the caller’s own tenant, or says what is wrong with the definition',
  'PUT /artifacts/{digest}': 'takes the caller’s own bytes; the digest is only checked against them',
  'GET /sign-on/callback/{tenant}': 'sends whoever comes without an attempt of their own to the door',
};
/** What is left out of the generated part, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'GET /invitations/{id}': 'the id is the secret of a link; whoever has it is meant',
  'POST /invitations/{id}/accept': 'likewise',
  'POST /hooks/{id}': 'the id is the address that senders are given; who sends is known by the signature alone',
  'PUT /secrets/{name}': 'names are the caller’s own; a test of its own is below',
};
/** Where the smallest body that the document allows means nothing. */
const BODIES: Readonly<Record<string, unknown>> = {
  'PUT /freezes/{id}': {
    name: 'ours now',
    when: { kind: 'once', from: '2031-01-01T00:00:00Z', to: '2031-01-02T00:00:00Z' },
  },
};
const REFUSED = [403, 404];
/** These try every kind of id in every place; the others, to whom nothing more is open, what belongs there and one other. */
const THOROUGH = ['owner'];

const tables = Object.values(schema)
  .filter((table) => !([...Object.values(identity), provenDomain, signingKey] as unknown[]).includes(table))
  .map((table) => getTableConfig(table as SQLiteTable).name);

const sql = SqlRecorder.install();
let routes: readonly Route[] = [];
let ours: TenantWorld;
let theirs: TenantWorld;
const callers = new Map<string, Record<string, string>>();

beforeAll(async () => {
  ours = await tenantWorld('ours');
  theirs = await tenantWorld('theirs');
  routes = await routesOfDocument();
  for (const role of ROLES) callers.set(role, { cookie: await ours.tenant.member(role), origin: ORIGIN });
  callers.set('service token', { authorization: `Bearer ${ours.tenant.token}` });
  callers.set('runner token', { authorization: `Bearer ${ours.tenant.runnerToken}` });
  callers.set('job token', { authorization: `Bearer ${ours.jobToken}` });
});

describe.each([...ROLES, 'service token', 'runner token', 'job token'])('a %s', (who) => {
  it('learns nothing from an id of another tenant, and changes nothing with it', async () => {
    const before = await stateOf(theirs);
    const wrong: string[] = [];
    let calls = 0;
    for (const route of routes) {
      if (LEFT_OUT[route.name] !== undefined) continue;
      for (const [kind, fill] of fillings(route, THOROUGH.includes(who))) {
        const answer = await ask(who, route, fill.theirs);
        const twin = await ask(who, route, fill.nobodys);
        calls += 1;
        const place = `${route.name} with ${kind}: ${answer.status}`;
        if (answer.text !== twin.text || answer.status !== twin.status) wrong.push(`${place}, else ${twin.status}`);
        if (!REFUSED.includes(answer.status) && !mayAnswer(route, fill.theirs)) wrong.push(`${place} ${answer.text}`);
      }
    }
    expect(calls).toBeGreaterThan(routes.length);
    expect(wrong).toEqual([]);
    expect(await stateOf(theirs)).toEqual(before);
  });
});

describe('ids in bodies, queries and headers', () => {
  const nowhere = (id: keyof Ids): string => twinOf(theirs.ids[id] ?? '');

  it.each([
    ['the target of a rollback', `/stages/Ask/rollback`, (id: string) => ({ target: id }), 'endedExecution'],
    ['a revision of a start', '/executions', (id: string) => ({ revisions: { Checkout: id } }), 'digest'],
    ['the pipelines of a token', undefined, (id: string) => ({ name: 'x', pipelines: [id] }), 'pipelineName'],
  ] as const)('%s', async (_, path, bodyOf, kind) => {
    const address = path === undefined ? '/tokens' : `/pipelines/${ours.pipeline}${path}`;
    const answer = await post(address, bodyOf(theirs.ids[kind] ?? ''));
    const twin = await post(address, bodyOf(nowhere(kind)));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBe(twin.status);
    expect(answer.text.replaceAll(theirs.ids[kind] ?? '', 'ID')).toBe(twin.text.replaceAll(nowhere(kind), 'ID'));
  });

  it('the digest of a fork, of a revision and of an upload', async () => {
    const secret = new TextEncoder().encode('only theirs');
    const digest = await digestOf(secret);
    const headers = { 'content-length': String(secret.byteLength) };
    await theirs.tenant.fetch(`/artifacts/${digest}`, { method: 'PUT', body: secret, headers });
    const upload = await ours.tenant.post('/uploads', { digest, sizeBytes: secret.byteLength });
    const { upload: place } = await upload.json<{ upload: { url: string } | null }>();
    expect(place?.url).toContain(ours.tenant.id);
    expect((await ours.tenant.post(`/uploads/${digest}/confirm`, {})).status).toBe(404);
    for (const [path, body] of [
      [`/executions/${ours.ids['endedExecution']}/fork`, { revisions: { Checkout: digest } }],
      [`/executions/${ours.ids['endedExecution']}/fork`, { revisions: { Checkout: twinOf(digest) } }],
    ] as const) {
      expect((await post(path, body)).status).toBeGreaterThanOrEqual(400);
    }
    expect((await ours.tenant.fetch(`/artifacts/${digest}`)).status).toBe(404);
  });

  it('an execution of another tenant is not compared with one of ours', async () => {
    const [a, b] = [ours.ids['endedExecution'], theirs.ids['endedExecution']];
    for (const path of [`/executions/${a}/compare/${b}`, `/executions/${b}/compare/${a}`]) {
      expect((await ours.tenant.fetch(path)).status).toBe(404);
    }
  });

  it('a cursor of another tenant opens no page of it', async () => {
    for (const [path, cursor] of Object.entries(theirs.cursors)) {
      const own = path.replace(theirs.pipeline, ours.pipeline);
      const answer = await ours.tenant.fetch(`${own}?cursor=${encodeURIComponent(cursor)}`);
      expectNothingOfTheirs(await answer.text());
    }
  });

  it('no text in any query of any list brings out something of theirs', async () => {
    for (const route of routes.filter(({ method, isSocket }) => method === 'GET' && !isSocket)) {
      for (const query of route.textQueries) {
        for (const id of Object.values(theirs.ids)) {
          const { path } = filled(route.path, naturalIds(route.path, ours));
          const answer = await ours.tenant.fetch(`${path}?${query}=${encodeURIComponent(id)}`);
          expectNothingOfTheirs((await answer.text()).replaceAll(id, ''));
        }
      }
    }
  });

  it('an Idempotency-Key of another tenant starts an execution of our own', async () => {
    const headers = { 'idempotency-key': theirs.idempotencyKey };
    const answer = await ours.tenant.post(`/pipelines/${ours.pipeline}/executions`, {}, headers);
    expect(answer.status).toBe(201);
    const { id } = await answer.json<{ id: string }>();
    expect(Object.values(theirs.ids)).not.toContain(id);
  });

  it('a pipeline of the same name is another pipeline', async () => {
    const before = await stateOf(theirs);
    const yaml = `name: ${theirs.pipeline}\nstages: [{ name: Ask, actions: [{ name: SignOff, type: Approval/Manual }] }]`;
    expect((await ours.tenant.putYaml(theirs.pipeline, yaml)).status).toBe(201);
    const { id } = await ours.tenant.start(theirs.pipeline);
    expect((await theirs.tenant.fetch(`/executions/${id}`)).status).toBe(404);
    expect((await ours.tenant.fetch(`/pipelines/${theirs.pipeline}`, { method: 'DELETE' })).status).toBe(409);
    await ours.tenant.post(`/executions/${id}/stop`, { abandon: true });
    await ours.tenant.ended(id);
    expect((await ours.tenant.fetch(`/pipelines/${theirs.pipeline}`, { method: 'DELETE' })).status).toBe(200);
    expect(await stateOf(theirs)).toEqual(before);
  });
});

it('a secret of the same name is another secret', async () => {
  const put = (world: TenantWorld) =>
    world.tenant.fetch('/secrets/SHARED_NAME', {
      method: 'PUT',
      body: JSON.stringify({ value: `of ${world.tenant.id}` }),
      headers: { 'content-type': 'application/json' },
    });
  expect((await put(ours)).status).toBeLessThan(300);
  expect((await put(theirs)).status).toBeLessThan(300);
  expect((await ours.tenant.fetch('/secrets/SHARED_NAME', { method: 'DELETE' })).status).toBe(204);
  expect(await (await theirs.tenant.fetch('/secrets')).text()).toContain('SHARED_NAME');
  await theirs.tenant.fetch('/secrets/SHARED_NAME', { method: 'DELETE' });
});

it('their audit does not know of any of this', async () => {
  const audit = await (await theirs.tenant.fetch('/audit?limit=100')).text();
  expect(audit).toContain(theirs.ids['token']);
  expect(audit).not.toContain(ours.tenant.id);
  const { results } = await env.DB.prepare('SELECT user_id AS id FROM member WHERE organization_id = ?')
    .bind(ours.tenant.id)
    .all<{ id: string }>();
  expect(results.length).toBeGreaterThan(ROLES.length - 1);
  for (const { id } of results) expect(audit).not.toContain(id);
});

describe('tokens of runners and jobs', () => {
  it('a job of ours reads and writes nothing of theirs', async () => {
    const authorization = `Bearer ${ours.jobToken}`;
    const { digest = '', workingExecution = '' } = theirs.ids;
    const bytes = await call(`/api/v1/artifacts/${digest}`, { headers: { authorization } });
    expect(bytes.status).toBe(404);
    const log = await call(`/api/v1/executions/${workingExecution}/actions/Work/Run/log`, {
      headers: { authorization },
    });
    expect(log.status).toBe(403);
  });

  it('the bytes that a job of ours writes are not seen by them', async () => {
    const own = new TextEncoder().encode('written by our job');
    const digest = await digestOf(own);
    const headers = { authorization: `Bearer ${ours.jobToken}`, 'content-length': String(own.byteLength) };
    expect((await call(`/api/v1/artifacts/${digest}`, { method: 'PUT', body: own, headers })).status).toBe(201);
    expect((await theirs.tenant.fetch(`/artifacts/${digest}`)).status).toBe(404);
  });

  it('a runner of ours that says it is theirs, with their job in hand, gets none of it', async () => {
    const socket = await ours.tenant.socket('/runners/connect', ours.tenant.runnerToken);
    const { runner: id = '', job = '' } = theirs.ids;
    const about = { id, name: id, version: '0', os: 'linux', arch: 'x64', labels: [], slots: 4 };
    socket.send(JSON.stringify({ type: 'hello', protocol: RUNNER_PROTOCOL, runner: about, jobs: [job] }));
    const heard: string[] = [];
    socket.send(JSON.stringify({ type: 'claim', job }));
    socket.send(
      JSON.stringify({ type: 'finish', job, result: { outcome: 'succeeded', exitCode: 0, message: 'forged' } }),
    );
    for await (const text of messages(socket)) {
      heard.push(text as string);
      if (heard.length >= 2) break;
    }
    socket.close();
    expect(heard.some((text) => text.includes('"claimed"'))).toBe(false);
    const execution = await theirs.tenant.execution(theirs.ids['workingExecution'] ?? '');
    expect(execution.status).toBe('InProgress');
  });
});

it('no statement of all of the above reads a table of tenants without saying whose rows it means', () => {
  const wrong = [...sql.statements].flatMap((statement) =>
    tablesWithoutTenant(statement, tables).map((table) => `${table}: ${statement}`),
  );
  expect(sql.statements.size).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});

describe('the check of statements', () => {
  it.each([
    ['SELECT * FROM execution WHERE id = ?', ['execution']],
    ['select "id" from "execution" where "execution"."tenant_id" = ?', []],
    ['INSERT INTO "token" ("tenant_id", "id") VALUES (?, ?)', []],
    ['INSERT INTO "token" ("id") VALUES (?)', ['token']],
    ['DELETE FROM token WHERE id = ?', ['token']],
    ['SELECT tenant_id FROM pipeline WHERE name = ?', ['pipeline']],
    [
      'SELECT 1 FROM pipeline JOIN execution ON pipeline_id = pipeline.id WHERE pipeline.tenant_id = ?',
      ['execution'],
    ],
  ])('%s', (statement, expected) => {
    expect(tablesWithoutTenant(statement, ['execution', 'token', 'pipeline'])).toEqual(expected);
  });
});

interface Filled {
  readonly path: string;
  readonly ids: readonly string[];
  /** Their id stands in something of ours, whose state may be a reason of its own to refuse. */
  readonly isInOurs?: boolean;
}

/** Each parameter with each kind of id in turn; the others are theirs, and ours. The same again with ids that nobody has. */
function fillings(route: Route, isThorough: boolean): [string, { theirs: Filled; nobodys: Filled }][] {
  const all: [string, { theirs: Filled; nobodys: Filled }][] = [];
  for (const param of route.pathParams) {
    const fitting = naturalIds(route.path, theirs)[param];
    for (const [kind, id] of Object.entries(theirs.ids)) {
      if (!isThorough && id !== fitting && kind !== 'pipelineId') continue;
      const isOne = route.pathParams.length === 1;
      const others = isOne ? [theirs] : id === fitting ? [theirs, ours] : [ours];
      for (const world of others) {
        const rest = naturalIds(route.path, world);
        const swapped = world === theirs ? mapValues(rest, (value) => (isId(value) ? twinOf(value) : value)) : rest;
        all.push([
          `${kind} as ${param}${world === ours ? ' of ours' : ''}`,
          {
            theirs: { ...filled(route.path, { ...rest, [param]: id }), isInOurs: world === ours },
            nobodys: { ...filled(route.path, { ...swapped, [param]: twinOf(id) }), isInOurs: world === ours },
          },
        ]);
      }
    }
  }
  return all;
}

function naturalIds(path: string, world: TenantWorld): Record<string, string> {
  const { ids } = world;
  const noun = path.split('/')[1] ?? '';
  const byNoun: Record<string, string | undefined> = {
    executions: ids['runningExecution'],
    tokens: ids['token'],
    freezes: ids['freeze'],
    members: ids['person'],
    invitations: ids['invitation'],
    runners: ids['runner'],
  };
  return {
    name: world.pipeline,
    pipeline: world.pipeline,
    id: byNoun[noun] ?? ids['pipelineId'] ?? '',
    a: ids['runningExecution'] ?? '',
    b: ids['endedExecution'] ?? '',
    digest: ids['digest'] ?? '',
    person: ids['person'] ?? '',
    stage: 'Ask',
    action: 'SignOff',
  };
}

function filled(path: string, values: Readonly<Record<string, string>>): Filled {
  const ids: string[] = [];
  const text = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    const value = values[name] ?? 'nothing';
    ids.push(value);
    return encodeURIComponent(value);
  });
  return { path: text, ids };
}

function isId(value: string): boolean {
  return value !== 'Ask' && value !== 'SignOff';
}

/** The status and the body with everything that may differ taken out: the id itself, and the request's. */
async function ask(who: string, route: Route, { path, ids }: Filled): Promise<{ status: number; text: string }> {
  const hasBody = route.body !== undefined || ['POST', 'PUT', 'PATCH'].includes(route.method);
  const response = await call(`/api/v1${path}${route.neededQuery}`, {
    method: route.method,
    headers: {
      ...callers.get(who),
      ...(route.isSocket ? { upgrade: 'websocket' } : {}),
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
    },
    ...(hasBody ? { body: JSON.stringify(BODIES[route.name] ?? route.body ?? {}) } : {}),
  });
  response.webSocket?.accept();
  response.webSocket?.close();
  return { status: response.status, text: plain(await response.text(), ids) };
}

async function post(path: string, body: unknown): Promise<{ status: number; text: string }> {
  const response = await ours.tenant.post(path, body);
  return { status: response.status, text: plain(await response.text(), []) };
}

function plain(text: string, ids: readonly string[]): string {
  const withoutIds = ids
    .filter(isId)
    .reduce((rest, id) => rest.replaceAll(id, 'ID').replaceAll(encodeURIComponent(id), 'ID'), text);
  return withoutIds
    .replace(/"requestId":"[^"]*"/, '"requestId":""')
    .replaceAll(/"(at|from|to)":"20[^"]*"/g, '"$1":""');
}

/** Refused for another reason than that there is no such thing, and before anybody looked for it. */
function mayAnswer({ name, pathParams }: Route, { ids, isInOurs }: Filled): boolean {
  const isNoDigest = pathParams.includes('digest') && !ids.some((id) => id.startsWith('sha256:'));
  const isNoName = pathParams.includes('name') && ids.some((id) => id.includes(':'));
  return isNoDigest || isNoName || isInOurs === true || ANSWERS_FOR_UNKNOWN[name] !== undefined;
}

function expectNothingOfTheirs(text: string): void {
  for (const id of Object.values(theirs.ids)) {
    expect(text).not.toContain(id);
  }
}

/** The audit, and the export that has it in it. */
const GROWS_BY_LOOKING = /^\/(audit|tenant\/export|export)/;

/** All that the tenant's own admin can see but what grows by being looked at, and all of its rows. */
async function stateOf({ tenant, ids }: TenantWorld): Promise<Record<string, unknown>> {
  const state: Record<string, unknown> = {};
  for (const route of routes.filter(
    ({ method, path, isSocket }) => method === 'GET' && !GROWS_BY_LOOKING.test(path) && !isSocket,
  )) {
    const { path } = filled(route.path, naturalIds(route.path, theirs));
    const response = await tenant.fetch(path, { headers: { authorization: `Bearer ${tenant.token}` } });
    state[route.name] = [response.status, plain(await response.text(), [])];
  }
  for (const table of tables) {
    const { results } = await env.DB.prepare(`SELECT * FROM "${table}" WHERE tenant_id = ?`).bind(tenant.id).all();
    state[table] = results.map((row) => ({ ...row, last_used_at: undefined }));
  }
  for (const table of ['member', 'invitation']) {
    const { results } = await env.DB.prepare(`SELECT * FROM "${table}" WHERE organization_id = ?`)
      .bind(tenant.id)
      .all();
    state[table] = results;
  }
  state['artifact'] = await (await tenant.fetch(`/artifacts/${ids['digest']}`)).text();
  return state;
}

function mapValues(of: Record<string, string>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(value)]));
}
