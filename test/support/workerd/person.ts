import { env } from 'cloudflare:workers';
import { call } from './client.ts';

export const ORIGIN = 'https://millrace.test';
export const PASSWORD = 'correct horse battery';

type Send = (path: string, init?: RequestInit) => Promise<Response>;

/** Somebody with a browser: keeps cookies, and says where requests come from. */
export class Person {
  readonly email: string;
  readonly #send: Send;
  readonly #cookies = new Map<string, string>();

  constructor(email = `p${crypto.randomUUID().slice(0, 12)}@example.com`, send: Send = call) {
    this.email = email;
    this.#send = send;
  }

  static async signedUp(name = 'Ada'): Promise<Person> {
    const person = new Person();
    await person.ok('POST', '/api/auth/sign-up/email', { name, email: person.email, password: PASSWORD });
    return person;
  }

  /** A person, and a tenant that they have made and are in. */
  static async withTenant(slug = `t${crypto.randomUUID().slice(0, 8)}`): Promise<{ owner: Person; tenant: string }> {
    const owner = await Person.signedUp('Owner');
    const { id } = await owner.ok<{ id: string }>('POST', '/api/v1/tenants', { name: slug, slug });
    return { owner, tenant: id };
  }

  signIn(password = PASSWORD): Promise<Response> {
    return this.fetch('POST', '/api/auth/sign-in/email', { email: this.email, password });
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async fetch(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const response = await this.#send(path, {
      method,
      headers: { origin: ORIGIN, cookie: this.cookie, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';');
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const isGone = attributes.some((attribute) => attribute.trim().toLowerCase() === 'max-age=0');
      if (isGone) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  async ok<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.fetch(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** The status, and the code of the problem. */
  async refused(method: string, path: string, body?: unknown): Promise<string> {
    const response = await this.fetch(method, path, body);
    const { code } = await response.json<{ code?: string }>();
    return `${response.status} ${code ?? ''}`;
  }

  async id(): Promise<string> {
    const row = await env.DB.prepare('SELECT id FROM user WHERE email = ?').bind(this.email).first<{ id: string }>();
    return row?.id ?? '';
  }
}
