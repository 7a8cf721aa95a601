import { giteaApi } from 'gitea-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommitStatus, GitHost } from '../../../worker/hosts/git-host.ts';
import { gitea } from '../../../worker/hosts/gitea.ts';
import { type GiteaState, giteaRoutes } from '../../support/git-host-double/gitea.ts';
import { essence, GitHostDouble } from '../../support/git-host-double/server.ts';
import { portTo } from '../../support/host-port.ts';

/** A double that answers gitea-js, the client made from Gitea's own description of its API, as well as ours. */

const SHOP = 'example-org/shop';
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const aStatus = {
  context: 'millrace/web-shop/Build',
  state: 'running',
  description: 'Build runs',
  url: 'https://millrace.example/executions/1',
} satisfies CommitStatus;

const state: GiteaState = {
  branches: { main: A, 'release/1.0': B },
  tags: { 'v1.0': B },
  commits: [A, B],
  files: { 'docs/größe.md': 'größer ✓', large: 'x'.repeat(1024 * 1024 + 1) },
  comparisons: {},
  statuses: [],
  comments: [],
  hooks: [],
  pullRequestFiles: 0,
};
const double = new GitHostDouble(() => giteaRoutes(state));
let host: GitHost;
let theirs: ReturnType<typeof giteaApi>;

function hostWith(token: string): GitHost {
  const access = { kind: 'gitea', baseUrl: double.url, credentials: { kind: 'token', token } } as const;
  return gitea(access, { http: portTo(double.url), clock: { now: () => 0 } });
}

beforeAll(async () => {
  await double.listen();
  host = hostWith('good');
  theirs = giteaApi(double.url, { token: 'good', customFetch: fetch });
});
afterAll(() => double.close());
beforeEach(() => {
  state.statuses.length = 0;
  state.comments.length = 0;
  state.hooks.length = 0;
});

describe('requests', () => {
  it('are those that the client of others makes', async () => {
    const { repos } = theirs;
    const where = ['example-org', 'shop'] as const;
    state.comparisons[`${A}...${B}`] = { total: 1, commits: [['README.md']] };
    const ours = await double.during(async () => {
      await host.test();
      await host.repository(SHOP);
      await host.head(SHOP, 'release/1.0');
      await host.commit(SHOP, 'v1.0');
      await host.changedFiles(SHOP, A, B);
      await host.pullRequestFiles(SHOP, 7);
      await host.file(SHOP, A, 'docs/größe.md');
      await host.setStatus(SHOP, A, aStatus);
      await host.comment?.(SHOP, 7, '<!-- m -->', 'one');
      await host.comment?.(SHOP, 7, '<!-- m -->', 'two');
    });
    state.statuses.length = 0;
    state.comments.length = 0;
    const same = await double.during(async () => {
      await theirs.user.userGetCurrent();
      await repos.repoGet(...where);
      await repos.repoGetBranch(...where, 'release/1.0');
      await repos.repoGetTag(...where, 'v1.0');
      const query = { stat: false, verification: false, files: false };
      await repos.repoGetSingleCommit(...where, B, query);
      await repos.repoCompareDiff(...where, `${A}...${B}`);
      await repos.repoCompareDiff(...where, `${B}...${A}`).catch(() => undefined);
      await repos.repoGetPullRequestFiles(...where, 7, { limit: 50, page: 1 });
      await repos.repoGetContents(...where, 'docs/größe.md', { ref: A });
      await repos.repoGetCombinedStatusByRef(...where, A, { limit: 50 });
      const { context, description, url: target_url } = aStatus;
      await repos.repoCreateStatus(...where, A, { context, description, target_url, state: 'pending' });
      await repos.issueGetComments(...where, 7);
      await repos.issueCreateComment(...where, 7, { body: '<!-- m -->\none' });
      await repos.issueGetComments(...where, 7);
      await repos.issueEditComment(...where, 1, { body: '<!-- m -->\ntwo' });
    });
    expect(essence(ours)).toEqual(essence(same));
  });

  it('to set up a webhook are those of the client of others, and what it reads is what was set up', async () => {
    const { repos } = theirs;
    const config = { url: 'https://millrace.example/h', content_type: 'json', secret: 's' };
    const ours = await double.during(async () => {
      const { id } = await host.ensureHook(SHOP, config);
      await host.ensureHook(SHOP, { ...config, id });
      await host.hookState(SHOP, id);
      await host.removeHook(SHOP, id);
    });
    const same = await double.during(async () => {
      const where = ['example-org', 'shop'] as const;
      const events = ['push', 'pull_request'];
      await repos.repoListHooks(...where, { limit: 50, page: 1 });
      const { data } = await repos.repoCreateHook(...where, { type: 'gitea', active: true, events, config });
      expect(data).toMatchObject({ active: true, events, config: { url: config.url } });
      await repos.repoGetHook(...where, 1);
      await repos.repoEditHook(...where, 1, { active: true, events, config });
      await repos.repoGetHook(...where, 1);
      await repos.repoDeleteHook(...where, 1);
    });
    expect(essence(ours)).toEqual(essence(same));
  });
});

describe('commits', () => {
  it('are found by branch, tag and id', async () => {
    expect(await host.head(SHOP, 'main')).toMatchObject({ id: A, author: 'Gordon' });
    expect(await host.commit(SHOP, 'v1.0')).toMatchObject({ id: B, authoredAt: Date.parse('2026-11-25T11:00:00Z') });
    expect(await host.commit(SHOP, A)).toMatchObject({ id: A });
    expect(await host.head(SHOP, 'gone')).toBeUndefined();
    expect(await host.commit(SHOP, 'v9')).toBeUndefined();
    expect(await host.commit(SHOP, 'c'.repeat(40))).toBeUndefined();
  });

  it('of a repository that is not there are a failure', async () => {
    const code = 'RevisionUnavailable';
    await expect(host.head('example-org/gone', 'main')).rejects.toMatchObject({ code });
    await expect(host.commit('example-org/gone', 'v1.0')).rejects.toMatchObject({ code });
  });
});

describe('changed files', () => {
  const forth = `${A}...${B}`;
  const back = `${B}...${A}`;

  it('are those of all commits, in both directions', async () => {
    state.comparisons[forth] = {
      total: 2,
      commits: [
        ['a', 'b'],
        ['b', 'c'],
      ],
    };
    state.comparisons[back] = { total: 1, commits: [['gone']] };
    expect(await host.changedFiles(SHOP, A, B)).toEqual({ paths: ['a', 'b', 'c', 'gone'], isComplete: true });
  });

  it('of a new branch are what it adds to the default branch', async () => {
    state.comparisons[`main...${B}`] = { total: 1, commits: [['new']] };
    expect(await host.changedFiles(SHOP, undefined, B)).toEqual({ paths: ['new'], isComplete: true });
  });

  it('are not said to be all when they may not be', async () => {
    state.comparisons[back] = { total: 0, commits: [] };
    for (const comparison of [
      { total: 3, commits: [['a'], ['b']] },
      { total: 1, commits: [undefined] },
    ]) {
      state.comparisons[forth] = comparison;
      expect((await host.changedFiles(SHOP, A, B)).isComplete).toBe(false);
    }
    state.comparisons[`main...${B}`] = { total: 1, commits: [['new']] };
    expect(await host.changedFiles(SHOP, 'c'.repeat(40), B)).toEqual({ paths: ['new'], isComplete: false });
  });

  it('of a pull request come to the last page, however small the server makes its pages', async () => {
    state.pullRequestFiles = 95;
    const { paths, isComplete } = await host.pullRequestFiles(SHOP, 7);
    expect([paths.length, isComplete]).toEqual([95, true]);
  });
});

describe('files', () => {
  it('are read as text, if they are not too large', async () => {
    expect(await host.file(SHOP, A, 'docs/größe.md')).toBe('größer ✓');
    expect(await host.file(SHOP, A, 'gone')).toBeUndefined();
    await expect(host.file(SHOP, A, 'large')).rejects.toMatchObject({ message: 'large is larger than 1 MiB.' });
  });

  it('come all at once as an archive', async () => {
    const { body, format, topFolder } = await host.archive(SHOP, A);
    expect([await new Response(body as never).text(), format, topFolder]).toEqual(['a zip', 'zip', true]);
  });

  it('are cloned with the token', async () => {
    const url = `${double.url}/example-org/shop.git`;
    expect(await host.clone(SHOP)).toEqual({ url, user: 'oauth2', password: 'good' });
  });
});

describe('feedback', () => {
  it('that says nothing new is not sent again', async () => {
    const posts = async (act: () => Promise<unknown>): Promise<number> =>
      (await double.during(act)).filter(({ method }) => method !== 'GET').length;
    expect(await posts(() => host.setStatus(SHOP, A, aStatus))).toBe(1);
    expect(await posts(() => host.setStatus(SHOP, A, aStatus))).toBe(0);
    expect(await posts(() => host.setStatus(SHOP, A, { ...aStatus, state: 'cancelled' }))).toBe(1);
    expect(state.statuses).toMatchObject([{ status: 'error' }]);
    const comment = (): Promise<unknown> =>
      host.comment?.(SHOP, 7, '<!-- m -->', 'text') ?? Promise.reject(new Error());
    expect(await posts(comment)).toBe(1);
    expect(await posts(comment)).toBe(0);
  });
});

describe('credentials', () => {
  it('that are not known are refused', async () => {
    expect(await host.test()).toEqual({ name: 'gordon' });
    await expect(hostWith('bad').test()).rejects.toMatchObject({ code: 'PermissionError' });
  });

  it('of an app are of no use here', () => {
    const credentials = { kind: 'app', appId: '1', privateKey: 'x' } as const;
    const access = { kind: 'gitea', baseUrl: double.url, credentials } as const;
    expect(() => gitea(access, { http: portTo(double.url), clock: { now: () => 0 } })).toThrow('they have no apps');
  });
});
