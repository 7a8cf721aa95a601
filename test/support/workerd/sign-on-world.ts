import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { createApp } from '../../../worker/api/app.ts';
import { apiParts } from '../../../worker/composition.ts';
import type { Said } from '../open-id-provider.ts';
import { ORIGIN, PASSWORD, Person } from './person.ts';

const RESOLVER = 'https://resolver.millrace.test/dns-query';

/** An installation where tenants sign on with their own providers, and the names that those tenants have published. */
export class SignOnWorld {
  readonly texts = new Map<string, string[]>();
  isResolverDown = false;
  /** What providers say of themselves that exist nowhere else, by issuer. */
  readonly metadata = new Map<string, object>();
  /** Every address that was gone to. */
  readonly asked: string[] = [];
  readonly app: ReturnType<typeof createApp>;
  readonly #env: Cloudflare.Env;

  constructor(issuers: readonly string[], settings: Readonly<Record<string, string>> = {}) {
    const hosts = issuers.map((issuer) => new URL(issuer).host).join(',');
    const changed = { MILLRACE_PRIVATE_HOSTS: hosts, MILLRACE_DNS_RESOLVER: RESOLVER, ...settings };
    this.#env = { ...env, ...changed };
    this.app = createApp(apiParts(this.#env));
    const real = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.href.startsWith(RESOLVER)) return this.#resolve(url);
      this.asked.push(url.href);
      const said = this.metadata.get(url.href.replace(/\/\.well-known\/.*$/, ''));
      if (said !== undefined) return Response.json(said);
      return url.hostname === 'mail.millrace.test' ? Response.json({ id: 'taken' }) : real(input, init);
    });
  }

  send = async (path: string, init?: RequestInit): Promise<Response> => {
    const waiting: Promise<unknown>[] = [];
    const ctx = {
      waitUntil: (one: Promise<unknown>) => void waiting.push(one),
      passThroughOnException: () => undefined,
    };
    const response = await this.app.fetch(new Request(`${ORIGIN}${path}`, init), this.#env, ctx as never);
    await Promise.all(waiting);
    return response;
  };

  person(email?: string): Person {
    return new Person(email, this.send);
  }

  #resolve(url: URL): Response {
    if (this.isResolverDown) return Response.json({ Status: 2 });
    const name = url.searchParams.get('name') ?? '';
    if (url.searchParams.get('type') === 'A') {
      const data = name.startsWith('inside.') ? '10.0.0.1' : '203.0.114.1';
      return Response.json({ Status: 0, Answer: [{ name, type: 1, data }] });
    }
    if (url.searchParams.get('type') !== 'TXT') return Response.json({ Status: 0 });
    const Answer = (this.texts.get(name) ?? []).map((text) => ({ name, type: 16, data: `"${text}"` }));
    return Response.json({ Status: 0, Answer });
  }
}

/** A tenant with a provider of its own, and all that its admin can do. */
export class Company {
  readonly world: SignOnWorld;
  readonly owner: Person;
  readonly tenant: string;
  readonly issuer: string;
  readonly domain: string;
  readonly client: { readonly clientId: string; readonly clientSecret: string };

  private constructor(of: Pick<Company, 'world' | 'owner' | 'tenant' | 'issuer' | 'domain' | 'client'>) {
    this.world = of.world;
    this.owner = of.owner;
    this.tenant = of.tenant;
    this.issuer = of.issuer;
    this.domain = of.domain;
    this.client = of.client;
  }

  static async founded(world: SignOnWorld, issuer: string, more: object = {}): Promise<Company> {
    const slug = `c${crypto.randomUUID().slice(0, 8)}`;
    const owner = world.person();
    await signedUp(owner, 'Owner');
    const { id: tenant } = await owner.ok<{ id: string }>('POST', '/api/v1/tenants', { name: slug, slug });
    const client = await registered(issuer, `${ORIGIN}/api/v1/sign-on/callback/${tenant}`);
    const company = new Company({ world, owner, tenant, issuer, domain: `${slug}.example`, client });
    await owner.ok('PUT', '/api/v1/tenant/sign-on', { issuer, ...client, ...more });
    await company.prove(company.domain);
    return company;
  }

  async prove(domain: string): Promise<void> {
    await this.publish(domain);
    await this.owner.ok('POST', `/api/v1/tenant/sign-on/domains/${domain}/check`);
  }

  async publish(domain: string): Promise<void> {
    const { record } = await this.owner.ok<{ record: string }>('POST', '/api/v1/tenant/sign-on/domains', { domain });
    this.world.texts.set(domain, [...(this.world.texts.get(domain) ?? []), record]);
  }

  address(name: string): string {
    return `${name}@${this.domain}`;
  }

  /** A member who has a password of their own. */
  async employs(name: string, role = 'operator'): Promise<Person> {
    const person = this.world.person(this.address(name));
    await signedUp(person, name);
    await this.invites(person, role);
    return person;
  }

  async invites(person: Person, role: string): Promise<void> {
    const { id } = await this.owner.ok<{ id: string }>('POST', '/api/v1/invitations', { email: person.email, role });
    await person.ok('POST', `/api/v1/invitations/${id}/accept`);
  }

  /** Somebody who comes to the sign-in page, goes to the provider, and comes back as whomever it says. */
  async signOn(
    said: Said,
    browser: Person = this.world.person(),
  ): Promise<{ readonly person: Person; readonly at: string }> {
    const back = await this.cameBack(said, browser);
    return { person: browser, at: await landed(browser, back) };
  }

  /** What the provider sends the browser back with. */
  async cameBack(said: Said, browser: Person, email = this.address('anybody')): Promise<URL> {
    const { url } = await browser.ok<{ url: string }>('POST', '/api/v1/sign-on/start', {
      email,
      returnTo: '/pipelines',
    });
    return atProvider(url, this.issuer, said);
  }
}

export async function signedUp(person: Person, name: string): Promise<void> {
  await person.ok('POST', '/api/auth/sign-up/email', { name, email: person.email, password: PASSWORD });
}

/** Where the callback leads: a page, or the reason. */
export async function landed(browser: Person, back: URL): Promise<string> {
  const response = await browser.fetch('GET', `${back.pathname}${back.search}`);
  const location = response.headers.get('location');
  if (response.status !== 302 || location === null) {
    throw new Error(`callback: ${response.status} ${await response.text()}`);
  }
  const { origin, pathname, searchParams } = new URL(location);
  if (origin !== ORIGIN) throw new Error(`sent away to ${location}`);
  return searchParams.get('error') ?? pathname;
}

/** Logs in at the provider as whomever it says, and follows it until it sends the browser back to us. */
export async function atProvider(url: string, issuer: string, said: Said): Promise<URL> {
  await fetch(`${issuer}/next`, { method: 'PUT', body: JSON.stringify(said) });
  const cookies = new Map<string, string>();
  let at = new URL(url);
  for (let hop = 0; hop < 10; hop += 1) {
    if (at.origin === ORIGIN) return at;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(';')[0] ?? '';
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    if (location === null) {
      throw new Error(`the provider stops at ${at.href}: ${response.status} ${await response.text()}`);
    }
    at = new URL(location, at);
  }
  throw new Error('the provider sends people round in circles');
}

async function registered(issuer: string, redirectUri: string): Promise<Company['client']> {
  const response = await fetch(`${issuer}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [redirectUri] }),
  });
  const { client_id: clientId, client_secret: clientSecret } = await response.json<Record<string, string>>();
  if (clientId === undefined || clientSecret === undefined) throw new Error('the provider registers nobody');
  return { clientId, clientSecret };
}
