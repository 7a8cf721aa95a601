import { createContext } from 'svelte';
import type { Page, Problem } from './contract.ts';
import { ApiProblem, NoAnswer } from './failure.ts';

export const API_ROOT = '/api/v1';

export interface ApiClientOptions {
  readonly fetch: typeof fetch;
  /** Called for every 401, so that one place decides to go to the sign-in page. */
  readonly onUnauthenticated: () => void;
  /** The server's clock, read from each answer. */
  readonly onServerTime: (at: number) => void;
}

/** Same-origin JSON with the session cookie; every failure is an `ApiProblem` or `NoAnswer`. */
export class ApiClient {
  readonly #options: ApiClientOptions;
  #leaving = 0;

  constructor(options: ApiClientOptions) {
    this.#options = options;
  }

  /** While `leave` signs out and goes, a 401 to what was still under way sends nobody anywhere. */
  async leaving(leave: () => Promise<void>): Promise<void> {
    this.#leaving += 1;
    try {
      await leave();
    } finally {
      this.#leaving -= 1;
    }
  }

  async get<Body>(path: string, signal?: AbortSignal): Promise<Body> {
    return readJson<Body>(await this.#send('GET', path, { signal }));
  }

  async getText(path: string, accept: string, signal?: AbortSignal): Promise<string> {
    return (await this.#send('GET', path, { accept, signal })).text();
  }

  async post<Body>(path: string, body: unknown): Promise<Body> {
    return readJson<Body>(await this.#send('POST', path, { body }));
  }

  /** Text of another kind than JSON, like a definition in YAML. */
  async sendText<Body>(
    method: 'POST' | 'PUT',
    path: string,
    { text, type, headers = {}, signal }: TextBody,
  ): Promise<Body> {
    return readJson<Body>(
      await this.#send(method, path, { text, headers: { ...headers, 'content-type': type }, signal }),
    );
  }

  async put<Body>(path: string, body: unknown): Promise<Body> {
    return readJson<Body>(await this.#send('PUT', path, { body }));
  }

  async delete(path: string, body?: unknown): Promise<void> {
    await this.#send('DELETE', path, body === undefined ? {} : { body });
  }

  /** Every page of a list, as they arrive; `pagesMax` bounds what a runaway cursor may cost. */
  async *pages<Item>(path: string, pagesMax: number, signal?: AbortSignal): AsyncGenerator<readonly Item[]> {
    let cursor: string | null = null;
    for (let page = 0; page < pagesMax; page += 1) {
      const answer: Page<Item> = await this.get<Page<Item>>(withQuery(path, { cursor }), signal);
      yield answer.items;
      cursor = answer.nextCursor;
      if (cursor === null) return;
    }
  }

  async #send(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    { body, text, headers = {}, accept = 'application/json', signal }: SendOptions,
  ): Promise<Response> {
    const request: RequestInit = { method, headers: { accept, ...headers }, credentials: 'same-origin' };
    if (signal !== undefined) request.signal = signal;
    if (text !== undefined) request.body = text;
    if (body !== undefined) {
      request.headers = { accept, 'content-type': 'application/json' };
      request.body = JSON.stringify(body);
    }
    const response = await this.#options.fetch(path, request).catch((cause: unknown) => {
      throw signal?.aborted === true ? cause : new NoAnswer(cause);
    });
    this.#readClock(response);
    if (response.ok) return response;
    // The library that signs people in says 401 to a wrong code as well; whether a session is over, our own routes say.
    if (response.status === 401 && path.startsWith(API_ROOT) && this.#leaving === 0) {
      this.#options.onUnauthenticated();
    }
    throw new ApiProblem(response.status, await readProblem(response));
  }

  #readClock(response: Response): void {
    const at = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(at)) this.#options.onServerTime(at);
  }
}

interface TextBody {
  readonly text: string;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

interface SendOptions {
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
}

export const [apiClient, provideApiClient] = createContext<ApiClient>();

type QueryValue = string | number | readonly string[] | null | undefined;

export function withQuery(path: string, query: Readonly<Record<string, QueryValue>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const each of typeof value === 'object' ? value : [value]) search.append(name, String(each));
  }
  if (search.size === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${search.toString()}`;
}

/** A path below the API with every part escaped. */
export function apiPath(...parts: readonly (string | number)[]): string {
  return [API_ROOT, ...parts.map((part) => encodeURIComponent(part))].join('/');
}

async function readJson<Body>(response: Response): Promise<Body> {
  if (response.status === 204) return undefined as Body;
  // The contract's schemas are checked on the server; checking them again here would ship zod.
  return (await response.json()) as Body;
}

async function readProblem(response: Response): Promise<Partial<Problem>> {
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null) return {};
  // better-auth answers `{ code, message }` in its own vocabulary.
  const { message } = body as { readonly message?: unknown };
  const problem = body as Partial<Problem>;
  return typeof message === 'string' && problem.detail === undefined ? { ...problem, detail: message } : problem;
}
