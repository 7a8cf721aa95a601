import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { httpPort } from '../../../worker/hosts/http.ts';
import { HostApi } from '../../../worker/hosts/support/host-api.ts';

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

const NOW = Date.parse('2026-11-25T12:00:00Z');
const HEADERS = { accept: 'application/json', authorization: 'Bearer sesame', 'x-private': 'sesame' };

/** A world that answers in turn, and remembers what it was asked. */
function world(...answers: readonly (Response | Error)[]) {
  const sent: Sent[] = [];
  const timeouts: number[] = [];
  const left = [...answers];
  const port = httpPort({
    fetch: (url, init) => {
      sent.push({ url, init });
      const answer = left.shift() ?? new Error('asked once too often');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    allowedHosts: ['git.test:8080'],
    timeout: (ms) => {
      timeouts.push(ms);
      return new AbortController().signal;
    },
  });
  return { port, sent, timeouts };
}

const to = (location: string, status = 302): Response => new Response(null, { status, headers: { location } });
const headersOf = ({ init }: Sent): unknown => init.headers;

describe('redirects', () => {
  it('are never followed by fetch itself, and not at all with send', async () => {
    const { port, sent } = world(to('https://elsewhere.example/'));
    const response = await port.send({ method: 'POST', url: 'https://git.example/', headers: HEADERS, body: '{}' });
    expect(response.status).toBe(302);
    expect(sent.map(({ init }) => init.redirect)).toEqual(['manual']);
  });

  it('keep the credentials at their own origin', async () => {
    const { port, sent } = world(to('/moved'), new Response('there'));
    await port.follow({ url: 'https://git.example/', headers: HEADERS });
    expect(sent.map(({ url }) => url)).toEqual(['https://git.example/', 'https://git.example/moved']);
    expect(sent.map(headersOf)).toEqual([HEADERS, HEADERS]);
  });

  it.each([
    'https://codeload.example/zip',
    'http://git.example/',
    'https://git.example:8443/',
    '//codeload.example/',
  ])('take no credentials along to %s', async (location) => {
    const { port, sent } = world(to(location), new Response('there'));
    await port.follow({ url: 'https://git.example/', headers: HEADERS });
    expect(sent.map(headersOf)).toEqual([HEADERS, { accept: 'application/json' }]);
  });

  it('do not get them back by returning', async () => {
    const { port, sent } = world(to('https://other.example/'), to('https://git.example/'), new Response('there'));
    await port.follow({ url: 'https://git.example/', headers: HEADERS });
    expect(sent.slice(1).map(headersOf)).toEqual([{ accept: 'application/json' }, { accept: 'application/json' }]);
  });

  it('end after three', async () => {
    const { port, sent } = world(to('/1'), to('/2'), to('/3'), to('/4'), new Response('there'));
    await expect(port.follow({ url: 'https://git.example/' })).rejects.toMatchObject({ code: 'ConfigurationError' });
    expect(sent).toHaveLength(4);
  });

  it.each(['http://127.0.0.1/', 'http://169.254.169.254/latest', 'file:///etc/passwd', 'https://[::1]/'])(
    'do not lead to %s',
    async (location) => {
      const { port, sent } = world(to(location), new Response('there'));
      await expect(port.follow({ url: 'https://git.example/' })).rejects.toMatchObject({
        code: 'ConfigurationError',
      });
      expect(sent).toHaveLength(1);
    },
  );
});

describe('addresses', () => {
  it('that a tenant may not call are not called', async () => {
    const { port, sent } = world();
    await expect(port.send({ method: 'GET', url: 'http://10.0.0.1/' })).rejects.toMatchObject({
      code: 'ConfigurationError',
    });
    expect(sent).toEqual([]);
  });

  it('that the operator lets through are called', async () => {
    const { port } = world(new Response('here'));
    expect((await port.send({ method: 'GET', url: 'http://git.test:8080/' })).status).toBe(200);
  });
});

describe('a host that does not answer', () => {
  it('is asked again later, and its address with all that is in it is not told', async () => {
    const { port } = world(new Error('connect ECONNREFUSED https://git.example/?token=sesame'));
    await expect(port.send({ method: 'GET', url: 'https://git.example/?token=sesame' })).rejects.toMatchObject({
      name: 'RetryableFailure',
      message: 'git.example could not be asked: the connection failed.',
    });
  });

  it('is waited for as long as it was said', async () => {
    const timeout = Object.assign(new Error('late'), { name: 'TimeoutError' });
    const { port, timeouts } = world(timeout, timeout);
    const url = 'https://git.example/';
    await expect(port.send({ method: 'GET', url })).rejects.toThrow('no answer within 15 s');
    await expect(port.send({ method: 'GET', url, timeoutMs: 2_000 })).rejects.toThrow('no answer within 2 s');
    expect(timeouts).toEqual([15_000, 2_000]);
  });
});

describe('an answer', () => {
  const ask = (response: Response): Promise<unknown> =>
    new HostApi({
      http: world(response).port,
      clock: { now: () => NOW },
      host: 'GitHub',
      baseUrl: 'https://git.example/api',
      headers: {},
      authorization: () => Promise.resolve('Bearer sesame'),
      secrets: ['another secret'],
    }).get('/repos/a/b', z.object({ id: z.number() }), { private: 'query' });

  const answer = (status: number, headers: Record<string, string> = {}, body: unknown = {}): Response =>
    new Response(JSON.stringify(body), { status, headers });

  it.each([
    [401, {}, 'PermissionError'],
    [403, {}, 'PermissionError'],
    [403, { 'x-ratelimit-remaining': '59' }, 'PermissionError'],
    [404, {}, 'RevisionUnavailable'],
    [410, {}, 'RevisionUnavailable'],
    [400, {}, 'ConfigurationError'],
    [422, {}, 'ConfigurationError'],
    [304, {}, 'ConfigurationError'],
  ])('of %i with %j is final: %s', async (status, headers, code) => {
    const response = status === 304 ? new Response(null, { status }) : answer(status, headers);
    await expect(ask(response)).rejects.toMatchObject({ name: 'PermanentFailure', code });
  });

  it.each([
    [500, {}, undefined],
    [502, {}, undefined],
    [503, { 'retry-after': '7' }, 7_000],
    [503, { 'retry-after': 'Wed, 25 Nov 2026 12:00:30 GMT' }, 30_000],
    [503, { 'retry-after': 'soon' }, undefined],
    [429, { 'retry-after': '0' }, 0],
    [429, { 'retry-after': '999999999' }, 3_600_000],
    [429, {}, undefined],
    [429, { 'ratelimit-remaining': '0', 'ratelimit-reset': String(NOW / 1000 + 5) }, 5_000],
    [403, { 'retry-after': '60' }, 60_000],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 90) }, 90_000],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 - 90) }, 0],
  ])('of %i with %j is to be had again after %s ms', async (status, headers, retryAfterMs) => {
    const failure = { name: 'RetryableFailure', retryAfterMs };
    await expect(ask(answer(status, headers))).rejects.toMatchObject(failure);
  });

  it('is told with its status and the words of the host, without query and credentials', async () => {
    const body = {
      message: 'No,\u0007\n"Bearer sesame" and another secret are bad',
      errors: [{ message: 'Really.' }],
    };
    const text = 'GitHub answered 422 to GET /repos/a/b: No, "Bearer ***" and *** are bad Really.';
    await expect(ask(answer(422, {}, body))).rejects.toThrow(text);
  });

  it.each([
    ['<html>', 404],
    ['"text"', 404],
    ['{"message":{}}', 404],
    ['x'.repeat(200_000), 404],
  ])('in other words than JSON is told by its status: %.20s', async (body, status) => {
    await expect(ask(new Response(body, { status }))).rejects.toThrow(/^GitHub answered 404 to GET \/repos\/a\/b\.$/);
  });

  it.each(['<html>', '[]', '{"id":"one"}', ''])('of another shape is refused: %s', async (body) => {
    await expect(ask(new Response(body))).rejects.toThrow('Is https://git.example the right address?');
  });

  it('that does not end is not read to its end', async () => {
    const chunk = new Uint8Array(1024 * 1024).fill(0x20);
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(chunk) });
    await expect(ask(new Response(endless))).rejects.toThrow('more than 16 MiB');
  });
});
