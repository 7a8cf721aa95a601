import { Readable } from 'node:stream';
import { AwsDouble } from './aws-double.ts';

interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Where a client of the SDK sends to instead of the network. */
export function handlerTo(answer: (request: Request) => Promise<Response>) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (request: SdkRequest) => {
      const { method, protocol, hostname, path, query = {}, headers, body } = request;
      const search = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
      const url = `${protocol}//${hostname}${path}${search.length === 0 ? '' : `?${search.join('&')}`}`;
      const init = { method, headers, ...(body === undefined ? {} : { body: body as BodyInit }) };
      const response = await answer(new Request(url, init));
      const bytes = Buffer.from(await response.arrayBuffer());
      return {
        response: {
          statusCode: response.status,
          headers: Object.fromEntries(response.headers),
          body: Readable.from(bytes.byteLength === 0 ? [] : [bytes]),
        },
      };
    },
  };
}

/** How a client of the SDK is to be set up so that it says nothing of itself that it signs. */
export function sdkConfig(double: AwsDouble, region = 'eu-central-1') {
  return {
    region,
    credentials: { accessKeyId: AwsDouble.KEY, secretAccessKey: 'secret' },
    requestHandler: handlerTo(double.answer) as never,
    maxAttempts: 1,
  };
}

const STATISTICS = /^(amz-sdk-|x-amz-user-agent|user-agent|x-amz-checksum-mode)/i;

interface Signable {
  headers: Record<string, string>;
  readonly query: Record<string, unknown>;
}

/** Leaves out what the SDK adds for its maker's statistics (and `x-id`), before it signs. */
export function plain<Client extends { readonly middlewareStack: unknown }>(client: Client): Client {
  const drop = (next: (args: unknown) => unknown) => (args: { request: Signable }) => {
    const kept = Object.entries(args.request.headers).filter(([name]) => !STATISTICS.test(name));
    args.request.headers = Object.fromEntries(kept);
    delete args.request.query['x-id'];
    return next(args);
  };
  // Just before signing, whatever has been added until then.
  (client.middlewareStack as { addRelativeTo(middleware: unknown, options: object): void }).addRelativeTo(drop, {
    relation: 'before',
    toMiddleware: 'httpSigningMiddleware',
    name: 'plain',
  });
  return client;
}

/** The same, but for what the two sign: the SDK signs the length and the type of a body as well, and names its hash. */
export async function seenOfJson(request: Request) {
  const all = await seen(request);
  return {
    ...all,
    authorization: all.authorization?.split(',')[0],
    'x-amz-content-sha256': undefined,
    body: JSON.parse(all.body) as unknown,
  };
}

/** All of a request that the service sees, its signature included. */
export async function seen(request: Request) {
  const { method, url, headers } = request;
  const named = (name: string): string | null => headers.get(name);
  return {
    method,
    url,
    authorization: named('authorization'),
    'content-type': named('content-type'),
    'x-amz-target': named('x-amz-target'),
    'x-amz-date': named('x-amz-date'),
    'x-amz-content-sha256': named('x-amz-content-sha256'),
    'x-amz-security-token': named('x-amz-security-token'),
    body: await request.text(),
  };
}
