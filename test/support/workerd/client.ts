import { env, exports } from 'cloudflare:workers';
import { CloseCode } from '../../../contract/close-codes.ts';
import type { ExecutionSummary, ExecutionView } from '../../../contract/executions.ts';

const ORIGIN = 'https://millrace.test';

/** The Worker under test, as HTTP sees it. */
export function call(path: string, init: RequestInit = {}): Promise<Response> {
  return (exports as unknown as { default: Fetcher }).default.fetch(new Request(`${ORIGIN}${path}`, init));
}

/** One tenant with its tokens; every suite makes its own. */
export class TestTenant {
  readonly id: string;
  readonly token: string;
  readonly runnerToken: string;
  readonly cookie: string;

  constructor(of: { id: string; token: string; runnerToken: string; cookie: string }) {
    this.id = of.id;
    this.token = of.token;
    this.runnerToken = of.runnerToken;
    this.cookie = of.cookie;
  }

  static async create(slug = `t${crypto.randomUUID().slice(0, 8)}`): Promise<TestTenant> {
    const email = `${slug}@example.com`;
    const password = 'correct horse battery';
    const signUp = await json('/api/auth/sign-up/email', { name: 'Ada', email, password });
    const cookie = cookieOf(signUp);
    const made = await json('/api/auth/organization/create', { name: slug, slug }, { cookie });
    const { id } = await made.json<{ id: string }>();
    const tokenOf = async (kind: string): Promise<string> => {
      const answer = await json('/api/v1/tokens', { name: kind, kind }, { cookie });
      return (await answer.json<{ token: string }>()).token;
    };
    return new TestTenant({ id, token: await tokenOf('service'), runnerToken: await tokenOf('runner'), cookie });
  }

  /** A person with this role in the tenant: their session. */
  async member(role: string): Promise<string> {
    const email = `${role}-${crypto.randomUUID().slice(0, 8)}@example.com`;
    const signUp = await json('/api/auth/sign-up/email', { name: role, email, password: 'correct horse battery' });
    const { user } = await signUp.json<{ user: { id: string } }>();
    await env.DB.prepare('INSERT INTO member (id, organization_id, user_id, role, created_at) VALUES (?, ?, ?, ?, ?)')
      .bind(crypto.randomUUID(), this.id, user.id, role, Date.now())
      .run();
    // The session is made for the first tenant of a person, so they sign in again.
    return cookieOf(await json('/api/auth/sign-in/email', { email, password: 'correct horse battery' }));
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization') && !headers.has('cookie')) headers.set('authorization', `Bearer ${this.token}`);
    return call(`/api/v1${path}`, { ...init, headers });
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.fetch(path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return response.json<T>();
  }

  putYaml(name: string, yaml: string): Promise<Response> {
    return this.fetch(`/pipelines/${name}`, {
      method: 'PUT',
      body: yaml,
      headers: { 'content-type': 'application/yaml' },
    });
  }

  async save(name: string, yaml: string): Promise<void> {
    const response = await this.putYaml(name, yaml);
    if (!response.ok) throw new Error(`PUT ${name}: ${response.status} ${await response.text()}`);
  }

  async start(name: string, order: unknown = {}): Promise<ExecutionSummary> {
    const response = await this.post(`/pipelines/${name}/executions`, order);
    if (response.status !== 201) throw new Error(`start ${name}: ${response.status} ${await response.text()}`);
    return response.json<ExecutionSummary>();
  }

  execution(id: string): Promise<ExecutionView & { seq: number }> {
    return this.get(`/executions/${id}`);
  }

  /** Opens a WebSocket; throws with the status when it is refused. */
  async socket(path: string, token = this.token): Promise<WebSocket> {
    const response = await this.fetch(path, { headers: { upgrade: 'websocket', authorization: `Bearer ${token}` } });
    const socket = response.webSocket;
    if (socket === null) throw new Error(`no socket at ${path}: ${response.status} ${await response.text()}`);
    socket.binaryType = 'arraybuffer';
    socket.accept();
    return socket;
  }

  /** Follows the execution's own feed until `condition` holds; no polling, no sleeping. */
  async until(id: string, condition: (execution: ExecutionView) => boolean): Promise<ExecutionView> {
    for (;;) {
      const socket = await this.socket(`/executions/${id}/live`);
      const closed = new Promise<number>((resolve) => {
        socket.addEventListener('close', ({ code }) => resolve(code));
      });
      try {
        for await (const _ of messages(socket)) {
          const execution = await this.execution(id);
          if (condition(execution)) return execution;
        }
      } finally {
        socket.close();
      }
      if ((await closed) !== (CloseCode.Moved as number)) throw new Error('the feed ended');
    }
  }

  async ended(id: string): Promise<ExecutionView> {
    return this.until(id, ({ endedAt }) => endedAt !== null);
  }
}

export async function* messages(socket: WebSocket): AsyncGenerator<string | ArrayBuffer> {
  const queue: (string | ArrayBuffer)[] = [];
  const state = { isOpen: true };
  let wake = (): void => undefined;
  socket.addEventListener('message', ({ data }) => {
    queue.push(data as string | ArrayBuffer);
    wake();
  });
  socket.addEventListener('close', () => {
    state.isOpen = false;
    wake();
  });
  for (;;) {
    const next = queue.shift();
    if (next !== undefined) yield next;
    else if (!state.isOpen) return;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}

async function json(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const response = await call(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', origin: ORIGIN, ...headers },
  });
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return response;
}

function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}
