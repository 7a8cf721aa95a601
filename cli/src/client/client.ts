import { ApiError } from './problem.ts';

export interface Server {
  /** Like http://localhost:8787, without a path. */
  readonly url: string;
  readonly token: string;
}

/** The REST API with a token. Answers that are errors are thrown as ApiError. */
export class Client {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  get url(): string {
    return this.#server.url;
  }

  address(path: string): string {
    return `${this.#server.url.replace(/\/$/, '')}/api/v1${path}`;
  }

  /** For a WebSocket: the same address with the other scheme, and the headers that open it. */
  socket(path: string): { readonly address: string; readonly headers: Readonly<Record<string, string>> } {
    return { address: this.address(path).replace(/^http/, 'ws'), headers: this.#authorization() };
  }

  async fetch(path: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.#authorization())) headers.set(name, value);
    const response = await fetch(this.address(path), { ...init, headers }).catch((error: unknown) => {
      throw new Error(`${this.#server.url} cannot be reached: ${reasonOf(error)}`, { cause: error });
    });
    if (!response.ok) throw await ApiError.from(response);
    return response;
  }

  async get(path: string): Promise<unknown> {
    return (await this.fetch(path)).json();
  }

  async send(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const response = await this.fetch(path, { method, headers, body: JSON.stringify(body) });
    return response.status === 204 ? undefined : response.json();
  }

  #authorization(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.#server.token}` };
  }
}

/** `fetch` itself says no more than that it failed; its cause, which may be several in one, knows why. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  if (!(cause instanceof Error)) return message;
  return cause.message === '' ? ((cause as NodeJS.ErrnoException).code ?? message) : cause.message;
}
