import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFromBody } from './body.ts';

/** One request as it came in. */
export interface Received {
  readonly method: string;
  /** Decoded where a client may choose how to write it. */
  readonly path: string;
  /** As it was written. */
  readonly rawPath: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string and bytes go as they are, all else as JSON. */
  readonly body?: unknown;
}

/** `:name` stands for one segment, `*name` for the rest. */
export type Routes = Readonly<
  Record<string, (request: Received & { params: Record<string, string> }) => Answer | Promise<Answer>>
>;

/** Takes requests on itself that are none of the API's: true if it has. */
export type PassOn = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A server that plays a Git host: it answers by its routes, and remembers what it was asked. */
export class GitHostDouble {
  readonly requests: Received[] = [];
  /** Answers in place of the routes, the next one first. */
  readonly instead: Answer[] = [];
  readonly #routes: readonly (readonly [method: string, pattern: RegExp, route: Routes[string]])[];
  readonly #server: Server;

  constructor(routes: (url: () => string) => Routes, passOn: PassOn = () => false) {
    this.#routes = Object.entries(routes(() => this.url)).map(([key, route]) => {
      const [method = '', path = ''] = key.split(' ');
      const pattern = path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)').replaceAll(/\*(\w+)/g, '(?<$1>.+)');
      return [method, new RegExp(`^${pattern}$`), route];
    });
    this.#server = createServer((request, response) => {
      if (passOn(request, response)) return;
      void this.#answer(request).then(({ status = 200, headers = {}, body }) => {
        const isRaw = typeof body === 'string' || body instanceof Uint8Array;
        const type = isRaw ? 'text/plain' : 'application/json; charset=utf-8';
        response.writeHead(status, { 'content-type': type, ...headers });
        response.end(body === undefined ? undefined : isRaw ? body : JSON.stringify(body));
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** What was asked while `act` ran. */
  async during(act: () => Promise<unknown>): Promise<readonly Received[]> {
    const { length } = this.requests;
    await act();
    return this.requests.slice(length);
  }

  async #answer(message: IncomingMessage): Promise<Answer> {
    const url = new URL(message.url ?? '/', this.url);
    const request: Received = {
      method: message.method ?? '',
      path: decodeURIComponent(url.pathname),
      rawPath: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)])),
      body: await readFromBody(message),
    };
    this.requests.push(request);
    const instead = this.instead.shift();
    if (instead !== undefined) return instead;
    for (const [method, pattern, route] of this.#routes) {
      const match = method === request.method ? pattern.exec(request.path) : null;
      if (match !== null) return route({ ...request, params: { ...match.groups } });
    }
    return { status: 404, body: { message: 'Not Found' } };
  }
}

/** What matters of requests when two clients are compared: not who they say they are. */
export function essence(
  requests: readonly Received[],
): readonly Pick<Received, 'method' | 'path' | 'query' | 'body'>[] {
  return requests.map(({ method, path, query, body }) => ({ method, path, query, body }));
}
