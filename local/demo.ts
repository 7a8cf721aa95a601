import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { fileBody } from '../cli/src/client/artifacts.ts';
import { Client } from '../cli/src/client/client.ts';
import { filesOf } from '../cli/src/client/project.ts';
import { pack } from '../cli/src/runner/archive.ts';
import type { StateFolder } from './state-folder.ts';

const EMAIL = 'demo@millrace.local';
const SLUG = 'demo';

const Demo = z.object({
  url: z.string(),
  tenant: z.string(),
  email: z.string(),
  password: z.string(),
  token: z.string(),
  runnerToken: z.string(),
  project: z.string(),
});
export type Demo = z.infer<typeof Demo>;

/** Undefined before the first start has come so far. */
export function knownDemo(state: StateFolder): Demo | undefined {
  return state.readJson('demo.json', Demo);
}

/**
 * The first start's demo tenant, made through the same API that everybody uses. Every step can be taken again, so a crash in
 * the middle only means that the next start goes on.
 */
export async function demoTenant(
  state: StateFolder,
  url: string,
  project: string,
): Promise<{ demo: Demo; isNew: boolean }> {
  const known = knownDemo(state);
  if (known !== undefined) {
    const demo = { ...known, url };
    if (known.url !== url) state.writeJson('demo.json', demo);
    return { demo, isNew: false };
  }
  const password = state.secrets.demoPassword;
  const person = new Person(url);
  await person.signIn(EMAIL, password);
  const tenant = await person.tenant(SLUG);
  const demo: Demo = {
    url,
    tenant,
    email: EMAIL,
    password,
    token: await person.token('Demo', 'service'),
    runnerToken: await person.token('Local runner', 'runner'),
    project,
  };
  state.writeJson('demo.json', demo);
  return { demo, isNew: true };
}

/** Saves the example's pipeline, uploads its folder and starts it. Answers with the address to watch it at. */
export async function startDemo({ url, token, project }: Demo): Promise<string> {
  const client = new Client({ url, token });
  await client.fetch('/pipelines/greeter', {
    method: 'PUT',
    body: readFileSync(join(project, 'millrace.yaml'), 'utf8'),
    headers: { 'content-type': 'application/yaml' },
  });
  const file = join(tmpdir(), `millrace-demo-${process.pid}.tar.gz`);
  try {
    const archive = await pack(project, await filesOf(project), file);
    const { headers, ...body } = fileBody(file, (await stat(file)).size);
    await client.fetch(`/sources/greeter/Checkout?summary=${encodeURIComponent('the example as it came')}`, {
      method: 'PUT',
      ...body,
      headers: { ...headers, 'content-type': 'application/gzip', 'x-millrace-digest': archive.digest },
    });
  } finally {
    rmSync(file, { force: true });
  }
  const response = await client.fetch('/pipelines/greeter/executions', {
    method: 'POST',
    body: JSON.stringify({ reason: 'First start' }),
    headers: { 'content-type': 'application/json', 'idempotency-key': 'first-start' },
  });
  const { id } = (await response.json()) as { id: string };
  return `${url}/executions/${id}`;
}

/** Somebody with a browser, as far as the API can tell. */
class Person {
  readonly #url: string;
  #cookie = '';

  constructor(url: string) {
    this.#url = url;
  }

  async signIn(email: string, password: string): Promise<void> {
    const signUp = await this.#send('/api/auth/sign-up/email', { name: 'Demo', email, password });
    // An earlier start may have got this far.
    const response = signUp.ok ? signUp : await this.#send('/api/auth/sign-in/email', { email, password });
    if (!response.ok) throw new Error(`the demo account: ${response.status} ${await response.text()}`);
    this.#cookie = response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  }

  async tenant(slug: string): Promise<string> {
    const made = await this.#send('/api/auth/organization/create', { name: 'Demo', slug });
    if (made.ok) return ((await made.json()) as { id: string }).id;
    const list = await this.#send('/api/auth/organization/list', undefined);
    const found = ((await list.json()) as { id: string; slug: string }[]).find((tenant) => tenant.slug === slug);
    if (found === undefined) throw new Error(`the demo tenant: ${made.status} ${await made.text()}`);
    return found.id;
  }

  async token(name: string, kind: 'service' | 'runner'): Promise<string> {
    const response = await this.#send('/api/v1/tokens', { name, kind });
    if (!response.ok) throw new Error(`the demo token: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { token: string }).token;
  }

  #send(path: string, body: object | undefined): Promise<Response> {
    const headers = { origin: this.#url, cookie: this.#cookie, 'content-type': 'application/json' };
    return fetch(
      `${this.#url}${path}`,
      body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
    );
  }
}
