import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Badge } from '../../contract/badges.ts';
import type { Connection, RegisteredHook } from '../../contract/connections.ts';
import type { Delivery } from '../../contract/deliveries.ts';
import type { ExecutionView } from '../../contract/executions.ts';
import type { HostKind } from '../../worker/hosts/git-host.ts';
import { GitServer } from '../support/git-server.ts';
import { LocalServer } from '../support/local-server.ts';
import { deliver, type Message } from '../support/senders/sender.ts';
import { azureDevOpsHost } from '../support/source-hosts/azure-devops.ts';
import { giteaHost } from '../support/source-hosts/gitea.ts';
import { gitHubHost } from '../support/source-hosts/github.ts';
import { gitLabHost } from '../support/source-hosts/gitlab.ts';
import { hookOf, type SourceHost, statusesOf } from '../support/source-hosts/source-host.ts';

/** Every Git host, from the connection to the status at the commit: the real server, a real runner, and hosts that speak HTTP. */

const TOKEN = 'good';
const SOON = { timeout: 20_000 };
/** What hosts call a status of what runs, and of what has succeeded. */
const WORDS: Readonly<Partial<Record<HostKind, readonly [begun: string, ended: string]>>> = {
  'azure-devops': ['pending', 'succeeded'],
  gitea: ['pending', 'success'],
  github: ['pending', 'success'],
  gitlab: ['running', 'success'],
};
const git = await GitServer.start({ user: 'x-access-token', password: TOKEN });
const gitHub = gitHubHost(git);
const HOSTS: readonly SourceHost[] = [gitHub, giteaHost(git), azureDevOpsHost(git), gitLabHost(git)];

const scratch = mkdtempSync(join(tmpdir(), 'millrace-sources-'));
let server: LocalServer;
/** Another address of the server than the one that this test uses. */
let publicUrl: string;

beforeAll(async () => {
  server = await LocalServer.create();
  publicUrl = `http://127.0.0.1:${server.port}`;
  await Promise.all(HOSTS.map(({ double }) => double.listen()));
  await server.start({ MILLRACE_PUBLIC_URL: publicUrl, MILLRACE_PRIVATE_HOSTS: '127.0.0.1,localhost' });
});
afterAll(async () => {
  await server.remove();
  await Promise.all(HOSTS.map(({ double }) => double.close()));
  await git.stop();
  rmSync(scratch, { recursive: true, force: true });
});

describe.each(HOSTS)('$kind', (host) => {
  const { kind, repository } = host;
  const [begun, ended] = WORDS[kind] ?? [];
  let commit: string;

  beforeAll(async () => {
    commit = await commitTo(host, 'main', { 'docs/greeting.txt': `Hello from ${kind}` });
  });

  it('has a connection that was tested, and a hook with an address and a secret', async () => {
    const order = { name: kind, kind, ...host.connection };
    const connection = (await server.client.send('POST', '/connections', order)) as Connection;
    expect(connection.lastTest).toMatchObject({ ok: true, problem: null });

    const path = `/connections/${connection.id}/hooks`;
    const hook = (await server.client.send('POST', path, { repository: repository.name })) as RegisteredHook;
    expect(hook).toMatchObject({ isByHand: false, secret: null, health: { state: 'active' } });
    expect(hookOf(host).url).toBe(`${publicUrl}/api/v1/hooks/${hook.id}`);
    expect(hookOf(host).secret.length).toBeGreaterThan(30);
  });

  it('starts an execution from a signed push, which builds the commit and reports its status back', async () => {
    await server.save(kind, pipeline(kind, host));

    const { id } = await started(kind, await delivered(host, push(host, commit)));

    const contexts = [`millrace/${kind}`, `millrace/${kind}/Source`, `millrace/${kind}/Build`];
    const [whole = '', source = '', build = ''] = contexts;
    await expect
      .poll(() => lastStates(host, commit), SOON)
      .toEqual({ [whole]: begun, [source]: ended, [build]: begun });
    writeFileSync(join(scratch, kind), '');
    const execution = await server.until(id, ({ endedAt }) => endedAt !== null);

    expect(execution.status).toBe('Succeeded');
    expect(execution.trigger).toMatchObject({ type: 'WebhookV2', by: expect.stringContaining('octocat') as string });
    expect(execution.revisions).toMatchObject([{ action: 'Code', id: commit, branch: 'main', isUntrusted: false }]);
    expect(outputsOf(execution, 'Make')).toEqual({ GREETING: `Hello from ${kind}`, COMMIT: commit });
    await expect
      .poll(() => lastStates(host, commit), SOON)
      .toEqual({ [whole]: ended, [source]: ended, [build]: ended });
    const urls = new Set(statusesOf(host, commit).map(({ url }) => url));
    expect(urls).toEqual(new Set([`${publicUrl}/executions/${id}`]));
    const { url: picture } = (await server.client.get(`/pipelines/${kind}/badge`)) as Badge;
    expect(await (await fetch(picture)).text()).toContain(`<title>${kind}: succeeded</title>`);
  });

  it('starts nothing that is not signed with that secret', async () => {
    const before = await deliveriesTo(kind);
    const response = await send(host, push(host, commit), 'another secret that is long enough');
    expect(response.status).toBe(401);
    expect(await deliveriesTo(kind)).toEqual(before);
  });
});

/** What stands at the commit in the end, by context. */
function lastStates(host: SourceHost, commit: string): Readonly<Record<string, string>> {
  return Object.fromEntries(statusesOf(host, commit).map(({ context, state }) => [context, state]));
}

/** Its build proves which tree it has. */
function pipeline(name: string, { kind, repository }: SourceHost, more = ''): string {
  return `
name: ${name}
stages:
  - name: Source
    actions:
      - name: Code
        type: Source/Connection
        configuration: { Connection: ${kind}, FullRepositoryId: ${repository.name}, BranchName: main${more} }
        outputs: [code]
        namespace: src
  - name: Build
    actions:
      - name: Make
        inputs: [code]
        outputVariables: [GREETING, COMMIT]
        environment: { COMMIT: '#{src.CommitId}' }
        commands:
          - while [ ! -e ${scratch}/${name} ]; do sleep 0.1; done
          - cat docs/greeting.txt
          - echo "GREETING=$(cat docs/greeting.txt)" >> "$MILLRACE_OUTPUT"
          - echo "COMMIT=$COMMIT" >> "$MILLRACE_OUTPUT"
`;
}

async function commitTo(host: SourceHost, branch: string, files: Readonly<Record<string, string>>): Promise<string> {
  const commit = await git.commit(host.repository.name, { branch, files, message: 'Fix it' });
  host.push(commit, branch);
  return commit;
}

function push({ sender, repository }: SourceHost, after: string): Message {
  return sender.push({ ref: 'refs/heads/main', before: 'a'.repeat(40), after, repository, message: 'Fix it' });
}

/** As the host does it, with what it was given. Answers with the delivery's id. */
async function delivered(host: SourceHost, message: Message): Promise<string> {
  const response = await send(host, message, hookOf(host).secret);
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

/** The execution of a pipeline that a delivery has started. */
async function started(name: string, id: string): Promise<{ readonly id: string }> {
  const verdict = async () =>
    (await deliveriesTo(name))
      .find((delivery) => delivery.id === id)
      ?.verdicts.find(({ pipeline: target }) => target === name);
  await expect.poll(verdict, SOON).toMatchObject({ kind: 'Started' });
  return { id: (await verdict())?.execution ?? '' };
}

async function deliveriesTo(name: string): Promise<readonly Delivery[]> {
  return ((await server.client.get(`/deliveries?pipeline=${name}`)) as { items: Delivery[] }).items;
}

async function send(host: SourceHost, message: Message, secret: string): Promise<Response> {
  const { headers, body } = deliver(host.sender, message, secret, crypto.randomUUID());
  return fetch(hookOf(host).url, { method: 'POST', headers, body });
}

function outputsOf({ stages }: ExecutionView, name: string): Readonly<Record<string, string>> | undefined {
  return stages.flatMap(({ actions }) => actions).find((action) => action.name === name)?.outputs;
}
