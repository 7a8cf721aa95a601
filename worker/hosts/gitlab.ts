import type { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { PermanentFailure } from '../kernel/failure.ts';
import type { CommitDetails, GitHost, HostAccess, HostIdentity, HttpPort, OpenPullRequest } from './git-host.ts';
import { comment, setStatus } from './gitlab/feedback.ts';
import { comparedFiles, fileText, pullRequestFiles } from './gitlab/files.ts';
import { ensureHook, hookState, removeHook } from './gitlab/hooks.ts';
import { projectAt } from './gitlab/place.ts';
import { COMMIT, MERGE_REQUEST, NAMED, PROJECT, TOKEN, USER } from './gitlab/shapes.ts';
import { isCommitId } from './support/commit-id.ts';
import { HostApi } from './support/host-api.ts';
import { segments } from './support/path.ts';

export interface GitLabParts {
  readonly http: HttpPort;
  readonly clock: Clock;
}

const PAGE = 100;

/** GitLab, gitlab.com or self-managed. Pull requests are merge requests there, and repositories projects in groups that nest. */
export function gitLab(access: HostAccess, { http, clock }: GitLabParts): GitHost {
  const { credentials, baseUrl } = access;
  if (credentials.kind !== 'token') {
    throw new PermanentFailure('ConfigurationError', 'GitLab is asked with an access token.');
  }
  const { token, user } = credentials;
  const api = new HostApi({
    http,
    clock,
    host: 'GitLab',
    baseUrl: access.apiUrl ?? `${baseUrl}/api/v4`,
    headers: { accept: 'application/json' },
    authorization: () => Promise.resolve(`Bearer ${token}`),
    secrets: [token],
  });

  return {
    kind: 'gitlab',
    test: () => test(api),
    repository: async (name) => {
      const found = await api.get(projectAt(name), PROJECT);
      return {
        id: String(found.id),
        name: found.path_with_namespace,
        defaultBranch: found.default_branch ?? 'main',
        url: found.web_url,
        isPrivate: found.visibility !== 'public',
      };
    },
    head: async (repository, branch) => {
      const path = `${projectAt(repository)}/repository/branches/${encodeURIComponent(branch)}`;
      const found = await api.find(path, NAMED);
      return found ? detailsOf(found.commit) : noneIn(api, repository);
    },
    commit: async (repository, id) => {
      const path = `${projectAt(repository)}/repository`;
      const found = isCommitId(id)
        ? await api.find(`${path}/commits/${id}`, COMMIT)
        : (await api.find(`${path}/tags/${encodeURIComponent(id)}`, NAMED))?.commit;
      return found ? detailsOf(found) : noneIn(api, repository);
    },
    changedFiles: (repository, before, after) => comparedFiles(api, repository, before, after),
    pullRequestFiles: (repository, number) => pullRequestFiles(api, repository, number),
    archive: async (repository, commit) => {
      const path = `${projectAt(repository)}/repository/archive.tar.gz`;
      return { body: await api.download(path, { sha: commit }), format: 'tar.gz', topFolder: true };
    },
    file: (repository, commit, path) => fileText(api, repository, commit, path),
    clone: (repository) => {
      const url = `${baseUrl}/${segments(repository)}.git`;
      // The token is enough; a name has to be there all the same.
      return Promise.resolve({ url, user: user ?? 'oauth2', password: token });
    },
    setStatus: (repository, commit, status) => setStatus(api, repository, commit, status),
    comment: (repository, number, marker, text) => comment(api, repository, number, marker, text),
    ensureHook: (repository, hook) => ensureHook(api, repository, hook),
    hookState: (repository, id) => hookState(api, repository, id),
    removeHook: (repository, id) => removeHook(api, repository, id),
    openPullRequests: async (repository) => {
      const paging = { query: { state: 'opened' }, size: PAGE, pagesMax: 10 };
      const found = await api.list(`${projectAt(repository)}/merge_requests`, MERGE_REQUEST, paging);
      const forks = await namesOf(api, found);
      return found.flatMap((one) => openPullRequest(one, repository, forks));
    },
  };
}

async function test(api: HostApi): Promise<HostIdentity> {
  const { username: name } = await api.get('/user', USER);
  // OAuth tokens are not known there.
  const token = await api.find('/personal_access_tokens/self', TOKEN, {}, [400, 401, 403, 404]);
  if (token === undefined) return { name };
  const { scopes } = token;
  const warnings = scopes.includes('api')
    ? []
    : ['The token lacks the scope "api": statuses and comments are not written, and webhooks are set up by hand.'];
  return { name, scopes, warnings };
}

/** Throws if it is the project that is not there. */
async function noneIn(api: HostApi, repository: string): Promise<undefined> {
  await api.get(projectAt(repository), PROJECT);
}

function detailsOf(found: z.infer<typeof COMMIT>): CommitDetails {
  const authoredAt = Date.parse(found.authored_date ?? '');
  const committedAt = Date.parse(found.committed_date ?? '');
  return {
    id: found.id,
    message: found.message ?? '',
    ...(found.web_url ? { url: found.web_url } : {}),
    ...(found.author_name ? { author: found.author_name } : {}),
    ...(Number.isNaN(authoredAt) ? {} : { authoredAt }),
    ...(Number.isNaN(committedAt) ? {} : { committedAt }),
  };
}

type MergeRequest = z.infer<typeof MERGE_REQUEST>;

/** Merge requests tell of a fork no more than its id. */
async function namesOf(api: HostApi, found: readonly MergeRequest[]): Promise<ReadonlyMap<number, string>> {
  const names = new Map<number, string>();
  for (const { source_project_id: source, target_project_id: target } of found) {
    if (!source || source === target || names.has(source)) continue;
    const project = await api.find(`/projects/${source}`, PROJECT);
    names.set(source, project?.path_with_namespace ?? 'unknown/unknown');
  }
  return names;
}

function openPullRequest(
  found: MergeRequest,
  name: string,
  forks: ReadonlyMap<number, string>,
): readonly OpenPullRequest[] {
  const {
    iid: number,
    title,
    web_url: url,
    draft,
    sha,
    source_project_id: source,
    target_project_id: target,
  } = found;
  if (!sha) return [];
  const isFork = source !== target;
  const repository = {
    name: isFork ? (forks.get(source ?? 0) ?? 'unknown/unknown') : name,
    ...(source ? { id: String(source) } : {}),
  };
  return [
    {
      number,
      title,
      url,
      head: { branch: found.source_branch, commit: { id: sha }, repository },
      base: { branch: found.target_branch },
      isFork,
      isDraft: draft ?? false,
    },
  ];
}
