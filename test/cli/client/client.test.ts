import { describe, expect, it } from 'vitest';
import { Client } from '../../../cli/src/client/client.ts';
import { ApiError } from '../../../cli/src/client/problem.ts';
import { aDeadUrl, type Answer, problem, TestServer } from '../../support/cli/test-server.ts';

async function clientOf(answer: Answer): Promise<{ client: Client; server: TestServer }> {
  const server = await TestServer.start({ answer: () => answer });
  return { client: new Client({ url: server.url, token: 'the token' }), server };
}

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('no error'),
    (error: unknown) => error as Error,
  );
}

describe('a request', () => {
  it('carries the token and what is sent', async () => {
    const { client, server } = await clientOf({ status: 200, body: { fine: true } });
    expect(await client.send('POST', '/pipelines/shop/executions', { variables: { A: '1' } })).toEqual({
      fine: true,
    });
    const [asked] = server.asked;
    expect(asked).toMatchObject({ method: 'POST', path: '/pipelines/shop/executions', token: 'the token' });
    expect(asked?.header('content-type')).toBe('application/json');
    expect(JSON.parse(asked?.body.toString() ?? '')).toEqual({ variables: { A: '1' } });
  });

  it('may have an answer without a body', async () => {
    const { client } = await clientOf({ status: 204 });
    expect(await client.send('DELETE', '/pipelines/shop', {})).toBeUndefined();
  });

  it('finds the API under an address with or without a slash at its end', () => {
    const address = 'wss://millrace.example/api/v1/live';
    for (const url of ['https://millrace.example', 'https://millrace.example/']) {
      const socket = new Client({ url, token: 'the token' }).socket('/live');
      expect(socket).toEqual({ address, headers: { authorization: 'Bearer the token' } });
    }
  });
});

describe('an answer that is an error', () => {
  it('is thrown with its code, its sentence and every place that is wrong', async () => {
    const errors = [{ path: 'stages[0].name', message: 'is missing.' }];
    const { client } = await clientOf(problem(422, 'definition_invalid', 'The definition has 1 problem.', errors));
    const error = await errorOf(client.get('/pipelines/shop'));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 422,
      code: 'definition_invalid',
      message: 'The definition has 1 problem.',
      errors,
    });
  });

  it.each([
    ['a page of some gateway', '<html><h1>502 Bad Gateway</h1></html>', '502 <html><h1>502 Bad Gateway</h1></html>'],
    ['JSON of another kind', '{"error":"no"}', '502 {"error":"no"}'],
    ['nothing', '', '502 '],
    ['too much', 'x'.repeat(10_000), `502 ${'x'.repeat(200)}`],
  ])('is thrown with what there is when it is %s', async (_, body, message) => {
    const { client } = await clientOf({ status: 502, body });
    expect(await errorOf(client.get('/pipelines'))).toMatchObject({ status: 502, code: 'unknown', message });
  });
});

describe('a server that is not there', () => {
  it('is named, together with what is wrong with it', async () => {
    const url = await aDeadUrl();
    const error = await errorOf(new Client({ url, token: 'x' }).get('/pipelines'));
    expect(error.message).toBe(`${url} cannot be reached: connect ECONNREFUSED ${url.slice('http://'.length)}`);
    expect(error).not.toBeInstanceOf(ApiError);
  });
});
