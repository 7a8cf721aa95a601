import { beforeAll, describe, expect, it } from 'vitest';
import type { Follow } from '../../contract/follows.ts';
import { GitHubDouble } from '../support/workerd/github-double.ts';
import { HookWorld, MALLORY, newCommit, SHOP } from '../support/workerd/hook-world.ts';

const PATH = 'deploy/millrace.yaml';

let host: GitHubDouble;
let world: HookWorld;
beforeAll(async () => {
  host = GitHubDouble.open();
  world = await HookWorld.create(host);
});

const definition = (name: string, variable: string) => `
name: ${name}
variables: [{ name: ${variable}, default: x }]
stages:
  - name: Source
    actions:
      - name: Code
        type: Source/Connection
        configuration: { Connection: hub, FullRepositoryId: ${SHOP.name}, BranchName: trunk }
        outputs: [code]
`;

/** A commit with this text in the file. */
function commit(text: string): string {
  const sha = newCommit();
  host.files.set(`${sha}:${PATH}`, text);
  host.branches.set('trunk', sha);
  return sha;
}

const put = (name: string, more = {}) =>
  world.tenant.fetch(`/pipelines/${name}/follow`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ connection: 'hub', repository: SHOP.name, path: PATH, ...more }),
  });
const follow = (name: string) => world.tenant.get<Follow>(`/pipelines/${name}/follow`);
const versionOf = async (name: string) => (await world.tenant.get<{ version: number }>(`/pipelines/${name}`)).version;

/** A push whose commit has changed these files. */
function push(after: string, modified = [PATH], of = {}): Promise<string> {
  const message = world.push({ ref: 'refs/heads/trunk', after, ...of });
  const { head_commit: head } = message.payload as { head_commit: object };
  return world.deliver({ ...message, payload: { ...message.payload, commits: [{ ...head, added: [], modified }] } });
}

describe('a pipeline whose definition is a file', () => {
  it('is made from what the file says, on the default branch', async () => {
    const sha = commit(definition('coded', 'one'));
    const answer = await put('coded');
    expect(await answer.json()).toMatchObject({
      connection: 'hub',
      repository: SHOP.name,
      branch: 'trunk',
      path: PATH,
      commit: sha,
      version: 1,
      problem: null,
    });
    expect(await versionOf('coded')).toBe(1);
  });

  it('has a new version before the push that brings it starts anything', async () => {
    const sha = commit(definition('coded', 'two'));
    expect(await world.verdicts(await push(sha))).toEqual({ coded: 'Started' });
    expect(await follow('coded')).toMatchObject({ commit: sha, version: 2, problem: null });
    const [execution] = await world.executions('coded');
    const { variables } = await world.tenant.get<{ variables: object }>(`/executions/${execution?.id ?? ''}`);
    expect(variables).toEqual({ two: 'x' });
    expect(host.statuses).toContainEqual(
      expect.objectContaining({
        sha,
        context: 'millrace/coded/definition',
        state: 'success',
        description: 'Version 2 is in force.',
      }),
    );
  });

  it('stays as it was when the file is no definition, and the commit is told why', async () => {
    const sha = commit('name: coded\nstages: []\n');
    expect(await world.verdicts(await push(sha))).toEqual({ coded: 'Started' });
    const { version, problem } = await follow('coded');
    expect({ version, now: await versionOf('coded') }).toEqual({ version: 2, now: 2 });
    expect(problem?.errors).toMatchObject([{ path: 'stages' }]);
    const status = host.statuses.find((one) => one.sha === sha && one.context.endsWith('/definition'));
    expect(status).toMatchObject({ state: 'failure', description: expect.stringContaining('stages') as string });
  });

  it('cannot be given another name by its file', async () => {
    await push(commit(definition('stolen', 'three')));
    expect((await follow('coded')).problem?.message).toMatch(/named "stolen"/);
    expect((await world.tenant.fetch('/pipelines/stolen')).status).toBe(404);
  });

  it('is not changed by a pull request, another branch, another repository, or a push that leaves the file alone', async () => {
    const sha = commit(definition('coded', 'evil'));
    await world.deliver(world.pullRequest({ from: MALLORY, head: sha }));
    await push(sha, [PATH], { ref: 'refs/heads/dev' });
    await push(sha, [PATH], { repository: MALLORY });
    await push(sha, ['README.md']);
    expect(await versionOf('coded')).toBe(2);
  });

  it('is in the audit log as what the commit has saved', async () => {
    const { items } = await world.tenant.get<{ items: { actor: { name: string }; verb: string; after?: unknown }[] }>(
      '/audit?verb=pipeline%3Awrite',
    );
    const saved = items.filter(({ actor }) => actor.name.startsWith(`${SHOP.name}@`));
    expect(saved).toMatchObject([{ after: { version: 2, path: PATH } }]);
  });

  it('is saved by hand again once it follows nothing', async () => {
    const gone = await world.tenant.fetch('/pipelines/coded/follow', { method: 'DELETE' });
    expect(gone.status).toBe(204);
    await push(commit(definition('coded', 'four')));
    expect(await versionOf('coded')).toBe(2);
    expect((await world.tenant.fetch('/pipelines/coded/follow')).status).toBe(404);
  });

  it.each<[string, object, number, string]>([
    ['an unknown connection', { connection: 'nowhere' }, 404, 'connection_not_found'],
    ['an unknown branch', { branch: 'gone' }, 422, 'follow_refused'],
    ['a file that is not there', { path: 'nothing.yaml' }, 422, 'follow_refused'],
    ['a file outside of the repository', { path: '../secrets.yaml' }, 422, 'validation_failed'],
    ['an unknown repository', { repository: 'Example-Org/None' }, 422, 'follow_refused'],
  ])('refuses %s', async (_, order, status, code) => {
    const answer = await put('refused', order);
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({ status, body: { code } });
    expect((await world.tenant.fetch('/pipelines/refused')).status).toBe(404);
  });
});
