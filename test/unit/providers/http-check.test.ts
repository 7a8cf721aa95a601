import { describe, expect, it } from 'vitest';
import type { Progress } from '../../../worker/providers/provider.ts';
import { providerRegistry } from '../../../worker/providers/registry.ts';
import { aRun, FakeWorld } from '../../support/provider-world.ts';

const Url = 'https://example.com/health';

interface Checked {
  readonly progress: Progress;
  readonly requests: FakeWorld['requests'];
}

async function check(configuration: Readonly<Record<string, string>>, answer: FakeWorld['answer']): Promise<Checked> {
  const world = new FakeWorld();
  world.answer = answer;
  const provider = providerRegistry(world).get('Rule/HttpCheck');
  if (provider === undefined) throw new Error('no provider');
  const progress = await provider.start(aRun('Rule/HttpCheck', { configuration: { Url, ...configuration } }));
  return { progress, requests: world.requests };
}

const isMet = ({ progress }: Checked): boolean => progress.kind === 'Succeeded';
const says = ({ progress }: Checked): string => (progress.kind === 'Failed' ? progress.message : '');

describe('the status', () => {
  it.each([
    [200, {}, true],
    [204, {}, true],
    [404, {}, false],
    [500, {}, false],
    [404, { ExpectedStatus: '404' }, true],
    [200, { ExpectedStatus: '404' }, false],
    [302, { ExpectedStatus: '3xx' }, true],
    [299, { ExpectedStatus: '200-299,404' }, true],
    [404, { ExpectedStatus: '200-299, 404' }, true],
    [403, { ExpectedStatus: '200-299,404' }, false],
  ])('%i with %j: %s', async (status, configuration, expected) => {
    expect(isMet(await check(configuration, () => new Response(null, { status })))).toBe(expected);
  });

  it('is told when it is not the expected one', async () => {
    const checked = await check({}, () => new Response('down', { status: 503 }));
    expect(says(checked)).toBe('example.com answered 503, not 2xx.');
  });
});

describe('the body', () => {
  const body = '{"status":"up","checks":[{"name":"db","ok":true}],"load":0.5}';

  it.each([
    [{ BodyContains: '"up"' }, true],
    [{ BodyContains: 'down' }, false],
    [{ JsonPath: '$.status', Expected: 'up' }, true],
    [{ JsonPath: 'status', Expected: 'up' }, true],
    [{ JsonPath: '$.checks[0].ok', Expected: 'true' }, true],
    [{ JsonPath: "$['checks'][0]['name']", Expected: 'db' }, true],
    [{ JsonPath: '$.load', Expected: '0.5' }, true],
    [{ JsonPath: '$.status', Expected: 'down' }, false],
    [{ JsonPath: '$.status' }, true],
    [{ JsonPath: '$.checks[1].ok', Expected: 'true' }, false],
    [{ JsonPath: '$.constructor', Expected: 'up' }, false],
    [{ JsonPath: '$.status', Expected: 'up', BodyContains: 'nothing of it' }, false],
  ])('%j: %s', async (configuration, expected) => {
    expect(isMet(await check(configuration, () => new Response(body)))).toBe(expected);
  });

  it('that is no JSON does not hold', async () => {
    expect(says(await check({ JsonPath: '$.status' }, () => new Response('<html>')))).toContain('is not JSON');
  });

  it('that never ends is not read to its end', async () => {
    const pulled = { chunks: 0 };
    const endless = new ReadableStream({
      pull(controller) {
        pulled.chunks += 1;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    expect(says(await check({ BodyContains: 'x' }, () => new Response(endless)))).toContain('more than 256 KiB');
    expect(pulled.chunks).toBeLessThan(10);
  });
});

describe('redirects', () => {
  const redirect = (location: string, status = 302): Response =>
    new Response(null, { status, headers: { location } });

  it('are followed, relative ones too', async () => {
    const checked = await check({}, (url) => (url.endsWith('/health') ? redirect('/ready') : new Response('ok')));
    expect(isMet(checked)).toBe(true);
    expect(checked.requests.map(({ url }) => url)).toEqual([Url, 'https://example.com/ready']);
  });

  it.each([
    'http://169.254.169.254/',
    'http://localhost/',
    'http://[::1]/',
    'ftp://example.com/',
    'http://2130706433/',
  ])('to %s are not', async (target) => {
    const checked = await check({}, () => redirect(target));
    expect(says(checked)).toContain('redirects to where it may not');
    expect(checked.requests).toHaveLength(1);
  });

  it('in a circle come to an end', async () => {
    const checked = await check({}, () => redirect(Url));
    expect(says(checked)).toContain('redirects more than 3 times');
    expect(checked.requests).toHaveLength(4);
  });

  it('turn a POST into a GET, unless they forbid it', async () => {
    const answer = (status: number) => (url: string) =>
      url.endsWith('/health') ? redirect('/next', status) : new Response('ok');
    const methods = async (status: number): Promise<string[]> =>
      (await check({ Method: 'POST' }, answer(status))).requests.map(({ method }) => method);
    expect(await methods(303)).toEqual(['POST', 'GET']);
    expect(await methods(307)).toEqual(['POST', 'POST']);
  });

  it('that are expected are not followed', async () => {
    const checked = await check({ ExpectedStatus: '302' }, () => redirect('/next'));
    expect(isMet(checked)).toBe(true);
    expect(checked.requests).toHaveLength(1);
  });
});

describe('a service that does not answer', () => {
  it('does not hold, and what it says names no address', async () => {
    const refused = await check({}, () => Promise.reject(new TypeError('connect ECONNREFUSED 10.0.0.7:443')));
    expect(says(refused)).toBe('example.com could not be asked: the connection failed.');
    const late = await check({}, () => Promise.reject(new DOMException('late', 'TimeoutError')));
    expect(says(late)).toBe('example.com could not be asked: no answer within 10 s.');
  });
});

describe('where names lead', () => {
  const rebinding = async (privates: readonly string[], answer: FakeWorld['answer']): Promise<Checked> => {
    const world = new FakeWorld();
    world.answer = answer;
    const lookUp = (host: string) => Promise.resolve([privates.includes(host) ? '10.0.0.1' : '93.184.216.34']);
    Object.assign(world.http, { lookUp });
    const provider = providerRegistry(world).get('Rule/HttpCheck');
    const progress = await provider?.start(aRun('Rule/HttpCheck', { configuration: { Url } }));
    if (progress === undefined) throw new Error('no provider');
    return { progress, requests: world.requests };
  };

  it('a public name with a private address is not asked, and the rule can hold later', async () => {
    const checked = await rebinding(['example.com'], () => new Response(null));
    expect(checked.requests).toEqual([]);
    expect(says(checked)).toContain('does not lead to a public address');
  });

  it('nor is one that a redirect leads to', async () => {
    const checked = await rebinding(['inside.example'], () => Response.redirect('https://inside.example/', 302));
    expect(checked.requests).toHaveLength(1);
    expect(says(checked)).toContain('inside.example');
  });
});
