import { createBitbucketServerClient } from '@coderabbitai/bitbucket/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bitbucketDc } from '../../../worker/hosts/bitbucket-dc.ts';
import type { CommitStatus, GitHost } from '../../../worker/hosts/git-host.ts';
import { type BitbucketDcState, bitbucketDcRoutes } from '../../support/git-host-double/bitbucket-dc.ts';
import { essence, GitHostDouble } from '../../support/git-host-double/server.ts';
import { portTo } from '../../support/host-port.ts';

/** A double that answers a client made from Bitbucket's own description of its API, as well as ours. */

const SHOP = 'SHOP/web';
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const aStatus = {
  context: 'millrace/web-shop/Build',
  state: 'running',
  description: 'Build runs',
  url: 'https://millrace.example/executions/1',
  ref: 'main',
} satisfies CommitStatus;

const state: BitbucketDcState = {
  refs: { 'refs/heads/main': A, 'refs/heads/release/1.0': B, 'refs/tags/v1.0': B },
  commits: [A, B],
  files: { 'docs/größe.md': 'größer ✓', large: 'x'.repeat(1024 * 1024 + 1) },
  comparisons: {},
  statuses: [],
  comments: [],
  hooks: [],
  pullRequests: [],
  pullRequestFiles: 0,
  latest: undefined,
};
const double = new GitHostDouble(() => bitbucketDcRoutes(state));
let host: GitHost;
let theirs: ReturnType<typeof createBitbucketServerClient>;

function hostWith(token: string): GitHost {
  const access = { kind: 'bitbucket-dc', baseUrl: double.url, credentials: { kind: 'token', token } } as const;
  return bitbucketDc(access, { http: portTo(double.url), clock: { now: () => 0 } });
}

beforeAll(async () => {
  await double.listen();
  host = hostWith('good');
  const headers = { authorization: 'Bearer good' };
  theirs = createBitbucketServerClient({ baseUrl: `${double.url}/rest`, headers });
});
afterAll(() => double.close());
beforeEach(() => {
  for (const list of [state.statuses, state.comments, state.hooks, state.pullRequests]) list.length = 0;
  state.latest = undefined;
});

describe('requests', () => {
  const at = '/api/latest/projects/{projectKey}/repos/{repositorySlug}';
  const where = { projectKey: 'SHOP', repositorySlug: 'web' };

  it('are those that a client made from the description makes', async () => {
    state.comparisons[`${A}..${B}`] = ['README.md'];
    state.comparisons[`refs/heads/main...${B}`] = ['README.md'];
    const ours = await double.during(async () => {
      await host.repository(SHOP);
      await host.head(SHOP, 'release/1.0');
      await host.commit(SHOP, A);
      await host.changedFiles(SHOP, A, B);
      await host.changedFiles(SHOP, undefined, B);
      await host.pullRequestFiles(SHOP, 7);
      await host.file(SHOP, A, 'docs/größe.md');
      await host.archive(SHOP, A);
      await host.setStatus(SHOP, A, aStatus);
      await host.comment?.(SHOP, 7, '<!-- m -->', 'one');
      await host.comment?.(SHOP, 7, '<!-- m -->', 'two');
      await host.openPullRequests?.(SHOP);
    });
    state.statuses.length = 0;
    state.comments.length = 0;
    const same = await double.during(async () => {
      const params = { path: where };
      const { data } = await theirs.GET(at, { params });
      expect(data).toMatchObject({ slug: 'web', project: { key: 'SHOP' } });
      await theirs.GET(`${at}/default-branch`, { params });
      const until = 'refs/heads/release/1.0';
      await theirs.GET(`${at}/commits`, { params: { path: where, query: { until, limit: 1 } } });
      const commit = { ...where, commitId: A };
      await theirs.GET(`${at}/commits/{commitId}`, { params: { path: commit } });
      const limit = 1_000;
      await theirs.GET(`${at}/changes`, { params: { path: where, query: { since: A, until: B, limit } } });
      await theirs.GET(`${at}/default-branch`, { params });
      const compared = { from: B, to: 'refs/heads/main', limit };
      await theirs.GET(`${at}/compare/changes`, { params: { path: where, query: compared } });
      const pull = { ...where, pullRequestId: '7' };
      await theirs.GET(`${at}/pull-requests/{pullRequestId}/changes`, { params: { path: pull, query: { limit } } });
      const file = { ...where, path: 'docs/größe.md' };
      const type = { at: A, type: 'true' };
      await theirs.GET(`${at}/browse/{path}`, { params: { path: file, query: type } });
      await theirs.GET(`${at}/raw/{path}`, { params: { path: file, query: { at: A } }, parseAs: 'text' });
      const archive = { at: A, format: 'tar.gz' };
      await theirs.GET(`${at}/archive`, { params: { path: where, query: archive }, parseAs: 'text' });
      const { context: key, description, url } = aStatus;
      await theirs.GET(`${at}/commits/{commitId}/builds`, { params: { path: commit, query: { key } } });
      await theirs.POST(`${at}/commits/{commitId}/builds`, {
        params: { path: commit },
        body: { key, state: 'INPROGRESS', name: key, description, url, ref: 'refs/heads/main' },
      });
      const comments = `${at}/pull-requests/{pullRequestId}/comments` as const;
      const activities = `${at}/pull-requests/{pullRequestId}/activities` as const;
      await theirs.GET(activities, { params: { path: pull, query: { limit: 100 } } });
      const made = await theirs.POST(comments, { params: { path: pull }, body: { text: '[//]: # (m)\n\none' } });
      expect(made.data).toMatchObject({ id: 1, version: 0 });
      await theirs.GET(activities, { params: { path: pull, query: { limit: 100 } } });
      await theirs.PUT(`${comments}/{commentId}`, {
        params: { path: { ...pull, commentId: '1' } },
        body: { text: '[//]: # (m)\n\ntwo', version: 0 },
      });
      await theirs.GET(`${at}/pull-requests`, { params: { path: where, query: { state: 'OPEN', limit: 100 } } });
    });
    expect(essence(ours)).toEqual(essence(same));
  });

  it('to set up a webhook are those of that client, and what it reads is what was set up', async () => {
    const url = 'https://millrace.example/h';
    const ours = await double.during(async () => {
      const { id } = await host.ensureHook(SHOP, { url, secret: 's' });
      await host.ensureHook(SHOP, { url, secret: 's', id });
      await host.hookState(SHOP, id);
      await host.removeHook(SHOP, id);
    });
    const same = await double.during(async () => {
      const events = ['repo:refs_changed', 'pr:opened', 'pr:from_ref_updated', 'pr:merged', 'pr:declined'];
      const body = { name: 'Millrace', url, active: true, events, configuration: { secret: 's' } };
      await theirs.GET(`${at}/webhooks`, { params: { path: where, query: { limit: 100 } as never } });
      const { data } = await theirs.POST(`${at}/webhooks`, { params: { path: where }, body });
      expect(data).toMatchObject({ active: true, url, events });
      const path = { ...where, webhookId: String((data as { id?: number } | undefined)?.id) };
      await theirs.GET(`${at}/webhooks/{webhookId}`, { params: { path } });
      await theirs.PUT(`${at}/webhooks/{webhookId}`, { params: { path }, body });
      await theirs.GET(`${at}/webhooks/{webhookId}`, { params: { path } });
      await theirs.GET(`${at}/webhooks/{webhookId}/latest`, { params: { path } });
      await theirs.DELETE(`${at}/webhooks/{webhookId}`, { params: { path } });
    });
    expect(essence(ours)).toEqual(essence(same));
  });
});

describe('a repository', () => {
  it('is known by its id, and by the key of its project', async () => {
    expect(await host.repository(SHOP)).toMatchObject({
      id: '84',
      name: SHOP,
      defaultBranch: 'main',
      isPrivate: true,
    });
    await expect(host.repository('web')).rejects.toMatchObject({ code: 'ConfigurationError' });
  });

  it('that is empty has a default branch all the same', async () => {
    const repository = { slug: 'web', id: 84, project: { key: 'SHOP', public: true } };
    double.instead.push({ body: repository }, { status: 204 });
    expect(await host.repository(SHOP)).toMatchObject({ defaultBranch: 'main', isPrivate: false });
  });
});

describe('commits', () => {
  it('are found by branch, tag and id', async () => {
    const at = Date.parse('2026-11-25T11:00:00Z');
    const url = `${double.url}/projects/SHOP/repos/web/commits/${A}`;
    expect(await host.head(SHOP, 'main')).toMatchObject({ id: A, author: 'Charlie', authoredAt: at, url });
    expect(await host.commit(SHOP, 'v1.0')).toMatchObject({ id: B, message: 'Fix it' });
    expect(await host.commit(SHOP, A)).toMatchObject({ id: A });
    expect(await host.head(SHOP, 'gone')).toBeUndefined();
    expect(await host.commit(SHOP, 'main')).toBeUndefined();
    expect(await host.commit(SHOP, 'c'.repeat(40))).toBeUndefined();
  });

  it('of a repository that is not there are a failure', async () => {
    const code = 'RevisionUnavailable';
    await expect(host.head('SHOP/gone', 'main')).rejects.toMatchObject({ code });
    await expect(host.commit('SHOP/gone', 'v1.0')).rejects.toMatchObject({ code });
  });
});

describe('changed files', () => {
  const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${index}`);

  it('are what differs between the trees', async () => {
    state.comparisons[`${A}..${B}`] = ['src/b', 'a'];
    expect(await host.changedFiles(SHOP, A, B)).toEqual({ paths: ['a', 'src/b'], isComplete: true });
  });

  it('of a new branch are what it adds to the default branch; of one whose past is gone, not for certain', async () => {
    state.comparisons[`refs/heads/main...${B}`] = ['new'];
    expect(await host.changedFiles(SHOP, undefined, B)).toEqual({ paths: ['new'], isComplete: true });
    expect(await host.changedFiles(SHOP, 'c'.repeat(40), B)).toEqual({ paths: ['new'], isComplete: false });
  });

  it('are not said to be all when Bitbucket tells of no more', async () => {
    state.comparisons[`${A}..${B}`] = many(1_000);
    expect((await host.changedFiles(SHOP, A, B)).isComplete).toBe(false);
    state.pullRequestFiles = 1_000;
    expect((await host.pullRequestFiles(SHOP, 7)).isComplete).toBe(false);
  });

  it('of a pull request have old names, too', async () => {
    state.pullRequestFiles = 120;
    const { paths, isComplete } = await host.pullRequestFiles(SHOP, 7);
    expect([paths.length, isComplete, paths.includes('old/119.ts')]).toEqual([240, true, true]);
  });
});

describe('files', () => {
  it('are read as text, if they are not too large', async () => {
    expect(await host.file(SHOP, A, 'docs/größe.md')).toBe('größer ✓');
    expect(await host.file(SHOP, A, 'gone')).toBeUndefined();
    expect(await host.file(SHOP, A, 'docs')).toBeUndefined();
    await expect(host.file(SHOP, A, 'large')).rejects.toMatchObject({ message: 'large is larger than 1 MiB.' });
  });

  it('come all at once as an archive, without a folder around them', async () => {
    const { body, format, topFolder } = await host.archive(SHOP, A);
    expect([await new Response(body as never).text(), format, topFolder]).toEqual(['a tar', 'tar.gz', false]);
  });

  it('are cloned with the token', async () => {
    const url = `${double.url}/scm/SHOP/web.git`;
    expect(await host.clone(SHOP)).toEqual({ url, user: 'x-token-auth', password: 'good' });
  });
});

describe('feedback', () => {
  const posts = async (act: () => Promise<unknown>): Promise<number> =>
    (await double.during(act)).filter(({ method }) => method !== 'GET').length;

  it('that says nothing new is not sent again', async () => {
    expect(await posts(() => host.setStatus(SHOP, A, aStatus))).toBe(1);
    expect(await posts(() => host.setStatus(SHOP, A, aStatus))).toBe(0);
    expect(await posts(() => host.setStatus(SHOP, A, { ...aStatus, state: 'cancelled' }))).toBe(1);
    expect(state.statuses).toMatchObject([{ state: 'CANCELLED', name: aStatus.context }]);
    const comment = (text: string) => (): Promise<unknown> =>
      host.comment?.(SHOP, 7, '<!-- m -->', text) ?? Promise.reject(new Error());
    expect(await posts(comment('text\n'))).toBe(1);
    expect(await posts(comment('text\n'))).toBe(0);
    for (const text of ['other', 'another']) expect(await posts(comment(text))).toBe(1);
    expect(state.comments).toMatchObject([{ version: 2, text: '[//]: # (m)\n\nanother' }]);
  });

  it('leads somewhere, even if nobody knows where', async () => {
    const { url: _, ...bare } = aStatus;
    await host.setStatus(SHOP, A, bare);
    expect(state.statuses).toMatchObject([{ url: `${double.url}/projects/SHOP/repos/web/commits/${A}` }]);
  });

  it('at a commit that is not there is a failure', async () => {
    const code = 'RevisionUnavailable';
    await expect(host.setStatus(SHOP, 'c'.repeat(40), aStatus)).rejects.toMatchObject({ code });
  });
});

describe('a webhook', () => {
  const order = { url: 'https://millrace.example/h', secret: 'sesame' };

  it('is found by where it delivers to, and made once', async () => {
    const { id } = await host.ensureHook(SHOP, order);
    expect(await host.ensureHook(SHOP, { ...order, secret: 'another', id: '999' })).toEqual({ id, isActive: true });
    expect(state.hooks).toMatchObject([{ configuration: { secret: 'another' } }]);
    expect(await host.hookState(SHOP, '999')).toBeUndefined();
  });

  it('says how its last delivery went', async () => {
    const { id } = await host.ensureHook(SHOP, order);
    state.hooks[0]!['active'] = false;
    expect(await host.hookState(SHOP, id)).toEqual({ id, isActive: false });
    const at = 1_795_608_000_000;
    for (const [description, outcome, lastDelivery] of [
      ['202', 'SUCCESS', { at, status: 202, message: 'SUCCESS' }],
      ['Connection refused', 'ERROR', { at, message: 'Connection refused' }],
    ] as const) {
      state.latest = { id: 1, event: 'repo:refs_changed', finish: at, result: { description, outcome } };
      expect(await host.hookState(SHOP, id)).toMatchObject({ lastDelivery });
    }
  });
});

describe('credentials', () => {
  it('that are not known are refused', async () => {
    expect(await host.test()).toEqual({ name: 'charlie' });
    for (const token of ['bad', 'nobody']) {
      await expect(hostWith(token).test()).rejects.toMatchObject({ code: 'PermissionError' });
    }
    double.instead.push({ status: 302, headers: { location: 'https://sso.example/' } });
    await expect(host.test()).rejects.toMatchObject({ code: 'PermissionError' });
  });

  it('of an app are of no use here', () => {
    const credentials = { kind: 'app', appId: '1', privateKey: 'x' } as const;
    const access = { kind: 'bitbucket-dc', baseUrl: double.url, credentials } as const;
    expect(() => bitbucketDc(access, { http: portTo(double.url), clock: { now: () => 0 } })).toThrow('access token');
  });
});

describe('pull requests that are open', () => {
  it('are listed, page by page', async () => {
    const repository = (id: number, key: string): object => ({ id, slug: 'web', project: { key } });
    const side = (name: string, latestCommit: string, of: object): object => ({
      id: `refs/heads/${name}`,
      displayId: name,
      latestCommit,
      repository: of,
    });
    const own = repository(84, 'SHOP');
    const pull = { id: 7, title: 'Fix it', draft: true, fromRef: side('topic', B, own), toRef: side('main', A, own) };
    const fork = side('topic', B, repository(85, '~mallory'));
    state.pullRequests.push(
      pull,
      ...Array.from({ length: 120 }, (_, index) => ({ ...pull, id: 8 + index, fromRef: fork })),
    );
    const found = await host.openPullRequests?.(SHOP);
    expect(found).toHaveLength(121);
    expect(found?.slice(0, 2)).toMatchObject([
      { number: 7, isFork: false, isDraft: true, head: { branch: 'topic', commit: { id: B } }, base: { commit: A } },
      { number: 8, isFork: true, head: { repository: { name: '~mallory/web', id: '85' } } },
    ]);
  });
});
