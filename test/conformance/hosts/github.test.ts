import { generateKeyPairSync } from 'node:crypto';
import { Octokit } from 'octokit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommitStatus, GitHost } from '../../../worker/hosts/git-host.ts';
import { gitHub } from '../../../worker/hosts/github.ts';
import { type GitHubState, gitHubRoutes, SHA } from '../../support/git-host-double/github.ts';
import { essence, GitHostDouble, type Received } from '../../support/git-host-double/server.ts';
import { portTo } from '../../support/host-port.ts';
import { httpPort } from '../../../worker/hosts/http.ts';

/** What emulate lacks, asked of a double that answers GitHub's own client as well. */

const SHOP = 'octo-org/shop';
const WHERE = { owner: 'octo-org', repo: 'shop' };
const NOW = Date.parse('2026-11-25T12:00:00Z');
const state: GitHubState = { statuses: [], deliveries: [], redelivered: [], pullRequestFiles: 0 };
const double = new GitHostDouble(gitHubRoutes(state));
let host: GitHost;
let octokit: Octokit;

const aStatus = {
  context: 'millrace/web-shop/Build',
  state: 'running',
  description: 'Build runs',
  url: 'https://millrace.example/executions/1',
} satisfies CommitStatus;

function hostWith(token: string): GitHost {
  const access = { kind: 'github', baseUrl: double.url, apiUrl: double.url, credentials: { kind: 'token', token } };
  return gitHub(access as never, { http: portTo(double.url), clock: { now: () => NOW }, tokens: new Map() });
}

beforeAll(async () => {
  await double.listen();
  host = hostWith('good');
  octokit = new Octokit({
    auth: 'good',
    baseUrl: double.url,
    throttle: { enabled: false },
    retry: { enabled: false },
  });
});
afterAll(() => double.close());
beforeEach(() => {
  double.instead.length = 0;
  state.statuses.length = 0;
  state.deliveries.length = 0;
  state.redelivered.length = 0;
});

describe('requests', () => {
  it('are those that GitHub’s own client makes', async () => {
    const sha = SHA;
    const ours = await double.during(async () => {
      await host.setStatus(SHOP, sha, aStatus);
      await host.pullRequestFiles(SHOP, 7);
      await host.redeliverFailed?.(SHOP, '12', 0);
    });
    const theirs = await double.during(async () => {
      await octokit.rest.repos.getCombinedStatusForRef({ ...WHERE, ref: sha, per_page: 100 });
      await octokit.rest.repos.createCommitStatus({
        ...WHERE,
        sha,
        state: 'pending',
        target_url: aStatus.url,
        description: aStatus.description,
        context: aStatus.context,
      });
      await octokit.rest.pulls.listFiles({ ...WHERE, pull_number: 7, per_page: 100, page: 1 });
      await octokit.rest.repos.listWebhookDeliveries({ ...WHERE, hook_id: 12, per_page: 100 });
    });
    expect(essence(ours)).toEqual(essence(theirs));
  });

  it('say which version they speak and who asks', async () => {
    const [asked] = await double.during(() => host.test());
    expect(asked?.headers).toMatchObject({
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'Millrace',
      authorization: 'Bearer good',
    });
  });

  it('to read what emulate has are those of GitHub’s own client, too', async () => {
    const sha = SHA;
    const none = (act: Promise<unknown>): Promise<unknown> => act.catch(() => undefined);
    const ours = await double.during(async () => {
      await none(host.repository(SHOP));
      await none(host.changedFiles(SHOP, sha, 'd'.repeat(40)));
      await none(host.file(SHOP, sha, 'docs/a b.md'));
      await none(host.ensureHook(SHOP, { url: 'https://millrace.example/h', secret: 's', id: '12' }));
    });
    const theirs = await double.during(async () => {
      await none(octokit.rest.repos.get(WHERE));
      const basehead = `${sha}...${'d'.repeat(40)}`;
      await none(octokit.rest.repos.compareCommitsWithBasehead({ ...WHERE, basehead, per_page: 1, page: 1 }));
      await none(octokit.rest.repos.get(WHERE));
      await none(octokit.rest.repos.getContent({ ...WHERE, path: 'docs/a b.md', ref: sha }));
      await none(octokit.rest.repos.getWebhook({ ...WHERE, hook_id: 12 }));
      await none(octokit.rest.repos.listWebhooks({ ...WHERE, per_page: 100, page: 1 }));
    });
    expect(essence(ours)).toEqual(essence(theirs));
  });
});

describe('a status', () => {
  it('that says nothing new is not sent again', async () => {
    const first = await double.during(() => host.setStatus(SHOP, SHA, aStatus));
    const again = await double.during(() => host.setStatus(SHOP, SHA, aStatus));
    const changed = await double.during(() => host.setStatus(SHOP, SHA, { ...aStatus, state: 'success' }));
    const back = await double.during(() => host.setStatus(SHOP, SHA, aStatus));
    const posts = [first, again, changed, back].map((all) => all.filter(({ method }) => method === 'POST').length);
    expect(posts).toEqual([1, 0, 1, 1]);
  });

  it.each([
    ['pending', 'pending'],
    ['running', 'pending'],
    ['success', 'success'],
    ['failure', 'failure'],
    ['cancelled', 'error'],
  ] as const)('%s is %s', async (from, expected) => {
    await host.setStatus(SHOP, SHA, { ...aStatus, state: from });
    expect(state.statuses[0]?.state).toBe(expected);
  });

  it('is no longer than GitHub takes', async () => {
    await host.setStatus(SHOP, SHA, { ...aStatus, description: 'x'.repeat(200) });
    expect(state.statuses[0]?.description).toHaveLength(140);
  });
});

describe('the archive', () => {
  it('comes from elsewhere, where no credentials are shown', async () => {
    const port = httpPort({
      fetch: (target, init) => fetch(target, init),
      allowedHosts: [new URL(double.url).host, new URL(double.url).host.replace('127.0.0.1', 'localhost')],
      timeout: (ms) => AbortSignal.timeout(ms),
    });
    const access = {
      kind: 'github',
      baseUrl: double.url,
      apiUrl: double.url,
      credentials: { kind: 'token', token: 'good' },
    } as const;
    const other = gitHub(access, { http: port, clock: { now: () => NOW }, tokens: new Map() });
    const asked = await double.during(async () => {
      const { body, format, topFolder } = await other.archive(SHOP, SHA);
      expect([await new Response(body as never).text(), format, topFolder]).toEqual(['a zip', 'zip', true]);
    });
    expect(asked.map(({ headers }) => headers['authorization'])).toEqual(['Bearer good', undefined]);
  });

  it('does not come from where a tenant may not go', async () => {
    await expect(host.archive(SHOP, SHA)).rejects.toMatchObject({ code: 'ConfigurationError' });
  });
});

describe('the files of a pull request', () => {
  it('come page by page, with the names that they had', async () => {
    state.pullRequestFiles = 250;
    const { paths, isComplete } = await host.pullRequestFiles(SHOP, 7);
    expect([paths.length, isComplete, paths.includes('old/249.ts')]).toEqual([500, true, true]);
  });

  it('are not all when there are as many as GitHub tells', async () => {
    state.pullRequestFiles = 3_200;
    const { paths, isComplete } = await host.pullRequestFiles(SHOP, 7);
    expect([paths.length, isComplete]).toEqual([6_000, false]);
  });
});

describe('a comparison', () => {
  const compared = (count: number, status = 'ahead') => ({
    body: { status, files: Array.from({ length: count }, (_, index) => ({ filename: `f${index}` })) },
  });

  it('of as many files as GitHub compares is not taken for all', async () => {
    double.instead.push(compared(299));
    expect((await host.changedFiles(SHOP, SHA, 'd'.repeat(40))).isComplete).toBe(true);
    double.instead.push(compared(300));
    expect((await host.changedFiles(SHOP, SHA, 'd'.repeat(40))).isComplete).toBe(false);
    double.instead.push(compared(1, 'diverged'), compared(300, 'diverged'));
    expect((await host.changedFiles(SHOP, SHA, 'd'.repeat(40))).isComplete).toBe(false);
  });

  it('that is too large to be read is not taken for all', async () => {
    const files = [{ filename: 'f', patch: 'x'.repeat(17 * 1024 * 1024) }];
    double.instead.push({ body: { status: 'ahead', files } });
    expect(await host.changedFiles(SHOP, SHA, 'd'.repeat(40))).toEqual({ paths: [], isComplete: false });
  });
});

describe('deliveries that failed', () => {
  const delivery = (id: number, guid: string, status: number, minutesAgo: number) => ({
    id,
    guid,
    status_code: status,
    delivered_at: new Date(NOW - minutesAgo * 60_000).toISOString(),
  });

  it('are sent again, each once, the oldest first, unless a later attempt arrived or they are too old', async () => {
    state.deliveries.push(
      delivery(7, 'lost', 502, 1),
      delivery(6, 'saved', 200, 2),
      delivery(5, 'lost', 0, 3),
      delivery(4, 'saved', 500, 4),
      delivery(3, 'older', 500, 5),
      delivery(2, 'fine', 202, 6),
      delivery(1, 'too old', 500, 60),
    );
    expect(await host.redeliverFailed?.(SHOP, '12', NOW - 30 * 60_000)).toBe(2);
    expect(state.redelivered).toEqual([3, 7]);
  });
});

describe('credentials', () => {
  it('say what they are and what they lack', async () => {
    expect(await host.test()).toEqual({
      name: 'octocat',
      scopes: ['repo', 'read:user'],
      warnings: [],
    });
  });

  it('that GitHub does not know are refused, and not told', async () => {
    const text = 'GitHub answered 401 to GET /user: Bad credentials';
    await expect(hostWith('bad').test()).rejects.toMatchObject({ code: 'PermissionError', message: text });
  });

  it('are waited for when their limit is spent', async () => {
    double.instead.push({
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 600) },
      body: { message: 'API rate limit exceeded' },
    });
    await expect(host.test()).rejects.toMatchObject({ name: 'RetryableFailure', retryAfterMs: 600_000 });
  });
});

describe('the token of an app', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const credentials = { kind: 'app', appId: '4711', installationId: '100', privateKey } as const;
  const repository = {
    body: { id: 1, full_name: SHOP, default_branch: 'main', html_url: 'https://x.example', private: true },
  };
  const token = (name: string, minutes = 60) => ({
    status: 201,
    body: { token: name, expires_at: new Date(NOW + minutes * 60_000).toISOString() },
  });
  let now = NOW;
  const app = (): GitHost =>
    gitHub(
      { kind: 'github', baseUrl: double.url, apiUrl: double.url, credentials },
      { http: portTo(double.url), clock: { now: () => now }, tokens: new Map() },
    );
  const shown = (requests: readonly Received[]): readonly unknown[] =>
    requests.map(({ path, headers }) => [path, headers['authorization']?.replace(/^Bearer ey.*/, 'as the app')]);
  const MINT = ['/app/installations/100/access_tokens', 'as the app'];
  const ask = (name: string) => [`/repos/${SHOP}`, `Bearer ${name}`];

  it('is asked for with no more than the call needs, and used until five minutes before its end', async () => {
    const host = app();
    double.instead.push(token('one'), repository, repository, token('two', 120), repository);
    const asked = await double.during(async () => {
      now = NOW;
      await host.repository(SHOP);
      now = NOW + 54 * 60_000;
      await host.repository(SHOP);
      now = NOW + 55 * 60_000;
      await host.repository(SHOP);
    });
    expect(shown(asked)).toEqual([MINT, ask('one'), ask('one'), MINT, ask('two')]);
    expect(asked[0]?.body).toEqual({ repositories: ['shop'], permissions: { contents: 'read' } });
  });

  it('that GitHub does not know is made anew when it is asked again', async () => {
    const host = app();
    now = NOW;
    double.instead.push(token('one'), { status: 401, body: { message: 'Bad credentials' } });
    await expect(host.repository(SHOP)).rejects.toMatchObject({ name: 'RetryableFailure', retryAfterMs: 10_000 });
    double.instead.push(token('two'), repository);
    expect(shown(await double.during(() => host.repository(SHOP)))).toEqual([MINT, ask('two')]);
  });

  it('that cannot be made is not remembered', async () => {
    const host = app();
    double.instead.push({ status: 500 }, token('one'), repository);
    await expect(host.repository(SHOP)).rejects.toMatchObject({ name: 'RetryableFailure' });
    expect(await host.repository(SHOP)).toMatchObject({ name: SHOP });
  });
});

describe('a repository with nothing in it', () => {
  it('has no branch', async () => {
    double.instead.push(
      { status: 409, body: { message: 'Git Repository is empty.' } },
      { body: { id: 1, full_name: SHOP, default_branch: 'main', html_url: 'https://x.example', private: true } },
    );
    expect(await host.head(SHOP, 'main')).toBeUndefined();
  });
});

describe('a repository that was renamed', () => {
  it('is found where it is now, and not written to under its old name', async () => {
    const moved = { status: 301, headers: { location: `${double.url}/repositories/1` }, body: { message: 'Moved' } };
    double.instead.push(moved, {
      body: {
        id: 1,
        full_name: 'octo-org/store',
        default_branch: 'main',
        html_url: 'https://x.example',
        private: true,
      },
    });
    expect(await host.repository(SHOP)).toMatchObject({ name: 'octo-org/store', id: '1' });
    double.instead.push({ body: { statuses: [] } }, { ...moved, status: 307 });
    await expect(host.setStatus(SHOP, SHA, aStatus)).rejects.toMatchObject({ code: 'ConfigurationError' });
  });
});
