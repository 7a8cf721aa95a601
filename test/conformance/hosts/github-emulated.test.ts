import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { createEmulator, type Emulator } from 'emulate';
import { Octokit } from 'octokit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GitHost, HostCredentials } from '../../../worker/hosts/git-host.ts';
import type { TokenCache } from '../../../worker/hosts/github/app.ts';
import { gitHub } from '../../../worker/hosts/github.ts';
import { portTo } from '../../support/host-port.ts';

/** A GitHub that nobody here wrote. It knows no statuses, no archives and no files of pull requests; the double does. */

const SHOP = 'octo-org/shop';
/** As GitHub hands it out: PKCS #1. */
const newKey = (): string =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).privateKey;
const privateKey = newKey();

let emulator: Emulator;
let octokit: Octokit;
let firstCommit: string;

beforeAll(async () => {
  const permissions = { contents: 'write', pull_requests: 'write', repository_hooks: 'write', statuses: 'write' };
  emulator = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: { 'a-token': { login: 'octocat', scopes: ['repo', 'admin:repo_hook', 'user'] } },
      github: {
        users: [{ login: 'octocat' }],
        orgs: [{ login: 'octo-org', members: [{ login: 'octocat', role: 'admin' }] }],
        repos: [
          { owner: 'octo-org', name: 'shop', private: true },
          { owner: 'octo-org', name: 'other', private: true },
        ],
        apps: [
          {
            app_id: 4711,
            slug: 'millrace',
            name: 'Millrace',
            private_key: privateKey,
            permissions,
            events: ['push'],
            installations: [{ installation_id: 100, account: 'octo-org', repository_selection: 'all', permissions }],
          },
        ],
      },
    },
  });
  octokit = new Octokit({ auth: 'a-token', baseUrl: emulator.url, throttle: { enabled: false } });
  firstCommit = await tip('main');
});

afterAll(() => emulator.close());

function host(credentials: HostCredentials, tokens: TokenCache = new Map()): GitHost {
  const access = { kind: 'github', baseUrl: emulator.url, apiUrl: emulator.url, credentials } as const;
  return gitHub(access, { http: portTo(emulator.url), clock: { now: () => Date.now() }, tokens });
}

const withToken = (): GitHost => host({ kind: 'token', token: 'a-token' });
const withApp = (changes: { privateKey?: string; installationId?: string } = {}): GitHost =>
  host({ kind: 'app', appId: '4711', privateKey, ...changes });

async function tip(branch: string): Promise<string> {
  const { data } = await octokit.rest.repos.getBranch({ owner: 'octo-org', repo: 'shop', branch });
  return data.commit.sha;
}

async function write(path: string, text: string, branch = 'main'): Promise<string> {
  const content = Buffer.from(text).toString('base64');
  const { data } = await octokit.rest.repos.createOrUpdateFileContents({
    owner: 'octo-org',
    repo: 'shop',
    path,
    message: `Write ${path}`,
    content,
    branch,
  });
  return data.commit.sha ?? '';
}

async function branchAt(name: string, sha: string): Promise<void> {
  await octokit.rest.git.createRef({ owner: 'octo-org', repo: 'shop', ref: `refs/heads/${name}`, sha });
}

describe('with a token', () => {
  it('says whose it is', async () => {
    expect(await withToken().test()).toMatchObject({ name: 'octocat' });
  });

  it('knows the repository', async () => {
    const found = await withToken().repository(SHOP);
    expect(found).toMatchObject({ name: SHOP, defaultBranch: 'main', isPrivate: true });
    expect(found.id).toMatch(/^\d+$/);
  });

  it('fails for good at one that is not there', async () => {
    const code = 'RevisionUnavailable';
    await expect(withToken().repository('octo-org/gone')).rejects.toMatchObject({ code });
    await expect(withToken().head('octo-org/gone', 'main')).rejects.toMatchObject({ code });
  });

  it('finds the tip of a branch, and no branch that is not there', async () => {
    expect(await withToken().head(SHOP, 'main')).toMatchObject({ id: await tip('main') });
    expect(await withToken().head(SHOP, 'gone')).toBeUndefined();
  });

  it('finds a branch whose name has a slash', async () => {
    await branchAt('release/1.0', firstCommit);
    expect(await withToken().head(SHOP, 'release/1.0')).toMatchObject({ id: firstCommit });
  });

  it('finds a commit by its id and by a tag', async () => {
    await octokit.rest.git.createRef({ owner: 'octo-org', repo: 'shop', ref: 'refs/tags/v1.0', sha: firstCommit });
    const expected = { id: firstCommit, message: 'Initial commit' };
    expect(await withToken().commit(SHOP, firstCommit)).toMatchObject(expected);
    expect(await withToken().commit(SHOP, 'v1.0')).toMatchObject(expected);
    expect(await withToken().commit(SHOP, 'v9.9')).toBeUndefined();
    expect(await withToken().commit(SHOP, '0123456789012345678901234567890123456789')).toBeUndefined();
  });

  it('reads a file as it was at a commit', async () => {
    const commit = await write('docs/größe.md', 'größer ✓');
    expect(await withToken().file(SHOP, commit, 'docs/größe.md')).toBe('größer ✓');
    expect(await withToken().file(SHOP, firstCommit, 'docs/größe.md')).toBeUndefined();
    expect(await withToken().file(SHOP, commit, 'docs')).toBeUndefined();
  });

  it('is not led out of the repository by dots', async () => {
    await expect(withToken().file(SHOP, firstCommit, '../other/README.md')).rejects.toMatchObject({
      code: 'ConfigurationError',
    });
    await expect(withToken().repository('octo-org/../../user')).rejects.toMatchObject({ code: 'ConfigurationError' });
  });
});

describe('changed files', () => {
  it('are those of a push', async () => {
    const before = await tip('main');
    await write('src/one.ts', '1');
    const after = await write('src/two.ts', '2');
    const expected = { paths: ['src/one.ts', 'src/two.ts'], isComplete: true };
    expect(await withToken().changedFiles(SHOP, before, after)).toEqual(expected);
  });

  it('of a new branch are what it adds to the default branch', async () => {
    await branchAt('topic', await tip('main'));
    const after = await write('src/topic.ts', 't', 'topic');
    const expected = { paths: ['src/topic.ts'], isComplete: true };
    expect(await withToken().changedFiles(SHOP, undefined, after)).toEqual(expected);
  });

  it('of a forced push are those that went as well as those that came', async () => {
    const base = await tip('main');
    await branchAt('old', base);
    await branchAt('new', base);
    const before = await write('src/gone.ts', 'g', 'old');
    const after = await write('src/come.ts', 'c', 'new');
    const expected = { paths: ['src/come.ts', 'src/gone.ts'], isComplete: true };
    expect(await withToken().changedFiles(SHOP, before, after)).toEqual(expected);
    expect(await withToken().changedFiles(SHOP, before, base)).toEqual({ paths: ['src/gone.ts'], isComplete: true });
  });

  it('are not said to be all when the commit before is gone', async () => {
    await branchAt('survivor', await tip('main'));
    const after = await write('src/left.ts', 'l', 'survivor');
    const gone = '0123456789012345678901234567890123456789';
    const found = await withToken().changedFiles(SHOP, gone, after);
    expect(found).toEqual({ paths: ['src/left.ts'], isComplete: false });
  });
});

describe('pull requests', () => {
  it('that are open are listed', async () => {
    await branchAt('feature', await tip('main'));
    await write('src/feature.ts', 'f', 'feature');
    const { data } = await octokit.rest.pulls.create({
      owner: 'octo-org',
      repo: 'shop',
      title: 'A feature',
      head: 'feature',
      base: 'main',
    });
    expect(await withToken().openPullRequests?.(SHOP)).toMatchObject([
      {
        number: data.number,
        title: 'A feature',
        isFork: false,
        head: { branch: 'feature' },
        base: { branch: 'main' },
      },
    ]);
  });
});

describe('a comment', () => {
  it('is written once, rewritten afterwards, and leaves those of others alone', async () => {
    await branchAt('talk', await tip('main'));
    await write('src/talk.ts', 't', 'talk');
    const where = { owner: 'octo-org', repo: 'shop' };
    const { data } = await octokit.rest.pulls.create({ ...where, title: 'Talk', head: 'talk', base: 'main' });
    const marker = '<!-- millrace:web-shop -->';
    await octokit.rest.issues.createComment({ ...where, issue_number: data.number, body: `> ${marker}\nquoted` });
    await withToken().comment?.(SHOP, data.number, marker, 'It runs.');
    await withToken().comment?.(SHOP, data.number, marker, 'It has failed.');
    const comments = await octokit.rest.issues.listComments({ ...where, issue_number: data.number });
    expect(comments.data.map(({ body }) => body)).toEqual([`> ${marker}\nquoted`, `${marker}\nIt has failed.`]);
  });
});

describe('a webhook', () => {
  const order = { url: 'https://millrace.example/hooks/one', secret: 'first secret' };

  it('is made once and brought up to date afterwards, known by its URL', async () => {
    const made = await withToken().ensureHook(SHOP, order);
    expect(made).toMatchObject({ isActive: true });
    const again = await withToken().ensureHook(SHOP, { ...order, secret: 'second secret' });
    expect(again.id).toBe(made.id);
    const other = await withToken().ensureHook(SHOP, { ...order, url: 'https://millrace.example/hooks/two' });
    expect(other.id).not.toBe(made.id);
    const { data } = await octokit.rest.repos.listWebhooks({ owner: 'octo-org', repo: 'shop' });
    expect(data.map(({ config, events }) => [config.url, config.content_type, events])).toEqual([
      [order.url, 'json', ['push', 'pull_request']],
      ['https://millrace.example/hooks/two', 'json', ['push', 'pull_request']],
    ]);
    await withToken().removeHook(SHOP, other.id);
    await withToken().removeHook(SHOP, other.id);
    expect(await withToken().hookState(SHOP, other.id)).toBeUndefined();
    expect(await withToken().hookState(SHOP, made.id)).toMatchObject({ id: made.id, isActive: true });
  });

  it('that somebody has removed is made anew', async () => {
    const made = await withToken().ensureHook(SHOP, { ...order, url: 'https://millrace.example/hooks/three' });
    await withToken().removeHook(SHOP, made.id);
    const again = await withToken().ensureHook(SHOP, {
      ...order,
      url: 'https://millrace.example/hooks/three',
      id: made.id,
    });
    expect(again.id).not.toBe(made.id);
  });
});

describe('with an app', () => {
  it('says its name and what it may', async () => {
    const identity = await withApp().test();
    expect(identity).toMatchObject({ name: 'millrace', warnings: [] });
    expect(identity.scopes).toContain('contents:write');
  });

  it('takes a key in either form', async () => {
    const pkcs8 = createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(await withApp({ privateKey: pkcs8 }).test()).toMatchObject({ name: 'millrace' });
    await expect(withApp({ privateKey: newKey() }).test()).rejects.toMatchObject({ code: 'PermissionError' });
    await expect(withApp({ privateKey: 'not a key' }).test()).rejects.toMatchObject({ code: 'ConfigurationError' });
  });

  it('finds its installation by itself, and works through it', async () => {
    expect(await withApp().head(SHOP, 'main')).toMatchObject({ id: await tip('main') });
    expect(await withApp({ installationId: '100' }).repository(SHOP)).toMatchObject({ name: SHOP });
    await expect(withApp().repository('octocat/nowhere')).rejects.toMatchObject({ code: 'PermissionError' });
  });

  it('gives a clone a token that can read this repository and nothing else', async () => {
    const { url, user, password } = await withApp().clone(SHOP);
    expect([url, user]).toEqual([`${emulator.url}/octo-org/shop.git`, 'x-access-token']);
    const holder = new Octokit({ auth: password, baseUrl: emulator.url });
    const where = { owner: 'octo-org', repo: 'shop' };
    expect((await holder.rest.repos.getBranch({ ...where, branch: 'main' })).status).toBe(200);
    await expect(holder.rest.repos.getBranch({ ...where, repo: 'other', branch: 'main' })).rejects.toThrow();
    const content = Buffer.from('x').toString('base64');
    const writing = holder.rest.repos.createOrUpdateFileContents({ ...where, path: 'x', message: 'x', content });
    await expect(writing).rejects.toMatchObject({ status: 403 });
  });

  it('makes a token once for one purpose, and never gives it to who brings another key', async () => {
    const tokens: TokenCache = new Map();
    const credentials = { kind: 'app', appId: '4711', privateKey, installationId: '100' } as const;
    const first = await host(credentials, tokens).clone(SHOP);
    expect((await host(credentials, tokens).clone(SHOP)).password).toBe(first.password);
    expect((await host(credentials, tokens).clone('octo-org/other')).password).not.toBe(first.password);
    const thief = host({ ...credentials, privateKey: newKey() }, tokens);
    await expect(thief.clone(SHOP)).rejects.toMatchObject({ code: 'PermissionError' });
  });
});
