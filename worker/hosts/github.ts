import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import type { CommitDetails, GitHost, HostAccess, HostIdentity, HttpPort, OpenPullRequest } from './git-host.ts';
import { GitHubApp, jwt, type Permissions, type TokenCache } from './github/app.ts';
import { comment, setStatus } from './github/feedback.ts';
import { comparedFiles, fileText, pullRequestFiles } from './github/files.ts';
import { ensureHook, hookState, redeliverFailed, removeHook } from './github/hooks.ts';
import { COMMIT, PULL_REQUEST, REPOSITORY } from './github/shapes.ts';
import { isCommitId } from './support/commit-id.ts';
import { HostApi } from './support/host-api.ts';
import { segments } from './support/path.ts';

export interface GitHubParts {
  readonly http: HttpPort;
  readonly clock: Clock;
  /** Of GitHub Apps; shared by all connections of an isolate. */
  readonly tokens: TokenCache;
}

const READ: Permissions = { contents: 'read' };
const READ_PULLS: Permissions = { pull_requests: 'read' };
const WRITE_PULLS: Permissions = { pull_requests: 'write' };
const WRITE_STATUSES: Permissions = { statuses: 'write' };
const WRITE_HOOKS: Permissions = { repository_hooks: 'write' };
/** Of an app, with what each is good for. */
const NEEDED: readonly (readonly [permission: string, level: 'read' | 'write', what: string])[] = [
  ['contents', 'read', 'read commits and files'],
  ['statuses', 'write', 'show at a commit what became of it'],
  ['pull_requests', 'write', 'read pull requests and comment on them'],
  ['repository_hooks', 'write', 'set up webhooks'],
];

/** GitHub, GitHub Enterprise Server and GitHub Enterprise Cloud with data residency. */
export function gitHub(access: HostAccess, { http, clock, tokens }: GitHubParts): GitHost {
  const { credentials, baseUrl } = access;
  const apiUrl = access.apiUrl ?? apiUrlOf(baseUrl);
  const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
  const secrets = credentials.kind === 'app' ? [credentials.privateKey] : [credentials.token];
  const parts = { http, clock, host: 'GitHub', baseUrl: apiUrl, headers, secrets };
  const own = new HostApi({
    ...parts,
    authorization: async () =>
      `Bearer ${credentials.kind === 'token' ? credentials.token : await jwt(credentials, clock)}`,
  });
  const app = credentials.kind === 'app' ? new GitHubApp(credentials, own, tokens, { apiUrl, clock }) : undefined;

  const tokenFor = async (repository: string, permissions: Permissions): Promise<string> =>
    credentials.kind === 'token' ? credentials.token : ((await app?.token(repository, permissions)) ?? '');
  const at = (repository: string, permissions: Permissions): HostApi =>
    new HostApi({
      ...parts,
      authorization: async () => `Bearer ${await tokenFor(repository, permissions)}`,
      ...(app === undefined ? {} : { onUnauthorized: () => app.forget(repository, permissions) }),
    });

  return {
    kind: 'github',
    test: () => (credentials.kind === 'app' ? testApp(own) : testToken(own)),
    repository: async (name) => {
      const found = await at(name, READ).get(`/repos/${segments(name)}`, REPOSITORY);
      const { id, full_name: fullName, default_branch: defaultBranch, html_url: url } = found;
      return { id: String(id), name: fullName, defaultBranch, url, isPrivate: found.private };
    },
    head: (repository, branch) => commitAt(at(repository, READ), repository, `heads/${branch}`),
    // The bare name of a tag could be a branch's as well.
    commit: (repository, id) => commitAt(at(repository, READ), repository, isCommitId(id) ? id : `tags/${id}`),
    changedFiles: (repository, before, after) => comparedFiles(at(repository, READ), repository, before, after),
    pullRequestFiles: (repository, number) => pullRequestFiles(at(repository, READ_PULLS), repository, number),
    archive: async (repository, commit) => {
      const path = `/repos/${segments(repository)}/zipball/${segments(commit)}`;
      return { body: await at(repository, READ).download(path), format: 'zip', topFolder: true };
    },
    file: (repository, commit, path) => fileText(at(repository, READ), repository, commit, path),
    clone: async (repository) => ({
      url: `${baseUrl}/${segments(repository)}.git`,
      user: 'x-access-token',
      password: await tokenFor(repository, READ),
    }),
    setStatus: (repository, commit, status) => setStatus(at(repository, WRITE_STATUSES), repository, commit, status),
    comment: (repository, number, marker, text) =>
      comment(at(repository, WRITE_PULLS), repository, number, marker, text),
    ensureHook: (repository, hook) => ensureHook(at(repository, WRITE_HOOKS), repository, hook),
    hookState: (repository, id) => hookState(at(repository, WRITE_HOOKS), repository, id),
    removeHook: (repository, id) => removeHook(at(repository, WRITE_HOOKS), repository, id),
    redeliverFailed: (repository, hookId, since) =>
      redeliverFailed(at(repository, WRITE_HOOKS), repository, hookId, since),
    openPullRequests: async (repository) => {
      const path = `/repos/${segments(repository)}/pulls`;
      const api = at(repository, READ_PULLS);
      const found = await api.list(path, PULL_REQUEST, { query: { state: 'open' }, size: 100, pagesMax: 10 });
      return found.map(openPullRequest);
    },
  };
}

function apiUrlOf(baseUrl: string): string {
  const { protocol, host } = new URL(baseUrl);
  if (host === 'github.com' || host.endsWith('.ghe.com')) return `${protocol}//api.${host}`;
  return `${baseUrl}/api/v3`;
}

async function testToken(api: HostApi): Promise<HostIdentity> {
  const response = await api.response('/user');
  const { login: name } = await api.read(response, '/user', z.object({ login: z.string() }));
  const header = response.headers.get('x-oauth-scopes');
  // Fine-grained tokens do not say what they may.
  if (header === null || header.trim() === '') return { name };
  const scopes = header.split(',').map((scope) => scope.trim());
  const lacks = (scope: string): boolean => !scopes.some((one) => one === scope || scope.startsWith(`${one}:`));
  const warnings = [
    ...(lacks('repo') ? ['The token lacks the scope "repo": private repositories cannot be read.'] : []),
    ...(scopes.includes('repo') || scopes.includes('admin:repo_hook') || !lacks('write:repo_hook')
      ? []
      : ['The token lacks the scope "admin:repo_hook": webhooks must be set up by hand.']),
  ];
  return { name, scopes, warnings };
}

const APP = z.object({
  slug: z.string().optional(),
  name: z.string(),
  permissions: z.record(z.string(), z.string()).nullish(),
});

async function testApp(api: HostApi): Promise<HostIdentity> {
  const { slug, name: title, permissions } = await api.get('/app', APP);
  const has = permissions ?? {};
  const missing = NEEDED.filter(([name, level]) => has[name] !== level && has[name] !== 'write');
  return {
    name: slug ?? title,
    scopes: Object.entries(has).map(([name, level]) => `${name}:${level}`),
    warnings: missing.map(([name, level, what]) => `The app lacks "${name}: ${level}", which it needs to ${what}.`),
  };
}

/** Its files come along, with all that was changed in them; nobody here wants those. */
const ONE_FILE = { per_page: 1, page: 1 };
/** No such commit, no such name, or nothing in the repository yet. */
const ABSENT = [404, 422, 409];

async function commitAt(api: HostApi, repository: string, ref: string): Promise<CommitDetails | undefined> {
  const path = `/repos/${segments(repository)}`;
  const found = await api.find(`${path}/commits/${encodeURIComponent(ref)}`, COMMIT, ONE_FILE, ABSENT);
  if (found !== undefined) return detailsOf(found);
  // Throws if it is the repository that is not there.
  await api.get(path, REPOSITORY);
  return undefined;
}

function detailsOf({ sha, html_url: url, commit }: z.infer<typeof COMMIT>): CommitDetails {
  const authoredAt = Date.parse(commit.author?.date ?? '');
  const committedAt = Date.parse(commit.committer?.date ?? '');
  return {
    id: sha,
    message: commit.message,
    ...(url === undefined ? {} : { url }),
    ...(commit.author?.name === undefined ? {} : { author: commit.author.name }),
    ...(Number.isNaN(authoredAt) ? {} : { authoredAt }),
    ...(Number.isNaN(committedAt) ? {} : { committedAt }),
  };
}

function openPullRequest(found: z.infer<typeof PULL_REQUEST>): OpenPullRequest {
  const { number, title, html_url: url, head, base, draft } = found;
  // The fork may be gone; whose it was is all that is left of its name.
  const [owner = 'unknown'] = (head.label ?? '').split(':');
  const repository =
    head.repo === null ? { name: `${owner}/unknown` } : { name: head.repo.full_name, id: String(head.repo.id) };
  return {
    number,
    title,
    url,
    head: { branch: head.ref, commit: { id: head.sha }, repository },
    base: { branch: base.ref, commit: base.sha },
    isFork: head.repo?.id !== base.repo.id,
    isDraft: draft ?? false,
  };
}
