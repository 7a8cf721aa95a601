import type { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { PermanentFailure, type RetryableFailure } from '../../kernel/failure.ts';
import { readText } from '../../kernel/read-text.ts';
import type { HttpPort, HttpRequest } from '../git-host.ts';
import { failureOf } from './answer.ts';

export interface HostApiParts {
  readonly http: HttpPort;
  readonly clock: Clock;
  /** Like `GitHub`, for messages. */
  readonly host: string;
  /** No slash at the end. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What goes into `Authorization`. */
  readonly authorization: () => Promise<string>;
  /** What the host's words must not repeat, beside that. */
  readonly secrets: readonly string[];
  /** Redirects of GET are for names that have changed. Where they lead to a page for signing in, they are not followed. */
  readonly followsRedirects?: boolean;
  /** What such a host says when it does not know the credentials, beside 401. */
  readonly signInStatuses?: readonly number[];
  /** The failure to throw instead, if the host no longer knows the credentials. */
  readonly onUnauthorized?: () => Promise<RetryableFailure>;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface Change {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
}

const ANSWER_MAX_BYTES = 16 * 1024 * 1024;
/** Of an archive, from the question to its last byte. */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
const PAGES_MAX = 30;

/** A host's answer holds more than can be looked at here. */
export class TooLarge extends PermanentFailure {}

/** A JSON API: asks, tells failures apart, and lets in only what has the shape that was asked for. */
export class HostApi {
  readonly #parts: HostApiParts;
  #authorization = '';

  constructor(parts: HostApiParts) {
    this.#parts = parts;
  }

  async get<T>(path: string, schema: z.ZodType<T>, query: Query = {}): Promise<T> {
    return this.#read(await this.#fetched(path, query), path, schema);
  }

  /** Undefined: the host knows no such thing, or does not say it to these credentials. `absent`: the statuses that mean that. */
  async find<T>(
    path: string,
    schema: z.ZodType<T>,
    query: Query = {},
    absent: readonly number[] = [404],
  ): Promise<T | undefined> {
    const response = await this.#answer('GET', path, query);
    if (absent.includes(response.status)) {
      await response.body?.cancel();
      return undefined;
    }
    if (!response.ok) throw await this.#failure(response, `GET ${path}`);
    return this.#read(response, path, schema);
  }

  /** Page after page, until there is no next one or enough is enough. A host may send less than it was asked for, and say so by a link. */
  async list<T>(
    path: string,
    schema: z.ZodType<T>,
    paging: { readonly query?: Query; readonly size: number; readonly sizeName?: string; readonly pagesMax?: number },
  ): Promise<readonly T[]> {
    const { query = {}, size, sizeName = 'per_page', pagesMax = PAGES_MAX } = paging;
    const all: T[] = [];
    for (let page = 1; page <= pagesMax; page += 1) {
      const response = await this.response(path, { ...query, [sizeName]: size, page });
      const link = response.headers.get('link');
      const items = await this.read(response, path, schema.array());
      all.push(...items);
      if (link === null ? items.length < size : !link.includes('rel="next"')) break;
    }
    return all;
  }

  async send<T>(change: Change, schema: z.ZodType<T>): Promise<T> {
    return this.#read(await this.#sent(change), change.path, schema);
  }

  /** For what is answered with nothing that matters. False: there was nothing to change. */
  async change(change: Change): Promise<boolean> {
    const response = await this.#request(change);
    if (response.ok || response.status === 404) await response.body?.cancel();
    else throw await this.#failure(response, `${change.method} ${change.path}`);
    return response.ok;
  }

  /** The body as it comes. */
  async download(path: string, query: Query = {}): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#fetched(path, query, DOWNLOAD_TIMEOUT_MS);
    if (body === null) throw new PermanentFailure('RevisionUnavailable', `${this.#parts.host} sent nothing.`);
    return body;
  }

  /** The body as text, if it is not longer than that. */
  async text(path: string, maxBytes: number, query: Query = {}): Promise<string | undefined> {
    return readText((await this.#fetched(path, query)).body, maxBytes);
  }

  /** For what is in the headers, too. */
  async response(path: string, query: Query = {}): Promise<Response> {
    return this.#fetched(path, query);
  }

  async read<T>(response: Response, path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#read(response, path, schema);
  }

  async #fetched(path: string, query: Query, timeoutMs?: number): Promise<Response> {
    const response = await this.#answer('GET', path, query, timeoutMs);
    if (!response.ok) throw await this.#failure(response, `GET ${path}`);
    return response;
  }

  async #answer(method: 'GET', path: string, query: Query, timeoutMs?: number): Promise<Response> {
    const { http, followsRedirects = true } = this.#parts;
    const request = {
      url: this.#url(path, query),
      headers: await this.#headers(),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
    return this.#known(await (followsRedirects ? http.follow(request) : http.send({ ...request, method })));
  }

  async #known(response: Response): Promise<Response> {
    const { host, signInStatuses = [] } = this.#parts;
    if (!signInStatuses.includes(response.status)) return response;
    await response.body?.cancel();
    throw new PermanentFailure('PermissionError', `${host} does not know the credentials and asks to sign in.`);
  }

  async #sent(change: Change): Promise<Response> {
    const response = await this.#request(change);
    if (!response.ok) throw await this.#failure(response, `${change.method} ${change.path}`);
    return response;
  }

  async #request({ method, path, query = {}, body }: Change): Promise<Response> {
    const request: HttpRequest = { method, url: this.#url(path, query), headers: await this.#headers() };
    if (body === undefined) return this.#known(await this.#parts.http.send(request));
    const headers = { ...request.headers, 'content-type': 'application/json' };
    return this.#known(await this.#parts.http.send({ ...request, headers, body: JSON.stringify(body) }));
  }

  async #headers(): Promise<Record<string, string>> {
    const { headers, authorization } = this.#parts;
    this.#authorization = await authorization();
    return { 'user-agent': 'Millrace', ...headers, authorization: this.#authorization };
  }

  #url(path: string, query: Query): string {
    const url = new URL(`${this.#parts.baseUrl}${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url.href;
  }

  async #read<T>(response: Response, path: string, schema: z.ZodType<T>): Promise<T> {
    const { host, baseUrl } = this.#parts;
    const text = await readText(response.body, ANSWER_MAX_BYTES);
    if (text === undefined) {
      throw new TooLarge('SystemUnavailable', `${host} answered ${path} with more than 16 MiB.`);
    }
    const parsed = schema.safeParse(json(text));
    if (parsed.success) return parsed.data;
    const problem = `${host} answered ${path} with something else than its API does.`;
    throw new PermanentFailure('ConfigurationError', `${problem} Is ${new URL(baseUrl).origin} the right address?`);
  }

  async #failure(response: Response, what: string): Promise<Error> {
    const { host, clock, secrets, onUnauthorized } = this.#parts;
    if (response.status === 401 && onUnauthorized !== undefined) {
      await response.body?.cancel();
      return onUnauthorized();
    }
    const used = this.#authorization.replace(/^\w+ /, '');
    return failureOf(response, { host, what, secrets: [...secrets, used], now: clock.now() });
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
