import { createBitbucketCloudClient } from '@coderabbitai/bitbucket/cloud';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bitbucket } from '../../../worker/hosts/bitbucket.ts';
import type { CommitStatus, GitHost } from '../../../worker/hosts/git-host.ts';
import { type BitbucketState, bitbucketRoutes, REPOSITORY_ID } from '../../support/git-host-double/bitbucket.ts';
import { essence, GitHostDouble } from '../../support/git-host-double/server.ts';
import { portTo } from '../../support/host-port.ts';

/** A double that answers a client made from Bitbucket's own description of its API, as well as ours. */

const SHOP = 'example-org/shop';
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const aStatus = {
  context: 'millrace/web-shop/Build',
  state: 'running',
  description: 'Build runs',
  url: 'https://millrace.example/executions/1',
  ref: 'main',
} satisfies CommitStatus;

const state: BitbucketState = {
  branches: { main: A, 'release/1.0': B, abcdef1: A },
  tags: { 'v1.0': B, abcdef1: B },
  commits: [A, B],
  files: { 'docs/größe.md': 'größer ✓', large: 'x'.repeat(1024 * 1024 + 1) },
  comparisons: {},
  statuses: [],
  comments: [],
  hooks: [],
  pullRequests: [],
  pullRequestFiles: 0,
};
const double = new GitHostDouble(bitbucketRoutes(state));
let host: GitHost;
let theirs: ReturnType<typeof createBitbucketCloudClient>;

function hostWith(token: string, user?: string): GitHost {
  const credentials = { kind: 'token', token, ...(user === undefined ? {} : { user }) } as const;
  const access = { kind: 'bitbucket', baseUrl: double.url, apiUrl: `${double.url}/2.0`, credentials } as const;
  return bitbucket(access, { http: portTo(double.url), clock: { now: () => 0 } });
}

beforeAll(async () => {
  await double.listen();
  host = hostWith('good', 'emma@example.com');
  const authorization = `Basic ${Buffer.from('emma@example.com:good').toString('base64')}`;
  theirs = createBitbucketCloudClient({ baseUrl: `${double.url}/2.0`, headers: { authorization } });
});
afterAll(() => double.close());
beforeEach(() => {
  for (const list of [state.statuses, state.comments, state.hooks, state.pullRequests]) list.length = 0;
});

describe('requests', () => {
  const where = { workspace: 'example-org', repo_slug: 'shop' };

  it('are those that a client made from the description makes', async () => {
    state.comparisons[`${B}..${A}`] = ['README.md'];
    const ours = await double.during(async () => {
      await host.test();
      await host.repository(SHOP);
      await host.head(SHOP, 'release/1.0');
      await host.commit(SHOP, A);
      await host.commit(SHOP, 'v1.0');
      await host.changedFiles(SHOP, A, B);
      await host.file(SHOP, A, 'docs/größe.md');
      await host.setStatus(SHOP, A, aStatus);
      await host.comment?.(SHOP, 7, '<!-- m -->', 'one');
      await host.comment?.(SHOP, 7, '<!-- m -->', 'two');
      await host.openPullRequests?.(SHOP);
    });
    const key = String(state.statuses[0]?.['key']);
    state.statuses.length = 0;
    state.comments.length = 0;
    const same = await double.during(async () => {
      const at = '/repositories/{workspace}/{repo_slug}';
      await theirs.GET('/user', {});
      const { data: repository } = await theirs.GET(at, { params: { path: where } });
      expect(repository).toMatchObject({ full_name: SHOP, mainbranch: { name: 'main' } });
      const branch = { ...where, name: 'release/1.0' };
      await theirs.GET(`${at}/refs/branches/{name}`, { params: { path: branch } });
      await theirs.GET(`${at}/commit/{commit}`, { params: { path: { ...where, commit: A } } });
      await theirs.GET(`${at}/refs/tags/{name}`, { params: { path: { ...where, name: 'v1.0' } } });
      // How many are on a page stands in no description of a single call, but for all of them.
      const spec = { ...where, spec: `${B}..${A}` };
      await theirs.GET(`${at}/diffstat/{spec}`, {
        params: { path: spec, query: { topic: false, pagelen: 500 } as { topic: boolean } },
      });
      const file = { ...where, commit: A, path: 'docs/größe.md' };
      await theirs.GET(`${at}/src/{commit}/{path}`, { params: { path: file, query: { format: 'meta' } } });
      await theirs.GET(`${at}/src/{commit}/{path}`, { params: { path: file }, parseAs: 'text' });
      const status = { ...where, commit: A };
      await theirs.GET(`${at}/commit/{commit}/statuses/build/{key}`, { params: { path: { ...status, key } } });
      const { context: name, description, url, ref: refname } = aStatus;
      await theirs.POST(`${at}/commit/{commit}/statuses/build`, {
        params: { path: status },
        body: { key, state: 'INPROGRESS', name, description, url, refname } as never,
      });
      const pull = { ...where, pull_request_id: 7 };
      const page = { pagelen: 100 } as never;
      for (const [text, id] of [
        ['one', undefined],
        ['two', 1],
      ] as const) {
        const body = { content: { raw: `[//]: # (m)\n\n${text}` } } as never;
        const comments = `${at}/pullrequests/{pull_request_id}/comments` as const;
        await theirs.GET(comments, { params: { path: pull, query: page } });
        if (id === undefined) await theirs.POST(comments, { params: { path: pull }, body });
        else await theirs.PUT(`${comments}/{comment_id}`, { params: { path: { ...pull, comment_id: id } }, body });
      }
      const open = { state: 'OPEN', pagelen: 50 } as { state: 'OPEN' };
      await theirs.GET(`${at}/pullrequests`, { params: { path: where, query: open } });
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
    const events = ['created', 'updated', 'fulfilled', 'rejected'].map((name) => `pullrequest:${name}`);
    const body = {
      description: 'Millrace',
      url,
      active: true,
      secret: 's',
      events: ['repo:push', ...events],
    } as never;
    const same = await double.during(async () => {
      const at = '/repositories/{workspace}/{repo_slug}/hooks';
      await theirs.GET(at, { params: { path: where, query: { pagelen: 100 } as never } });
      const { data } = await theirs.POST(at, { params: { path: where }, body });
      expect(data).toMatchObject({ active: true, url, secret_set: true });
      const path = { ...where, uid: data?.uuid ?? '' };
      await theirs.GET(`${at}/{uid}`, { params: { path } });
      await theirs.PUT(`${at}/{uid}`, { params: { path }, body });
      await theirs.GET(`${at}/{uid}`, { params: { path } });
      await theirs.DELETE(`${at}/{uid}`, { params: { path } });
    });
    expect(essence(ours)).toEqual(essence(same));
  });
});

describe('a repository', () => {
  it('is known by its id', async () => {
    expect(await host.repository(SHOP)).toMatchObject({ id: REPOSITORY_ID, defaultBranch: 'main', isPrivate: true });
  });
});

describe('commits', () => {
  it('are found by branch, tag and id', async () => {
    const authoredAt = Date.parse('2026-11-25T11:00:00Z');
    expect(await host.head(SHOP, 'main')).toMatchObject({ id: A, author: 'Emma', authoredAt });
    expect(await host.commit(SHOP, 'v1.0')).toMatchObject({ id: B, message: 'Fix it\n' });
    expect(await host.commit(SHOP, A)).toMatchObject({ id: A });
    expect(await host.head(SHOP, 'gone')).toBeUndefined();
    expect(await host.commit(SHOP, 'v9')).toBeUndefined();
    expect(await host.commit(SHOP, 'c'.repeat(40))).toBeUndefined();
  });

  it('are found by the beginning of their id, which is all that a pull request tells', async () => {
    expect(await host.commit(SHOP, 'b'.repeat(12))).toMatchObject({ id: B });
    expect(await host.commit(SHOP, 'c'.repeat(12))).toBeUndefined();
  });

  it('are not found by a branch that is named like one; a tag is', async () => {
    expect(await host.commit(SHOP, 'abcdef1')).toMatchObject({ id: B });
  });

  it('of a repository that is not there are a failure', async () => {
    const code = 'RevisionUnavailable';
    await expect(host.head('example-org/gone', 'main')).rejects.toMatchObject({ code });
    const gone = { status: 404, body: { type: 'error', error: { message: 'Resource not found' } } };
    double.instead.push(gone, gone);
    const message = 'Bitbucket answered 404 to GET /repositories/example-org/gone: Resource not found';
    await expect(host.commit('example-org/gone', 'v1.0')).rejects.toMatchObject({ code, message });
  });
});

describe('changed files', () => {
  it('are what differs between the trees', async () => {
    state.comparisons[`${B}..${A}`] = ['b', 'a'];
    expect(await host.changedFiles(SHOP, A, B)).toEqual({ paths: ['a', 'b'], isComplete: true });
  });

  it('of a new branch are what it adds to the main branch; of one whose past is gone, not for certain', async () => {
    state.comparisons[`${B}..${A} topic`] = ['new'];
    expect(await host.changedFiles(SHOP, undefined, B)).toEqual({ paths: ['new'], isComplete: true });
    expect(await host.changedFiles(SHOP, 'c'.repeat(40), B)).toEqual({ paths: ['new'], isComplete: false });
  });

  it('come page by page, and are not all after as many as are looked at', async () => {
    const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${index}`);
    state.comparisons[`${B}..${A}`] = many(250);
    expect(await host.changedFiles(SHOP, A, B)).toMatchObject({ isComplete: true, paths: { length: 250 } });
    state.comparisons[`${B}..${A}`] = many(1_001);
    expect(await host.changedFiles(SHOP, A, B)).toMatchObject({ isComplete: false, paths: { length: 1_000 } });
  });

  it('of a pull request are where Bitbucket says that they are, page by page, with old names', async () => {
    state.pullRequestFiles = 120;
    const { paths, isComplete } = await host.pullRequestFiles(SHOP, 7);
    expect([paths.length, isComplete, paths.includes('old/119.ts')]).toEqual([240, true, true]);
  });

  it('are not looked for where somebody else says', async () => {
    double.instead.push({ body: { values: [{ new: { path: 'a' } }], next: 'https://evil.example/2.0/x' } });
    expect(await host.changedFiles(SHOP, A, B)).toEqual({ paths: ['a'], isComplete: false });
  });
});

describe('files', () => {
  it('are read as text, if they are not too large', async () => {
    expect(await host.file(SHOP, A, 'docs/größe.md')).toBe('größer ✓');
    expect(await host.file(SHOP, A, 'gone')).toBeUndefined();
    expect(await host.file(SHOP, A, 'docs')).toBeUndefined();
    await expect(host.file(SHOP, A, 'large')).rejects.toMatchObject({ message: 'large is larger than 1 MiB.' });
  });

  it('come all at once as an archive, from the site itself', async () => {
    const [asked] = await double.during(async () => {
      const { body, format, topFolder } = await host.archive(SHOP, A);
      expect([await new Response(body as never).text(), format, topFolder]).toEqual(['a tar', 'tar.gz', true]);
    });
    expect(asked?.path).toBe(`/${SHOP}/get/${A}.tar.gz`);
    await expect(hostWith('bad').archive(SHOP, A)).rejects.toMatchObject({ code: 'PermissionError' });
  });

  it('are cloned with the token, under the name for its kind', async () => {
    const url = `${double.url}/example-org/shop.git`;
    expect(await host.clone(SHOP)).toEqual({ url, user: 'x-bitbucket-api-token-auth', password: 'good' });
    expect(await hostWith('good').clone(SHOP)).toEqual({ url, user: 'x-token-auth', password: 'good' });
  });
});

describe('feedback', () => {
  const posts = async (act: () => Promise<unknown>): Promise<number> =>
    (await double.during(act)).filter(({ method }) => method !== 'GET').length;

  it('that says nothing new is not sent again', async () => {
    expect(await posts(() => host.setStatus(SHOP, A, aStatus))).toBe(1);
    expect(await posts(() => host.setStatus(SHOP, A, aStatus))).toBe(0);
    expect(await posts(() => host.setStatus(SHOP, A, { ...aStatus, state: 'cancelled' }))).toBe(1);
    expect(state.statuses).toMatchObject([{ state: 'STOPPED', name: aStatus.context }]);
    const comment = (text: string) => (): Promise<unknown> =>
      host.comment?.(SHOP, 7, '<!-- m -->', text) ?? Promise.reject(new Error());
    expect(await posts(comment('text\n'))).toBe(1);
    expect(await posts(comment('text\n'))).toBe(0);
    expect(await posts(comment('other'))).toBe(1);
    state.comments[0]!.deleted = true;
    expect(await posts(comment('other'))).toBe(1);
  });

  it('of two contexts is two statuses, however long their names, and leads somewhere', async () => {
    const { url: _, ...bare } = aStatus;
    for (const end of ['a', 'b']) {
      await host.setStatus(SHOP, A, { ...bare, context: `millrace/${'x'.repeat(200)}/${end}` });
    }
    expect(state.statuses).toMatchObject([
      { key: expect.stringMatching(/^millrace-[0-9a-f]{31}$/) as string },
      { url: `${double.url}/${SHOP}/commits/${A}` },
    ]);
  });
});

describe('a webhook', () => {
  it('is found by where it delivers to, and made once', async () => {
    const order = { url: 'https://millrace.example/h', secret: 'sesame' };
    const { id } = await host.ensureHook(SHOP, order);
    state.hooks[0]!['active'] = false;
    expect(await host.hookState(SHOP, id)).toEqual({ id, isActive: false });
    expect(await host.ensureHook(SHOP, { ...order, secret: 'another', id: '{gone}' })).toEqual({
      id,
      isActive: true,
    });
    expect(state.hooks).toMatchObject([{ secret: 'another' }]);
    expect(await host.hookState(SHOP, '{gone}')).toBeUndefined();
  });
});

describe('credentials', () => {
  it('are a person’s, or nobody’s', async () => {
    expect(await host.test()).toEqual({ name: 'emma' });
    expect(await hostWith('good').test()).toEqual({ name: 'access token' });
  });

  it('that are not known are refused', async () => {
    for (const bad of [hostWith('bad'), hostWith('bad', 'emma@example.com')]) {
      await expect(bad.test()).rejects.toMatchObject({ code: 'PermissionError' });
    }
    const credentials = { kind: 'app', appId: '1', privateKey: 'x' } as const;
    const access = { kind: 'bitbucket', baseUrl: double.url, credentials } as const;
    expect(() => bitbucket(access, { http: portTo(double.url), clock: { now: () => 0 } })).toThrow('access token');
  });

  it('are sent to the API that belongs to the site', async () => {
    const asked: string[] = [];
    const answer = (url: string): Promise<Response> => {
      asked.push(url);
      return Promise.resolve(Response.json({ nickname: 'emma' }));
    };
    const http = {
      send: ({ url }: { url: string }) => answer(url),
      follow: ({ url }: { url: string }) => answer(url),
    };
    const credentials = { kind: 'token', token: 'good', user: 'emma@example.com' } as const;
    const access = { kind: 'bitbucket', baseUrl: 'https://bitbucket.org', credentials } as const;
    await bitbucket(access, { http, clock: { now: () => 0 } }).test();
    expect(asked).toEqual(['https://api.bitbucket.org/2.0/user']);
  });
});

describe('pull requests that are open', () => {
  it('are listed', async () => {
    const repository = { full_name: SHOP, uuid: REPOSITORY_ID };
    const side = (name: string, hash: string): object => ({ branch: { name }, commit: { hash }, repository });
    const pull = {
      id: 7,
      title: 'Fix it',
      draft: true,
      source: side('topic', 'b'.repeat(12)),
      destination: side('main', 'a'.repeat(12)),
    };
    const fork = { ...side('topic', 'c'.repeat(12)), repository: { full_name: 'mallory/shop', uuid: '{m}' } };
    state.pullRequests.push(
      pull,
      { ...pull, id: 8, draft: false, source: fork },
      { ...pull, id: 9, source: { ...side('gone', ''), commit: null } },
    );
    expect(await host.openPullRequests?.(SHOP)).toMatchObject([
      { number: 7, isFork: false, isDraft: true, head: { commit: { id: 'b'.repeat(12) } } },
      { number: 8, isFork: true, isDraft: false, head: { repository: { name: 'mallory/shop', id: '{m}' } } },
    ]);
  });
});
