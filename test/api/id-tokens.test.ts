import { env } from 'cloudflare:workers';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../../contract/audit.ts';
import type { IdToken } from '../../contract/id-tokens.ts';
import { encodeChunk } from '../../contract/log-frames.ts';
import type { JobSecrets } from '../../contract/secrets.ts';
import { mintIdentityCredential, verifyJobToken } from '../../worker/auth/job-token.ts';
import { keyRing } from '../../worker/composition.ts';
import worker from '../../worker/main.ts';
import { call, TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const ISSUER = 'https://millrace.test';
const AUDIENCE = 'sts.amazonaws.com';
const WORK = `
name: web-shop
mode: PARALLEL
stages:
  - name: Release
    actions: [{ name: Ship, commands: [./deploy.sh], identity: true }]
`;
const CALLING = `
name: calling
stages:
  - name: Call
    actions: [{ name: Other, type: Invoke/Pipeline, configuration: { PipelineName: web-shop } }]
`;
const WITHOUT = WORK.replace(', identity: true', '').replace('web-shop', 'without');

interface Job {
  readonly runner: TestRunner;
  readonly execution: string;
  readonly job: string;
  /** The job's own. */
  readonly jobToken: string;
  /** What its commands are given; empty: nothing. */
  readonly token: string;
}

let tenant: TestTenant;
let runners = 0;

beforeAll(async () => {
  tenant = await TestTenant.create();
  await tenant.save('web-shop', WORK);
});
afterEach(() => {
  vi.useRealTimers();
});

/** A job that a runner holds. */
async function jobOf(of = tenant, pipeline = 'web-shop'): Promise<Job> {
  runners += 1;
  const runner = await TestRunner.connect(of, { id: `runner-${runners}`, work: () => 'silent' });
  const { id } = await of.start(pipeline);
  const { job, token: jobToken } = await runner.hears('claimed');
  const { identity } = await secretsOf(jobToken);
  return { runner, execution: id, job, jobToken, token: identity?.token ?? '' };
}

async function secretsOf(jobToken: string): Promise<JobSecrets> {
  const response = await tenant.fetch('/job/secrets', { headers: { authorization: `Bearer ${jobToken}` } });
  expect(response.status).toBe(200);
  return response.json<JobSecrets>();
}

/** Made as the Worker makes it, whether the job may have it or not. */
async function credentialOf(jobToken: string): Promise<string> {
  const claims = await verifyJobToken(keyRing(env), jobToken, Date.now());
  return claims === undefined ? '' : mintIdentityCredential(keyRing(env), claims);
}

function ask(token: string, body: object = { audience: AUDIENCE }): Promise<Response> {
  return tenant.post('/job/id-token', body, { authorization: `Bearer ${token}` });
}

async function minted(token: string): Promise<string> {
  const response = await ask(token);
  expect(response.status).toBe(201);
  return (await response.json<IdToken>()).token;
}

/** As a relying party does it: discovery, then the keys, then the token. */
async function verify(token: string, options: { audience?: string; keys?: JSONWebKeySet; at?: number } = {}) {
  const { issuer, keys } = await published();
  return jwtVerify(token, createLocalJWKSet(options.keys ?? keys), {
    issuer,
    audience: options.audience ?? AUDIENCE,
    algorithms: ['RS256'],
    requiredClaims: ['sub', 'exp', 'nbf', 'jti'],
    currentDate: new Date(options.at ?? Date.now()),
  });
}

async function published(): Promise<{ issuer: string; keys: JSONWebKeySet }> {
  const discovery = await call('/.well-known/openid-configuration');
  expect(discovery.headers.get('cache-control')).toBe('public, max-age=3600');
  const { issuer, jwks_uri: uri } = await discovery.json<{ issuer: string; jwks_uri: string }>();
  const keys = await call(new URL(uri).pathname);
  expect(keys.headers.get('cache-control')).toBe('public, max-age=3600');
  return { issuer, keys: await keys.json<JSONWebKeySet>() };
}

describe('an identity token', () => {
  it('says to a relying party which attempt of which action is asking', async () => {
    const { runner, execution, token } = await jobOf();
    const { payload, protectedHeader } = await verify(await minted(token));
    runner.close();
    const { id, version } = await tenant.get<{ id: string; version: number }>('/pipelines/web-shop');
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    expect(payload).toMatchObject({
      iss: ISSUER,
      sub: `tenant:${tenant.id}:pipeline:${id}:stage:Release:action:Ship`,
      aud: AUDIENCE,
      tenant_id: tenant.id,
      pipeline_id: id,
      pipeline: 'web-shop',
      version,
      execution_id: execution,
      stage: 'Release',
      action: 'Ship',
      attempt: 1,
      trigger: 'StartPipelineExecution',
      runner_environment: 'self-hosted',
    });
    expect(payload['actor']).toMatch(/^token:/);
    expect(payload['definition_digest']).toMatch(/^sha256:[0-9a-f]{64}$/);
    const { iat = 0, exp = 0, nbf = 0 } = payload;
    expect([exp - iat, nbf - iat]).toEqual([600, -30]);
  });

  it('is another one each time', async () => {
    const { runner, token } = await jobOf();
    const ids = [await verify(await minted(token)), await verify(await minted(token))].map(
      ({ payload }) => payload.jti,
    );
    runner.close();
    expect(new Set(ids).size).toBe(2);
  });

  it('is nothing to another audience, after its time, or when something in it was changed', async () => {
    const { runner, token } = await jobOf();
    const good = await minted(token);
    runner.close();
    const [header = '', body = '', signature = ''] = good.split('.');
    const claims = JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/'))) as object;
    const forged = btoa(JSON.stringify({ ...claims, stage: 'Other' })).replace(/=+$/, '');
    await expect(verify(good, { audience: 'api.example.com' })).rejects.toThrow('"aud"');
    await expect(verify(good, { at: Date.now() + 11 * 60_000 })).rejects.toThrow('"exp"');
    await expect(verify(`${header}.${forged}.${signature}`)).rejects.toThrow('signature verification failed');
  });

  it('needs an audience', async () => {
    const { runner, token } = await jobOf();
    for (const body of [{}, { audience: '' }, { audience: 'a b' }, { audience: AUDIENCE, sub: 'me' }]) {
      expect((await ask(token, body)).status).toBe(422);
    }
    runner.close();
  });

  it('is for a live attempt alone', async () => {
    const { runner, execution, job, token } = await jobOf();
    runner.finish(job);
    await tenant.ended(execution);
    const response = await ask(token);
    runner.close();
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'job_fenced' });
  });

  it('is not for an attempt that has been asked to end', async () => {
    const { runner, execution, token } = await jobOf();
    await tenant.post(`/executions/${execution}/stop`, { abandon: true, reason: 'no more' });
    const response = await ask(token);
    runner.close();
    expect(response.status).toBe(409);
  });

  it('names the tenant of its job, whoever else there is', async () => {
    const other = await TestTenant.create();
    await other.save('web-shop', WORK);
    const [ours, theirs] = [await jobOf(), await jobOf(other)];
    const [one, two] = [await verify(await minted(ours.token)), await verify(await minted(theirs.token))];
    ours.runner.close();
    theirs.runner.close();
    expect([one.payload['tenant_id'], two.payload['tenant_id']]).toEqual([tenant.id, other.id]);
    expect(one.payload.sub).not.toBe(two.payload.sub);
  });

  it('is for the commands of a job: not even its own token asks for one', async () => {
    const { runner, jobToken } = await jobOf();
    for (const token of [tenant.token, tenant.runnerToken, jobToken]) expect((await ask(token)).status).toBe(403);
    runner.close();
  });
});

describe('what a job asks with', () => {
  it('opens nothing else of what its own token opens, nor anything of the tenant', async () => {
    const { runner, token } = await jobOf();
    const authorization = `Bearer ${token}`;
    const digest = `sha256:${'0'.repeat(64)}`;
    const reads = ['/job/secrets', '/job/log', `/artifacts/${digest}`, '/pipelines', '/me', '/audit/key'];
    for (const path of reads) {
      const response = await tenant.fetch(path, { headers: { authorization } });
      expect([path, response.status]).toEqual([path, 403]);
    }
    expect((await tenant.post('/uploads', { digest, sizeBytes: 1 }, { authorization })).status).toBe(403);
    runner.close();
  });

  it('is nothing when anything in it was changed, or it is made a token of the job', async () => {
    const { runner, token } = await jobOf();
    const [body = '', signature = ''] = token.replace('mr_jid_', '').split('.');
    const other = btoa(JSON.stringify({ tenant: tenant.id, pool: 'default', job: 'other' })).replace(/=+$/, '');
    for (const forged of [`mr_jid_${other}.${signature}`, `mr_jid_${body}.`, `mr_job_${body}.${signature}`]) {
      expect((await ask(forged)).status).toBe(401);
    }
    runner.close();
  });

  it('is given to actions that ask for it in their definition alone', async () => {
    await tenant.save('without', WITHOUT);
    const { runner, token } = await jobOf(tenant, 'without');
    runner.close();
    expect(token).toBe('');
  });

  it('is given to no execution that may not have protected secrets, as one that another has started', async () => {
    await tenant.save('calling', CALLING);
    const { runner, jobToken, token } = await jobOf(tenant, 'calling');
    expect(token).toBe('');
    // Even somebody who made it could not use it.
    const response = await ask(await credentialOf(jobToken));
    runner.close();
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'id_token_refused' });
  });

  it('is in the audit log each time, with what it was for, and so is a refusal', async () => {
    const other = await TestTenant.create();
    await other.save('web-shop', WORK);
    const { runner, execution, job, token } = await jobOf(other);
    const { payload } = await verify(await minted(token));
    runner.finish(job);
    await other.ended(execution);
    expect((await ask(token)).status).toBe(409);
    runner.close();
    const items = await vi.waitUntil(
      async () => {
        const found = await other.get<{ items: AuditEntry[] }>('/audit?verb=identity:mint');
        return found.items.length === 2 ? found.items : undefined;
      },
      { timeout: 5_000 },
    );
    const [refused, allowed] = items;
    expect(allowed).toMatchObject({
      actor: { type: 'job', id: job },
      object: { type: 'identity', id: AUDIENCE },
      outcome: 'allowed',
      after: {
        audience: AUDIENCE,
        execution,
        pipeline: 'web-shop',
        stage: 'Release',
        action: 'Ship',
        attempt: 1,
        subject: payload.sub,
        jti: payload.jti,
      },
    });
    expect(refused).toMatchObject({ actor: { type: 'job', id: job }, outcome: 'failed', status: 409 });
    expect(JSON.stringify(items)).not.toContain(token);
  });
});

describe('the log of a job that may ask', () => {
  it('shows nobody what it asks with, should its runner not have masked it', async () => {
    const { runner, execution, jobToken, token } = await jobOf();
    const socket = await tenant.socket('/job/log?new=true', jobToken);
    const line = `asking with ${token}\n`;
    socket.send(encodeChunk(0, new TextEncoder().encode(line)));
    socket.send(JSON.stringify({ type: 'end', totalBytes: line.length }));
    const text = await vi.waitUntil(
      async () => {
        const log = await tenant.fetch(`/executions/${execution}/actions/Release/Ship/log`);
        const read = await log.text();
        return log.headers.get('x-millrace-log-complete') === 'true' ? read : undefined;
      },
      { timeout: 5_000 },
    );
    runner.close();
    expect(text).toBe(`asking with ${'*'.repeat(token.length)}\n`);
  });
});

describe('signing keys', () => {
  const sweep = () => worker.scheduled({ scheduledTime: 0, cron: '', noRetry: () => undefined }, env);
  const kids = async () => (await published()).keys.keys.map(({ kid }) => kid);
  const kidOf = async (token: string) => (await verify(token)).protectedHeader.kid;

  it('are published before they sign, and after', async () => {
    const start = Date.now();
    const { runner, token } = await jobOf();
    const before = await minted(token);
    const first = await kidOf(before);
    const [, next] = await kids();
    expect(await kids()).toEqual([first, next]);

    vi.useFakeTimers({ toFake: ['Date'], now: start + 31 * DAY });
    await sweep();
    const published = await kids();
    expect(published.slice(0, 2)).toEqual([first, next]);
    expect(published).toHaveLength(3);
    // Another job, for the first one has run into its deadline.
    const later = await jobOf();
    const after = await minted(later.token);
    expect(await kidOf(after)).toBe(next);
    await expect(verify(before, { at: start })).resolves.toBeDefined();

    vi.useFakeTimers({ toFake: ['Date'], now: start + 31 * DAY + 2 * HOUR });
    await sweep();
    expect(await kids()).toEqual(published.slice(1));
    await expect(verify(before, { at: start })).rejects.toThrow('no applicable key');
    runner.close();
    later.runner.close();
  });

  it('lie sealed', async () => {
    const rows = await env.DB.prepare('SELECT * FROM signing_key').all<Record<string, string>>();
    expect(rows.results.length).toBeGreaterThan(1);
    for (const { public_key: key, ...row } of rows.results) {
      expect(Object.keys(JSON.parse(key ?? '') as object).sort()).toEqual(['e', 'kty', 'n']);
      expect(() => JSON.parse(row['wrapped'] ?? '') as unknown).toThrow();
    }
  });
});
