import { Gitlab } from '@gitbeaker/rest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommitStatus, GitHost } from '../../../worker/hosts/git-host.ts';
import { gitLab } from '../../../worker/hosts/gitlab.ts';
import { signingToken } from '../../../worker/kernel/signing-key.ts';
import { type GitLabState, gitLabRoutes } from '../../support/git-host-double/gitlab.ts';
import { essence, GitHostDouble, type Received } from '../../support/git-host-double/server.ts';
import { portTo } from '../../support/host-port.ts';

/** A double that answers Gitbeaker, a client that others wrote, as well as ours. */

const SHOP = 'example-org/platform/shop';
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const aStatus = {
  context: 'millrace/web-shop/Build',
  state: 'running',
  description: 'Build runs',
  url: 'https://millrace.example/executions/1',
  ref: 'main',
} satisfies CommitStatus;

const state: GitLabState = {
  branches: { main: A, 'release/1.0': B },
  tags: { 'v1.0': B },
  commits: [A, B],
  files: { 'docs/größe.md': 'größer ✓', large: 'x'.repeat(1024 * 1024 + 1) },
  comparisons: {},
  statuses: [],
  notes: [],
  hooks: [],
  mergeRequests: [],
  mergeRequestFiles: 0,
  signs: true,
};
const double = new GitHostDouble(() => gitLabRoutes(state));
let host: GitHost;
let theirs: InstanceType<typeof Gitlab>;

function hostWith(token: string): GitHost {
  const access = { kind: 'gitlab', baseUrl: double.url, credentials: { kind: 'token', token } } as const;
  return gitLab(access, { http: portTo(double.url), clock: { now: () => 0 } });
}

/** Here it matters how a path is written, too: a project is one segment. Theirs sends `{}` where ours sends nothing. */
function written(requests: readonly Received[]): readonly object[] {
  return essence(requests).map(({ body = {}, ...one }, index) => ({ ...one, body, path: requests[index]?.rawPath }));
}

beforeAll(async () => {
  await double.listen();
  host = hostWith('good');
  theirs = new Gitlab({ host: double.url, oauthToken: 'good' });
});
afterAll(() => double.close());
beforeEach(() => {
  for (const list of [state.statuses, state.notes, state.hooks, state.mergeRequests]) list.length = 0;
  state.signs = true;
});

describe('requests', () => {
  it('are those that the client of others makes', async () => {
    state.comparisons[`${A}..${B}`] = ['README.md'];
    state.mergeRequestFiles = 2;
    const ours = await double.during(async () => {
      await host.test();
      await host.repository(SHOP);
      await host.head(SHOP, 'release/1.0');
      await host.commit(SHOP, A);
      await host.commit(SHOP, 'v1.0');
      await host.changedFiles(SHOP, A, B);
      await host.pullRequestFiles(SHOP, 7);
      await host.file(SHOP, A, 'docs/größe.md');
      await host.setStatus(SHOP, A, aStatus);
      await host.comment?.(SHOP, 7, '<!-- m -->', 'one');
      await host.comment?.(SHOP, 7, '<!-- m -->', 'two');
      await host.openPullRequests?.(SHOP);
    });
    state.statuses.length = 0;
    state.notes.length = 0;
    const page = { perPage: 100, page: 1 };
    const same = await double.during(async () => {
      await theirs.Users.showCurrentUser();
      await theirs.PersonalAccessTokens.show();
      await theirs.Projects.show(SHOP);
      await theirs.Branches.show(SHOP, 'release/1.0');
      await theirs.Commits.show(SHOP, A);
      await theirs.Tags.show(SHOP, 'v1.0');
      await theirs.Repositories.compare(SHOP, A, B, { straight: true });
      await theirs.MergeRequests.allDiffs(SHOP, 7, page);
      await theirs.RepositoryFiles.show(SHOP, 'docs/größe.md', A);
      const { context: name, description, url: targetUrl, ref } = aStatus;
      await theirs.Commits.allStatuses(SHOP, A, { name, ref });
      await theirs.Commits.editStatus(SHOP, A, 'running', { name, description, targetUrl, ref });
      await theirs.MergeRequestNotes.all(SHOP, 7, page);
      await theirs.MergeRequestNotes.create(SHOP, 7, '<!-- m -->\none');
      await theirs.MergeRequestNotes.all(SHOP, 7, page);
      await theirs.MergeRequestNotes.edit(SHOP, 7, 301, { body: '<!-- m -->\ntwo' });
      await theirs.MergeRequests.all({ projectId: SHOP, state: 'opened', ...page });
    });
    expect(written(ours)).toEqual(written(same));
    expect(ours[1]?.rawPath).toBe('/api/v4/personal_access_tokens/self');
    expect(ours[2]?.rawPath).toBe('/api/v4/projects/example-org%2Fplatform%2Fshop');
  });

  it('to set up a webhook are those of the client of others, and what it reads is what was set up', async () => {
    const url = 'https://millrace.example/h';
    const secret = 'sesame';
    const ours = await double.during(async () => {
      const { id } = await host.ensureHook(SHOP, { url, secret });
      await host.ensureHook(SHOP, { url, secret, id });
      await host.hookState(SHOP, id);
      await host.removeHook(SHOP, id);
    });
    const { ProjectHooks: hooks } = theirs;
    const same = await double.during(async () => {
      const order = {
        pushEvents: true,
        tagPushEvents: true,
        mergeRequestsEvents: true,
        enableSslVerification: true,
        signingToken: await signingToken(secret),
      };
      await hooks.all(SHOP, { perPage: 100, page: 1 });
      const made = await hooks.add(SHOP, url, order);
      expect(made).toMatchObject({ url, merge_requests_events: true, signing_token_present: true });
      await hooks.show(SHOP, made.id);
      await hooks.edit(SHOP, made.id, url, order);
      await hooks.show(SHOP, made.id);
      await hooks.remove(SHOP, made.id);
    });
    expect(written(ours)).toEqual(written(same));
  });
});

describe('commits', () => {
  it('are found by branch, tag and id', async () => {
    const at = Date.parse('2026-11-25T11:00:00Z');
    expect(await host.head(SHOP, 'main')).toMatchObject({ id: A, author: 'Sidney', authoredAt: at, committedAt: at });
    expect(await host.commit(SHOP, 'v1.0')).toMatchObject({ id: B, message: 'Fix it\n' });
    expect(await host.commit(SHOP, A)).toMatchObject({ id: A });
    expect(await host.head(SHOP, 'gone')).toBeUndefined();
    expect(await host.commit(SHOP, 'v9')).toBeUndefined();
    expect(await host.commit(SHOP, 'c'.repeat(40))).toBeUndefined();
  });

  it('of a project that is not there are a failure', async () => {
    const code = 'RevisionUnavailable';
    await expect(host.head('example-org/gone', 'main')).rejects.toMatchObject({ code });
    await expect(host.commit('example-org/gone', 'v1.0')).rejects.toMatchObject({ code });
    await expect(host.head('../user', 'main')).rejects.toMatchObject({ code: 'ConfigurationError' });
  });
});

describe('changed files', () => {
  const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${index}`);

  it('are what differs between the trees', async () => {
    state.comparisons[`${A}..${B}`] = ['b', 'a'];
    expect(await host.changedFiles(SHOP, A, B)).toEqual({ paths: ['a', 'b'], isComplete: true });
  });

  it('of a new branch are what it adds to the default branch', async () => {
    state.comparisons[`main...${B}`] = ['new'];
    expect(await host.changedFiles(SHOP, undefined, B)).toEqual({ paths: ['new'], isComplete: true });
  });

  it('are not said to be all when they may not be', async () => {
    state.comparisons[`${A}..${B}`] = many(1_000);
    expect((await host.changedFiles(SHOP, A, B)).isComplete).toBe(false);
    double.instead.push({ body: { diffs: [{ old_path: 'a', new_path: 'a' }], compare_timeout: true } });
    expect(await host.changedFiles(SHOP, A, B)).toEqual({ paths: ['a'], isComplete: false });
    state.comparisons[`main...${B}`] = ['new'];
    expect(await host.changedFiles(SHOP, 'c'.repeat(40), B)).toEqual({ paths: ['new'], isComplete: false });
  });

  it('of a merge request come page by page, with old names', async () => {
    state.mergeRequestFiles = 250;
    const { paths, isComplete } = await host.pullRequestFiles(SHOP, 7);
    expect([paths.length, isComplete, paths.includes('old/249.ts')]).toEqual([500, true, true]);
  });

  it('of a merge request whose list is not made yet, or longer than GitLab makes any, are not all', async () => {
    for (const count of [0, 1_000]) {
      state.mergeRequestFiles = count;
      expect((await host.pullRequestFiles(SHOP, 7)).isComplete).toBe(false);
    }
  });
});

describe('files', () => {
  it('are read as text, if they are not too large', async () => {
    expect(await host.file(SHOP, A, 'docs/größe.md')).toBe('größer ✓');
    expect(await host.file(SHOP, A, 'gone')).toBeUndefined();
    await expect(host.file(SHOP, A, 'large')).rejects.toMatchObject({ message: 'large is larger than 1 MiB.' });
  });

  it('come all at once as an archive', async () => {
    const [asked] = await double.during(async () => {
      const { body, format, topFolder } = await host.archive(SHOP, A);
      expect([await new Response(body as never).text(), format, topFolder]).toEqual(['a tar', 'tar.gz', true]);
    });
    expect(asked).toMatchObject({ path: `/api/v4/projects/${SHOP}/repository/archive.tar.gz`, query: { sha: A } });
  });

  it('are cloned with the token', async () => {
    const url = `${double.url}/example-org/platform/shop.git`;
    expect(await host.clone(SHOP)).toEqual({ url, user: 'oauth2', password: 'good' });
  });
});

describe('feedback', () => {
  const posts = async (act: () => Promise<unknown>): Promise<number> =>
    (await double.during(act)).filter(({ method }) => method !== 'GET').length;

  it('that says nothing new is not sent again', async () => {
    expect(await posts(() => host.setStatus(SHOP, A, aStatus))).toBe(1);
    expect(await posts(() => host.setStatus(SHOP, A, aStatus))).toBe(0);
    expect(await posts(() => host.setStatus(SHOP, A, { ...aStatus, state: 'cancelled' }))).toBe(1);
    expect(state.statuses).toMatchObject([{ status: 'canceled' }]);
    const comment = (): Promise<unknown> =>
      host.comment?.(SHOP, 7, '<!-- m -->', 'text') ?? Promise.reject(new Error());
    expect(await posts(comment)).toBe(1);
    expect(await posts(comment)).toBe(0);
  });

  it('that GitLab has already is no failure; what it refuses otherwise is one', async () => {
    await host.setStatus(SHOP, A, aStatus);
    // Another description, and still running: that GitLab does not take.
    await expect(host.setStatus(SHOP, A, { ...aStatus, description: 'Build still runs' })).resolves.toBeUndefined();
    double.instead.push({ body: [] }, { status: 400, body: { message: 'state does not have a valid value' } });
    await expect(host.setStatus(SHOP, A, aStatus)).rejects.toMatchObject({ code: 'ConfigurationError' });
  });
});

describe('a webhook', () => {
  const order = { url: 'https://millrace.example/h', secret: 'sesame' };

  it('signs where GitLab can, and is never given the secret to show', async () => {
    await host.ensureHook(SHOP, order);
    expect(state.hooks).toMatchObject([{ url: order.url, signing_token: await signingToken(order.secret) }]);
    expect(state.hooks[0]).not.toHaveProperty('token');
  });

  it('shows the secret where GitLab cannot sign', async () => {
    state.signs = false;
    const { id } = await host.ensureHook(SHOP, order);
    await host.ensureHook(SHOP, { ...order, secret: 'another', id });
    expect(state.hooks).toMatchObject([{ url: order.url, token: 'another' }]);
  });

  it('is found by where it delivers to', async () => {
    const { id } = await host.ensureHook(SHOP, order);
    expect((await host.ensureHook(SHOP, { ...order, id: '999' })).id).toBe(id);
    expect(state.hooks).toHaveLength(1);
  });

  it('that GitLab has given up on is off, and is made anew', async () => {
    const { id } = await host.ensureHook(SHOP, order);
    for (const status of ['temporarily_disabled', 'disabled']) {
      state.hooks[0]!['alert_status'] = status;
      expect(await host.hookState(SHOP, id)).toEqual({ id, isActive: false });
    }
    expect(await host.ensureHook(SHOP, { ...order, id })).toMatchObject({ isActive: true });
    expect(state.hooks).toHaveLength(1);
    expect(await host.hookState(SHOP, '999')).toBeUndefined();
  });
});

describe('credentials', () => {
  it('that are not known are refused, and what they may not is said', async () => {
    const { name, scopes, warnings = [] } = await host.test();
    expect([name, scopes, warnings.length]).toEqual(['sidney', ['read_api', 'read_repository'], 1]);
    await expect(hostWith('bad').test()).rejects.toMatchObject({ code: 'PermissionError' });
    double.instead.push({ body: { username: 'sidney' } }, { status: 404, body: { message: '404 Not found' } });
    expect(await host.test()).toEqual({ name: 'sidney' });
  });

  it('of an app are of no use here', () => {
    const credentials = { kind: 'app', appId: '1', privateKey: 'x' } as const;
    const access = { kind: 'gitlab', baseUrl: double.url, credentials } as const;
    expect(() => gitLab(access, { http: portTo(double.url), clock: { now: () => 0 } })).toThrow('access token');
  });
});

describe('merge requests that are open', () => {
  it('are listed, with the name of the fork that they are from', async () => {
    const common = { title: 'Fix it', web_url: 'https://x.example', source_branch: 'topic', target_branch: 'main' };
    state.mergeRequests.push(
      { ...common, iid: 7, sha: A, source_project_id: 15, target_project_id: 15, draft: true },
      { ...common, iid: 8, sha: B, source_project_id: 16, target_project_id: 15 },
      { ...common, iid: 9, sha: null, source_project_id: 15, target_project_id: 15 },
    );
    expect(await host.openPullRequests?.(SHOP)).toMatchObject([
      { number: 7, isFork: false, isDraft: true, head: { commit: { id: A }, repository: { name: SHOP, id: '15' } } },
      { number: 8, isFork: true, isDraft: false, head: { repository: { name: 'mallory/shop', id: '16' } } },
    ]);
  });
});
