import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { PermanentFailure } from '../kernel/failure.ts';
import type { CommitDetails, CommitStatus, GitHost, HostAccess, HttpPort, OpenPullRequest } from './git-host.ts';
import { comparedFiles, fileText, pullRequestFiles } from './gitea/files.ts';
import { ensureHook, hookState, removeHook } from './gitea/hooks.ts';
import { BRANCH, COMMIT, PULL_REQUEST, REPOSITORY, STATUSES, TAG } from './gitea/shapes.ts';
import { isCommitId } from './support/commit-id.ts';
import { HostApi } from './support/host-api.ts';
import { writeMarked } from './support/marked-comment.ts';
import { segments } from './support/path.ts';

export interface GiteaParts {
  readonly http: HttpPort;
  readonly clock: Clock;
}

const PAGE = 50;
const DESCRIPTION_MAX_LENGTH = 255;
const STATES: Readonly<Record<CommitStatus['state'], string>> = {
  pending: 'pending',
  running: 'pending',
  success: 'success',
  failure: 'failure',
  cancelled: 'error',
};

/** Gitea and Forgejo. They tell neither how a delivery went nor what a token may, and never deliver again by order. */
export function gitea(access: HostAccess, { http, clock }: GiteaParts): GitHost {
  const { credentials, baseUrl } = access;
  if (credentials.kind !== 'token') {
    throw new PermanentFailure('ConfigurationError', 'Gitea and Forgejo are asked with a token; they have no apps.');
  }
  const { token, user } = credentials;
  const api = new HostApi({
    http,
    clock,
    host: 'Gitea',
    baseUrl: access.apiUrl ?? `${baseUrl}/api/v1`,
    headers: { accept: 'application/json' },
    authorization: () => Promise.resolve(`token ${token}`),
    secrets: [token],
  });
  const at = (repository: string): string => `/repos/${segments(repository)}`;

  return {
    kind: 'gitea',
    test: async () => ({ name: (await api.get('/user', z.object({ login: z.string() }))).login }),
    repository: async (name) => {
      const found = await api.get(at(name), REPOSITORY);
      const { id, full_name: fullName, default_branch: defaultBranch, html_url: url } = found;
      return { id: String(id), name: fullName, defaultBranch, url, isPrivate: found.private };
    },
    head: async (repository, branch) => {
      const found = await api.find(`${at(repository)}/branches/${encodeURIComponent(branch)}`, BRANCH);
      // Throws if it is the repository that is not there.
      if (found === undefined) await api.get(at(repository), REPOSITORY);
      return found && headOf(found.commit);
    },
    commit: async (repository, id) => {
      const sha = isCommitId(id) ? id : await taggedCommit(api, at(repository), id);
      const query = { stat: false, verification: false, files: false };
      const found = sha && (await api.find(`${at(repository)}/git/commits/${sha}`, COMMIT, query, [404, 422]));
      if (found) return detailsOf(found);
      await api.get(at(repository), REPOSITORY);
      return undefined;
    },
    changedFiles: (repository, before, after) => comparedFiles(api, repository, before, after),
    pullRequestFiles: (repository, number) => pullRequestFiles(api, repository, number),
    archive: async (repository, commit) => {
      const body = await api.download(`${at(repository)}/archive/${segments(commit)}.zip`);
      return { body, format: 'zip', topFolder: true };
    },
    file: (repository, commit, path) => fileText(api, repository, commit, path),
    clone: (repository) => {
      const url = `${baseUrl}/${segments(repository)}.git`;
      // The token is enough; a name has to be there all the same.
      return Promise.resolve({ url, user: user ?? 'oauth2', password: token });
    },
    setStatus: (repository, commit, status) => setStatus(api, at(repository), commit, status),
    comment: (repository, number, marker, text) => {
      const issues = `${at(repository)}/issues`;
      const comments = { list: `${issues}/${number}/comments`, one: (id: number) => `${issues}/comments/${id}` };
      return writeMarked(api, comments, marker, text);
    },
    ensureHook: (repository, hook) => ensureHook(api, repository, hook),
    hookState: (repository, id) => hookState(api, repository, id),
    removeHook: (repository, id) => removeHook(api, repository, id),
    openPullRequests: async (repository) => {
      const paging = { query: { state: 'open' }, size: PAGE, sizeName: 'limit', pagesMax: 20 };
      return (await api.list(`${at(repository)}/pulls`, PULL_REQUEST, paging)).map(openPullRequest);
    },
  };
}

async function taggedCommit(api: HostApi, repository: string, tag: string): Promise<string | undefined> {
  return (await api.find(`${repository}/tags/${encodeURIComponent(tag)}`, TAG))?.commit.sha;
}

/** What says nothing new is not sent: every status is a line in a table over there, and a delivery to whoever listens. */
async function setStatus(api: HostApi, repository: string, commit: string, status: CommitStatus): Promise<void> {
  const sha = segments(commit);
  const body = {
    state: STATES[status.state],
    ...(status.url === undefined ? {} : { target_url: status.url }),
    description: status.description.slice(0, DESCRIPTION_MAX_LENGTH),
    context: status.context,
  };
  const { statuses } = await api.get(`${repository}/commits/${sha}/status`, STATUSES, { limit: PAGE });
  const there = statuses?.find(({ context }) => context === body.context);
  const isSame =
    there?.status === body.state &&
    there.description === body.description &&
    (there.target_url || undefined) === status.url;
  if (!isSame) await api.send({ method: 'POST', path: `${repository}/statuses/${sha}`, body }, z.unknown());
}

function headOf({ id, message, url, timestamp, author }: z.infer<typeof BRANCH>['commit']): CommitDetails {
  const committedAt = Date.parse(timestamp ?? '');
  return {
    id,
    message: message ?? '',
    ...(url === undefined ? {} : { url }),
    ...(author?.name === undefined ? {} : { author: author.name }),
    ...(Number.isNaN(committedAt) ? {} : { committedAt }),
  };
}

function detailsOf({ sha, html_url: url, commit }: z.infer<typeof COMMIT>): CommitDetails {
  const authoredAt = Date.parse(commit.author?.date ?? '');
  return {
    ...headOf({
      id: sha,
      message: commit.message,
      url,
      timestamp: commit.committer?.date,
      author: commit.author,
    }),
    ...(Number.isNaN(authoredAt) ? {} : { authoredAt }),
  };
}

function openPullRequest({
  number,
  title,
  html_url: url,
  draft,
  head,
  base,
}: z.infer<typeof PULL_REQUEST>): OpenPullRequest {
  const { repo } = head;
  return {
    number,
    title,
    url,
    head: {
      branch: head.ref,
      commit: { id: head.sha },
      repository: repo ? { name: repo.full_name, id: String(repo.id) } : { name: 'unknown/unknown' },
    },
    base: { branch: base.ref, commit: base.sha },
    isFork: repo?.id !== base.repo_id,
    isDraft: draft ?? false,
  };
}
