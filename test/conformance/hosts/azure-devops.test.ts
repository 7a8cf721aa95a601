import { getPersonalAccessTokenHandler } from 'azure-devops-node-api';
import { GitApi } from 'azure-devops-node-api/GitApi.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { azureDevOps } from '../../../worker/hosts/azure-devops.ts';
import type { CommitStatus, GitHost } from '../../../worker/hosts/git-host.ts';
import {
  type AzureDevOpsState,
  azureDevOpsRoutes,
  PROJECT_ID,
  REPOSITORY_ID,
} from '../../support/git-host-double/azure-devops.ts';
import { essence, GitHostDouble } from '../../support/git-host-double/server.ts';
import { portTo } from '../../support/host-port.ts';

/** A double that answers Microsoft's own client as well as ours. Where what is, the client is told by the double. */

const SHOP = 'Example/shop';
const WHERE = ['shop', 'Example'] as const;
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const aStatus = {
  context: 'millrace/web-shop/Build',
  state: 'running',
  description: 'Build runs',
  url: 'https://millrace.example/executions/1',
} satisfies CommitStatus;

const state: AzureDevOpsState = {
  refs: {
    'refs/heads/main': { objectId: A },
    'refs/heads/main-2': { objectId: B },
    'refs/tags/v1.0': { objectId: 'f'.repeat(40), peeledObjectId: B },
  },
  commits: [A, B],
  files: { '/docs/größe.md': 'größer ✓', '/large': 'x'.repeat(1024 * 1024 + 1) },
  diffs: {},
  statuses: [],
  threads: [],
  subscriptions: [],
  iterationChanges: 3,
  visibility: 'private',
};
const double = new GitHostDouble(() => azureDevOpsRoutes(state));
let host: GitHost;
let theirs: GitApi;

function hostWith(token: string): GitHost {
  const access = { kind: 'azure-devops', baseUrl: double.url, credentials: { kind: 'token', token } } as const;
  return azureDevOps(access, { http: portTo(double.url), clock: { now: () => 0 } });
}

beforeAll(async () => {
  await double.listen();
  host = hostWith('good');
  theirs = new GitApi(double.url, [getPersonalAccessTokenHandler('good')]);
  await theirs.getRepository(...WHERE); // finds out where everything is
});
afterAll(() => double.close());
beforeEach(() => {
  state.statuses.length = 0;
  state.threads.length = 0;
  state.subscriptions.length = 0;
});

describe('requests', () => {
  it('are those that Microsoft’s own client makes', async () => {
    state.diffs[`${A} ${B}`] = [{ item: { path: '/README.md', gitObjectType: 'blob' } }];
    const ours = await double.during(async () => {
      await host.repository(SHOP);
      await host.head(SHOP, 'main');
      await host.changedFiles(SHOP, A, B);
      await host.pullRequestFiles(SHOP, 7);
      await host.setStatus(SHOP, A, aStatus);
      await host.comment?.(SHOP, 7, '<!-- m -->', 'one');
      await host.comment?.(SHOP, 7, '<!-- m -->', 'two');
      await host.openPullRequests?.(SHOP);
    });
    state.statuses.length = 0;
    state.threads.length = 0;
    // Its enumerations are numbers; the API takes, and describes itself by, their names.
    const named = (name: string): never => name as never;
    const same = await double.during(async () => {
      await theirs.getRepository(...WHERE);
      await theirs.getRefs(...WHERE, 'heads/main', undefined, undefined, undefined, undefined, true);
      await theirs.getCommit(A, ...WHERE);
      const base = { baseVersion: A, baseVersionType: named('commit') };
      const target = { targetVersion: B, targetVersionType: named('commit') };
      const from = { version: base.baseVersion, versionType: base.baseVersionType };
      const to = { version: target.targetVersion, versionType: target.targetVersionType };
      await theirs.getCommitDiffs(...WHERE, false, 2_000, 0, from, to);
      await theirs.getPullRequestIterations('shop', 7, 'Example');
      await theirs.getPullRequestIterationChanges('shop', 7, 3, 'Example', 2_000, 0);
      await theirs.getStatuses(A, ...WHERE, 1_000, undefined, true);
      const context = { name: 'web-shop/Build', genre: 'millrace' };
      const { description, url: targetUrl } = aStatus;
      await theirs.createCommitStatus({ state: named('pending'), description, targetUrl, context }, A, ...WHERE);
      const comments = [{ parentCommentId: 0, content: '<!-- m -->\none', commentType: named('text') }];
      await theirs.getThreads('shop', 7, 'Example');
      await theirs.createThread({ comments, status: named('closed') }, 'shop', 7, 'Example');
      await theirs.getThreads('shop', 7, 'Example');
      await theirs.updateComment({ content: '<!-- m -->\ntwo' }, 'shop', 7, 1, 1, 'Example');
      await theirs.getPullRequests('shop', { status: named('active') }, 'Example', undefined, undefined, 1_000);
    });
    expect(essence(ours)).toEqual(essence(same));
  });

  it('read a file as Microsoft’s own client does', async () => {
    const [ours] = await double.during(() => host.file(SHOP, A, 'docs/größe.md'));
    const [same] = await double.during(() => {
      const version = { version: A, versionType: 'commit' as never };
      const not = undefined;
      return theirs.getItem('shop', '/docs/größe.md', 'Example', not, not, not, not, not, version, true);
    });
    const { $format, ...query } = ours?.query ?? {};
    expect([$format, query, ours?.path]).toEqual(['json', same?.query, same?.path]);
  });

  it('are made with the token as a password, and in one version', async () => {
    const [asked] = await double.during(() => host.repository(SHOP));
    expect(asked?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from(':good').toString('base64')}`,
      accept: 'application/json;api-version=7.1',
    });
  });
});

describe('commits', () => {
  it('are found by branch, tag and id', async () => {
    expect(await host.head(SHOP, 'main')).toMatchObject({ id: A, message: 'Fix it', author: 'Jamal' });
    expect(await host.head(SHOP, 'mai')).toBeUndefined();
    expect(await host.commit(SHOP, 'v1.0')).toMatchObject({ id: B });
    expect(await host.commit(SHOP, A)).toMatchObject({ id: A });
    expect(await host.commit(SHOP, 'c'.repeat(40))).toBeUndefined();
  });

  it('of a repository that is not there are a failure', async () => {
    await expect(host.head('Example/gone', 'main')).rejects.toMatchObject({ code: 'RevisionUnavailable' });
    await expect(host.head('no-project', 'main')).rejects.toMatchObject({ code: 'ConfigurationError' });
  });
});

describe('changed files', () => {
  const changed = (path: string, more: object = {}) => ({ item: { path, gitObjectType: 'blob' }, ...more });

  it('are what differs between the trees, with old names and without folders', async () => {
    state.diffs[`${A} ${B}`] = [
      { item: { path: '/src', isFolder: true, gitObjectType: 'tree' } },
      changed('/src/new.ts', { sourceServerItem: '/src/old.ts' }),
    ];
    expect(await host.changedFiles(SHOP, A, B)).toEqual({ paths: ['src/new.ts', 'src/old.ts'], isComplete: true });
  });

  it('come page by page, and are not all after as many as are looked at', async () => {
    const items = (count: number) => Array.from({ length: count }, (_, index) => changed(`/f${index}`));
    state.diffs[`${A} ${B}`] = items(4_500);
    expect(await host.changedFiles(SHOP, A, B)).toMatchObject({ isComplete: true, paths: { length: 4_500 } });
    state.diffs[`${A} ${B}`] = items(10_001);
    expect(await host.changedFiles(SHOP, A, B)).toMatchObject({ isComplete: false, paths: { length: 10_000 } });
  });

  it('of a new branch are what it adds to the default branch; of one whose past is gone, not for certain', async () => {
    state.diffs[`main ${B}`] = [changed('/new')];
    const [, asked] = await double.during(async () => {
      expect(await host.changedFiles(SHOP, undefined, B)).toEqual({ paths: ['new'], isComplete: true });
    });
    expect(asked?.query).toMatchObject({ baseVersionType: 'branch', diffCommonCommit: 'true' });
    expect(await host.changedFiles(SHOP, 'c'.repeat(40), B)).toEqual({ paths: ['new'], isComplete: false });
  });

  it('of a pull request are those of its newest iteration', async () => {
    state.iterationChanges = 2_500;
    const { paths, isComplete } = await host.pullRequestFiles(SHOP, 7);
    expect([paths.length, isComplete, paths.includes('old/2499.ts')]).toEqual([5_000, true, true]);
  });
});

describe('files', () => {
  it('are read as text, if they are not too large', async () => {
    expect(await host.file(SHOP, A, 'docs/größe.md')).toBe('größer ✓');
    expect(await host.file(SHOP, A, 'gone')).toBeUndefined();
    await expect(host.file(SHOP, A, 'large')).rejects.toMatchObject({ message: 'large is larger than 1 MiB.' });
  });

  it('come all at once as an archive, or by a clone', async () => {
    const { body, format } = await host.archive(SHOP, A);
    expect([await new Response(body as never).text(), format]).toEqual(['a zip', 'zip']);
    const url = `${double.url}/Example/_git/shop`;
    expect(await host.clone(SHOP)).toEqual({ url, user: 'millrace', password: 'good' });
  });
});

describe('feedback', () => {
  it('that says nothing new is not sent again', async () => {
    const posts = async (act: () => Promise<unknown>): Promise<number> =>
      (await double.during(act)).filter(({ method }) => method !== 'GET').length;
    expect(await posts(() => host.setStatus(SHOP, A, aStatus))).toBe(1);
    expect(await posts(() => host.setStatus(SHOP, A, aStatus))).toBe(0);
    expect(await posts(() => host.setStatus(SHOP, A, { ...aStatus, state: 'success' }))).toBe(1);
    const comment = (): Promise<unknown> =>
      host.comment?.(SHOP, 7, '<!-- m -->', 'text') ?? Promise.reject(new Error());
    expect(await posts(comment)).toBe(1);
    expect(await posts(comment)).toBe(0);
  });
});

describe('a service hook', () => {
  const order = { url: 'https://millrace.example/h', secret: 'sesame' };

  it('is four subscriptions to one repository, made once and brought up to date afterwards', async () => {
    const made = await host.ensureHook(SHOP, order);
    expect(made).toMatchObject({ isActive: true });
    expect(made.id.split(',')).toHaveLength(4);
    const again = await double.during(async () => {
      expect(await host.ensureHook(SHOP, { ...order, secret: 'another', id: made.id })).toEqual(made);
    });
    const puts = again.filter(({ method }) => method === 'PUT').map(({ body }) => body);
    expect(puts).toMatchObject(
      Array.from({ length: 4 }, () => ({
        publisherInputs: { projectId: PROJECT_ID, repository: REPOSITORY_ID },
        consumerInputs: { url: order.url, basicAuthPassword: 'another' },
      })),
    );
    expect(state.subscriptions).toHaveLength(4);
  });

  it('is made whole when one of them is gone, and is off when one is', async () => {
    const { id } = await host.ensureHook(SHOP, order);
    state.subscriptions[1]!.status = 'disabledBySystem';
    expect(await host.hookState(SHOP, id)).toEqual({ id, isActive: false });
    state.subscriptions.splice(1, 1);
    expect(await host.hookState(SHOP, id)).toBeUndefined();
    await host.ensureHook(SHOP, { ...order, id });
    expect(state.subscriptions).toHaveLength(4);
    await host.removeHook(SHOP, state.subscriptions.map((subscription) => subscription.id).join(','));
    expect(state.subscriptions).toEqual([]);
  });
});

describe('credentials', () => {
  it('that are not known are refused, whatever page comes instead', async () => {
    expect(await host.test()).toEqual({ name: 'Jamal' });
    await expect(hostWith('bad').test()).rejects.toMatchObject({ code: 'PermissionError' });
    double.instead.push({ status: 302, headers: { location: 'https://login.example/' } });
    await expect(host.repository(SHOP)).rejects.toMatchObject({ code: 'PermissionError' });
  });
});

describe('pull requests that are open', () => {
  it('are listed once Azure DevOps knows their commits', async () => {
    expect(await host.openPullRequests?.(SHOP)).toMatchObject([
      { number: 7, head: { branch: 'topic', commit: { id: A } }, base: { branch: 'main' }, isFork: false },
    ]);
  });
});
