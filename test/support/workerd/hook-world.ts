import { env } from 'cloudflare:workers';
import type { Delivery } from '../../../contract/deliveries.ts';
import type { RepositoryRef } from '../../../worker/engine/source-event.ts';
import type { TenantId } from '../../../worker/engine/ids.ts';
import { objectName } from '../../../worker/objects/names.ts';
import { gitHubSender } from '../senders/github.ts';
import { deliver, type Message, type PullRequestFacts, type PushFacts } from '../senders/sender.ts';
import { call, TestTenant } from './client.ts';
import { GitHubDouble } from './github-double.ts';

export const SHOP: Required<RepositoryRef> = { name: 'Example-Org/Shop', id: '4711' };
export const MALLORY: Required<RepositoryRef> = { name: 'Mallory/Shop', id: '666' };
const TOKEN = 'ghp_of_the_hook_world';

let count = 0;

/** A commit's id that nobody else has. */
export function newCommit(): string {
  count += 1;
  return count.toString(16).padStart(8, 'c').padEnd(40, '0');
}

/** A tenant with a connection to a GitHub, and a hook there for one repository. */
export class HookWorld {
  readonly tenant: TestTenant;
  readonly host: GitHubDouble;
  readonly connection: string;
  readonly hook: string;
  readonly secret: string;

  private constructor(of: {
    tenant: TestTenant;
    host: GitHubDouble;
    connection: string;
    hook: string;
    secret: string;
  }) {
    this.tenant = of.tenant;
    this.host = of.host;
    this.connection = of.connection;
    this.hook = of.hook;
    this.secret = of.secret;
  }

  static async create(host: GitHubDouble): Promise<HookWorld> {
    host.tokens.set(TOKEN, { login: 'ada', mayMakeHooks: true });
    const tenant = await TestTenant.create();
    const { id: connection } = await made<{ id: string }>(tenant, '/connections', {
      name: 'hub',
      kind: 'github',
      baseUrl: GitHubDouble.BASE,
      credentials: { kind: 'token', token: TOKEN },
    });
    const order = { repository: SHOP.name, byHand: true };
    const { id: hook, secret } = await made<{ id: string; secret: string }>(
      tenant,
      `/connections/${connection}/hooks`,
      order,
    );
    return new HookWorld({ tenant, host, connection, hook, secret });
  }

  /** A pipeline with a source at the hook's repository. */
  async save(name: string, triggers = '', more = 'BranchName: main', repository = SHOP.name): Promise<void> {
    await this.tenant.save(
      name,
      `
name: ${name}
${triggers}
stages:
  - name: Source
    actions:
      - name: Code
        type: Source/Connection
        configuration: { Connection: hub, FullRepositoryId: ${repository}, ${more} }
        outputs: [code]
  - name: Build
    actions: [{ name: make, commands: [make], inputs: [code] }]
`,
    );
  }

  push(facts: Partial<PushFacts> = {}): Message {
    return gitHubSender.push({
      ref: 'refs/heads/main',
      before: newCommit(),
      after: newCommit(),
      repository: SHOP,
      message: 'Sell more',
      ...facts,
    });
  }

  deletion(ref: string): Message {
    return gitHubSender.push({ ref, before: newCommit(), repository: SHOP, message: '' });
  }

  pullRequest(facts: Partial<PullRequestFacts> = {}): Message {
    return gitHubSender.pullRequest({
      change: 'opened',
      repository: SHOP,
      from: SHOP,
      title: 'Sell shoes',
      head: newCommit(),
      base: newCommit(),
      branch: 'shoes',
      ...facts,
    });
  }

  /** As the host sends it; answered before anything of it has been looked at. */
  send(message: Message, of: { id?: string; secret?: string; hook?: string } = {}): Promise<Response> {
    const { id = crypto.randomUUID(), secret = this.secret, hook = this.hook } = of;
    const { headers, body } = deliver(gitHubSender, message, secret, id);
    return call(`/api/v1/hooks/${hook}`, { method: 'POST', headers, body });
  }

  /** Sends it, and waits until the inbox has come to rest. */
  async deliver(message: Message, of: { id?: string } = {}): Promise<string> {
    const { id = crypto.randomUUID() } = of;
    const response = await this.send(message, { id });
    if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
    await response.body?.cancel();
    await this.inbox.settled(this.tenant.id as TenantId);
    return id;
  }

  /** Until the inbox has nothing to do any more. */
  async rest(): Promise<void> {
    await this.inbox.settled(this.tenant.id as TenantId);
  }

  async listed(query: string): Promise<readonly Delivery[]> {
    return (await this.tenant.get<{ items: Delivery[] }>(`/deliveries${query}`)).items;
  }

  get inbox() {
    return env.INBOXES.getByName(objectName.inbox(this.tenant.id as TenantId, this.hook));
  }

  /** What became of a delivery in the inbox: kinds of verdicts by pipeline, or of the whole. */
  async verdicts(id: string): Promise<Record<string, string>> {
    const found = await this.inbox.delivery(this.tenant.id as TenantId, id);
    if (found === null) return {};
    const { body, verdicts } = found.delivery;
    const outcome = body.outcome === undefined ? {} : { '': body.outcome.kind };
    return { ...outcome, ...Object.fromEntries(verdicts.map(({ target, verdict }) => [target.name, verdict.kind])) };
  }

  async executions(
    pipeline: string,
  ): Promise<readonly { id: string; trigger: { type: string; by: string; detail: string | null } }[]> {
    const { items } = await this.tenant.get<{
      items: { id: string; trigger: { type: string; by: string; detail: string | null } }[];
    }>(`/pipelines/${pipeline}/executions?limit=100`);
    return items;
  }
}

async function made<T>(tenant: TestTenant, path: string, body: unknown): Promise<T> {
  const response = await tenant.post(path, body);
  if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return response.json<T>();
}
