import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Badge } from '../../contract/badges.ts';
import type { Connection, RegisteredHook } from '../../contract/connections.ts';
import type { Delivery } from '../../contract/deliveries.ts';
import type { ActionView, ExecutionView } from '../../contract/executions.ts';
import type { HostKind } from '../../worker/hosts/git-host.ts';
import { GitServer } from '../support/git-server.ts';
import { LocalServer } from '../support/local-server.ts';
import { deliver, type Message } from '../support/senders/sender.ts';
import { azureDevOpsHost } from '../support/source-hosts/azure-devops.ts';
import { bitbucketDcHost } from '../support/source-hosts/bitbucket-dc.ts';
import { bitbucketHost } from '../support/source-hosts/bitbucket.ts';
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
  bitbucket: ['INPROGRESS', 'SUCCESSFUL'],
  'bitbucket-dc': ['INPROGRESS', 'SUCCESSFUL'],
  gitea: ['pending', 'success'],
  github: ['pending', 'success'],
  gitlab: ['running', 'success'],
};
const git = await GitServer.start({ user: 'x-access-token', password: TOKEN });
const gitHub = gitHubHost(git);
const HOSTS: readonly SourceHost[] = [
  gitHub,
  giteaHost(git),
  azureDevOpsHost(git),
  gitLabHost(git),
  bitbucketHost(git),
  bitbucketDcHost(git),
];

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
    await server.save(kind, pipeline(host));

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
    for (const context of [whole, build]) expect(statesOf(host, commit, context)).toEqual([begun, ended]);
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

describe('a pull request at github', () => {
  const secret = 'only for those who may push';
  const from = {
    'the repository itself': gitHub.repository,
    'a fork': { name: 'Mallory/Shop', id: '666' },
  };

  beforeAll(async () => {
    await server.client.send('PUT', '/secrets/shop-token', { value: secret });
    await server.save(
      'pulls',
      `
name: pulls
triggers: [{ source: Code, pullRequest: [{ events: [OPEN], branches: { includes: [main] } }] }]
stages:
  - name: Source
    actions: [${source(gitHub)}]
  - name: Build
    actions:
      - name: Make
        inputs: [code]
        outputVariables: [GREETING]
        commands: ['echo "GREETING=$(cat docs/greeting.txt)" >> "$MILLRACE_OUTPUT"']
  - name: Publish
    actions: [{ name: Ship, secrets: { TOKEN: shop-token }, commands: ['test -n "$TOKEN"'] }]
`,
    );
  });

  async function opened(of: keyof typeof from) {
    const head = await git.commit(gitHub.repository.name, {
      branch: `shoes of ${of}`.replaceAll(' ', '-'),
      files: { 'docs/greeting.txt': `Hello from ${of}` },
      message: 'Sell shoes',
    });
    gitHub.push(head);
    const message = gitHub.sender.pullRequest({
      change: 'opened',
      repository: gitHub.repository,
      from: from[of],
      title: 'Sell shoes',
      head,
      base: 'a'.repeat(40),
      branch: 'shoes',
    });
    const { id } = await started('pulls', await delivered(gitHub, message));
    const execution = await server.until(id, ({ endedAt }) => endedAt !== null);
    return { head, execution };
  }

  it('from the repository itself runs with its secrets', async () => {
    const { execution } = await opened('the repository itself');
    expect(execution.status).toBe('Succeeded');
    expect(execution.revisions).toMatchObject([{ isUntrusted: false }]);
  });

  it('from a fork runs, and what asks for a secret is refused', async () => {
    const { head, execution } = await opened('a fork');
    expect(execution.status).toBe('Failed');
    expect(execution.revisions).toMatchObject([{ id: head, isUntrusted: true }]);
    expect(outputsOf(execution, 'Make')).toEqual({ GREETING: 'Hello from a fork' });
    expect(actionOf(execution, 'Ship')).toMatchObject({
      status: 'Failed',
      error: { message: expect.stringContaining('TOKEN: what comes from a fork gets no secrets') as string },
    });
    await expect
      .poll(() => lastStates(gitHub, head), SOON)
      .toEqual({
        'millrace/pulls': 'failure',
        'millrace/pulls/Source': 'success',
        'millrace/pulls/Build': 'success',
        'millrace/pulls/Publish': 'failure',
      });
    // One comment a pull request: what it said before was rewritten.
    await expect
      .poll(() => gitHub.state.comments.map(({ body }) => body), SOON)
      .toEqual([expect.stringContaining('| Publish | Failed |')]);
    expect(gitHub.state.comments[0]?.body).toContain(`(${publicUrl}/executions/${execution.id})`);
  });
});

describe('a clone from github', () => {
  it('is made by git itself, with all of the history, and leaves no credentials to the job', async () => {
    await server.save(
      'cloned',
      `
name: cloned
stages:
  - name: Source
    actions: [${source(gitHub, ', OutputArtifactFormat: CLONE_REF')}]
  - name: Build
    actions:
      - name: Make
        inputs: [code]
        outputVariables: [HEAD, BRANCH, COMMITS]
        commands:
          - echo "HEAD=$(git rev-parse HEAD)" >> "$MILLRACE_OUTPUT"
          - echo "BRANCH=$(git rev-parse --abbrev-ref HEAD)" >> "$MILLRACE_OUTPUT"
          - echo "COMMITS=$(git rev-list --count HEAD)" >> "$MILLRACE_OUTPUT"
          - if GIT_TERMINAL_PROMPT=0 git fetch; then exit 1; fi
`,
    );
    const commit = await commitTo(gitHub, 'main', { 'docs/greeting.txt': 'Hello again' });
    const { id } = await started('cloned', await delivered(gitHub, push(gitHub, commit)));
    const execution = await server.until(id, ({ endedAt }) => endedAt !== null);
    expect(execution.status).toBe('Succeeded');
    expect(outputsOf(execution, 'Make')).toEqual({ HEAD: commit, BRANCH: 'main', COMMITS: '2' });
    const { text } = await server.log(id, 'Build', 'Make');
    expect(text).toContain('could not read Username');
  });
});

/** What the host was told under one name, one after the other. */
function statesOf(host: SourceHost, commit: string, context: string): readonly string[] {
  return statusesOf(host, commit).flatMap((status) => (status.context === context ? [status.state] : []));
}

/** What stands at the commit in the end, by context. */
function lastStates(host: SourceHost, commit: string): Readonly<Record<string, string>> {
  return Object.fromEntries(statusesOf(host, commit).map(({ context, state }) => [context, state]));
}

function source({ kind, repository: { name } }: SourceHost, more = ''): string {
  const configuration = `{ Connection: ${kind}, FullRepositoryId: ${name}, BranchName: main${more} }`;
  return `{ name: Code, type: Source/Connection, configuration: ${configuration}, outputs: [code], namespace: src }`;
}

/** Its build waits until it may, and proves which tree it has. */
function pipeline(host: SourceHost): string {
  return `
name: ${host.kind}
stages:
  - name: Source
    actions: [${source(host)}]
  - name: Build
    actions:
      - name: Make
        inputs: [code]
        outputVariables: [GREETING, COMMIT]
        environment: { COMMIT: '#{src.CommitId}' }
        commands:
          - while [ ! -e ${scratch}/${host.kind} ]; do sleep 0.1; done
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

function actionOf({ stages }: ExecutionView, name: string): ActionView | undefined {
  return stages.flatMap(({ actions }) => actions).find((action) => action.name === name);
}

function outputsOf(execution: ExecutionView, name: string): Readonly<Record<string, string>> | undefined {
  return actionOf(execution, name)?.outputs;
}
