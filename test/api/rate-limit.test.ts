import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import type { ApiEnv } from '../../worker/api/context.ts';
import { limitActors } from '../../worker/api/middleware/rate-limit.ts';
import { call, TestTenant } from '../support/workerd/client.ts';

const ORIGIN = 'https://millrace.test';

function signIn(address: string | undefined): Promise<Response> {
  return call('/api/auth/sign-in/email', {
    method: 'POST',
    body: JSON.stringify({ email: 'nobody@example.com', password: 'a guess, one of many' }),
    headers: {
      'content-type': 'application/json',
      origin: ORIGIN,
      ...(address === undefined ? {} : { 'cf-connecting-ip': address }),
    },
  });
}

describe('an address that tries passwords', () => {
  it('is told to wait after ten attempts in a minute, and others are not', { timeout: 60_000 }, async () => {
    let refused: Response | undefined;
    // The platform's minute may end in between, and then the count begins again.
    for (let attempt = 0; attempt < 21 && refused === undefined; attempt += 1) {
      const answer = await signIn('203.0.113.7');
      if (answer.status === 429) refused = answer;
      else expect([401, 403]).toContain(answer.status);
    }
    expect(refused?.headers.get('retry-after')).toBe('60');
    expect(Problem.parse(await refused?.json())).toMatchObject({ code: 'rate_limited', status: 429 });
    expect((await signIn('203.0.113.8')).status).not.toBe(429);
    expect((await signIn(undefined)).status).not.toBe(429);
  });

  it('is not kept from anything else', async () => {
    const tenant = await TestTenant.create();
    const headers = { authorization: `Bearer ${tenant.token}`, 'cf-connecting-ip': '203.0.113.7' };
    expect((await call('/api/v1/me', { headers })).status).toBe(200);
  });
});

describe('a person or program that asks too often', () => {
  const asked: string[] = [];
  const limiters = {
    actor: {
      limit: ({ key }: { key: string }) => {
        asked.push(key);
        return Promise.resolve({ success: false });
      },
    },
    address: undefined,
  };

  const as = async (actor: unknown, from: Partial<typeof limiters> = limiters): Promise<Response> => {
    const app = new Hono<ApiEnv>();
    app.use((c, next) => {
      c.set('requestId', 'r1');
      c.set('service', { actor, tenant: { id: 't1' } } as never);
      return next();
    });
    app.use(limitActors({ actor: undefined, address: undefined, ...from }));
    app.get('/', (c) => c.text('ok'));
    return app.request('/');
  };

  it('is told to wait, each by itself', async () => {
    const answer = await as({ kind: 'person', id: 'p1' });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('60');
    await as({ kind: 'token', id: 'k1', tokenKind: 'service' });
    expect(asked).toEqual(['t1:p1', 't1:token:k1']);
  });

  it('unless it is a runner or a job', async () => {
    for (const actor of [
      { kind: 'job', job: 'j' },
      { kind: 'token', id: 'k', tokenKind: 'runner' },
    ]) {
      expect((await as(actor)).status).toBe(200);
    }
  });

  it('or nobody counts', async () => {
    expect((await as({ kind: 'person', id: 'p1' }, {})).status).toBe(200);
  });
});
