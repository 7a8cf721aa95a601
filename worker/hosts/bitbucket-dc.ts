import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { PermanentFailure } from '../kernel/failure.ts';
import { comment, setStatus } from './bitbucket-dc/feedback.ts';
import { comparedFiles, defaultBranch, fileText, pullRequestFiles } from './bitbucket-dc/files.ts';
import { ensureHook, hookState, removeHook } from './bitbucket-dc/hooks.ts';
import { pages } from './bitbucket-dc/pages.ts';
import { nameOf, placeOf } from './bitbucket-dc/place.ts';
import { COMMIT, PULL_REQUEST, REPOSITORY } from './bitbucket-dc/shapes.ts';
import type { CommitDetails, GitHost, HostAccess, HttpPort, OpenPullRequest } from './git-host.ts';
import { isCommitId } from './support/commit-id.ts';
import { HostApi } from './support/host-api.ts';
import { segments } from './support/path.ts';

export interface BitbucketDcParts {
  readonly http: HttpPort;
  readonly clock: Clock;
}

const NAME_MAX_BYTES = 1_000;
const COMMITS = z.object({ values: COMMIT.array() });

/** Bitbucket Data Center, 7.14 or later. */
export function bitbucketDc(access: HostAccess, { http, clock }: BitbucketDcParts): GitHost {
  const { credentials, baseUrl: siteUrl } = access;
  if (credentials.kind !== 'token') {
    throw new PermanentFailure('ConfigurationError', 'Bitbucket Data Center is asked with an HTTP access token.');
  }
  const { token, user } = credentials;
  const parts = {
    http,
    clock,
    host: 'Bitbucket',
    headers: { accept: 'application/json, */*;q=0.5' },
    authorization: () => Promise.resolve(`Bearer ${token}`),
    secrets: [token],
  };
  const api = new HostApi({ ...parts, baseUrl: access.apiUrl ?? `${siteUrl}/rest/api/latest` });
  const site = new HostApi({ ...parts, baseUrl: siteUrl, followsRedirects: false, signInStatuses: [302] });
  const details = (repository: string, found: z.infer<typeof COMMIT>): CommitDetails =>
    detailsOf(found, `${siteUrl}${placeOf(repository)}/commits/${found.id}`);

  return {
    kind: 'bitbucket-dc',
    test: async () => {
      const name = (await site.text('/plugins/servlet/applinks/whoami', NAME_MAX_BYTES))?.trim();
      // It is asked without knowing who asks, too.
      if (name === undefined || name === '' || name.startsWith('<')) {
        throw new PermanentFailure('PermissionError', 'Bitbucket does not know the token.');
      }
      return { name };
    },
    repository: async (name) => {
      const place = placeOf(name);
      const found = await api.get(place, REPOSITORY);
      return {
        id: String(found.id),
        name: nameOf(found),
        defaultBranch: (await defaultBranch(api, place))?.displayId ?? 'main',
        url: found.links?.self?.[0]?.href ?? `${siteUrl}${place}`,
        isPrivate: found.public !== true && found.project.public !== true,
      };
    },
    head: async (repository, branch) => {
      const found = await tipOf(api, repository, `refs/heads/${branch}`);
      return found ? details(repository, found) : noneIn(api, repository);
    },
    commit: async (repository, id) => {
      const found = isCommitId(id)
        ? await api.find(`${placeOf(repository)}/commits/${id}`, COMMIT)
        : await tipOf(api, repository, `refs/tags/${id}`);
      return found ? details(repository, found) : noneIn(api, repository);
    },
    changedFiles: (repository, before, after) => comparedFiles(api, repository, before, after),
    pullRequestFiles: (repository, number) => pullRequestFiles(api, repository, number),
    archive: async (repository, commit) => {
      const path = `${placeOf(repository)}/archive`;
      return { body: await api.download(path, { at: commit, format: 'tar.gz' }), format: 'tar.gz', topFolder: false };
    },
    file: (repository, commit, path) => fileText(api, repository, commit, path),
    clone: (repository) => {
      const url = `${siteUrl}/scm/${segments(repository)}.git`;
      // Tokens of projects and repositories are nobody's.
      return Promise.resolve({ url, user: user ?? 'x-token-auth', password: token });
    },
    setStatus: (repository, commit, status) => setStatus({ api, siteUrl }, repository, commit, status),
    comment: (repository, number, marker, text) => comment(api, repository, number, marker, text),
    ensureHook: (repository, hook) => ensureHook(api, repository, hook),
    hookState: (repository, id) => hookState(api, repository, id),
    removeHook: (repository, id) => removeHook(api, repository, id),
    openPullRequests: async (repository) => {
      const query = { state: 'OPEN', limit: 100 };
      const found = await pages(api, `${placeOf(repository)}/pull-requests`, PULL_REQUEST, { query });
      return (found?.values ?? []).map(openPullRequest);
    },
  };
}

/** The commit that a branch or tag is at; of an annotated tag, what it is a tag of. */
async function tipOf(api: HostApi, repository: string, ref: string): Promise<z.infer<typeof COMMIT> | undefined> {
  const found = await api.find(`${placeOf(repository)}/commits`, COMMITS, { until: ref, limit: 1 });
  return found?.values[0];
}

/** Throws if it is the repository that is not there. */
async function noneIn(api: HostApi, repository: string): Promise<undefined> {
  await api.get(placeOf(repository), REPOSITORY);
}

function detailsOf(found: z.infer<typeof COMMIT>, url: string): CommitDetails {
  const { id, message, author, authorTimestamp: authoredAt, committerTimestamp: committedAt } = found;
  return {
    id,
    message: message ?? '',
    url,
    ...(author?.name ? { author: author.name } : {}),
    ...(typeof authoredAt === 'number' ? { authoredAt } : {}),
    ...(typeof committedAt === 'number' ? { committedAt } : {}),
  };
}

function openPullRequest(found: z.infer<typeof PULL_REQUEST>): OpenPullRequest {
  const { id: number, title, draft, fromRef, toRef, links } = found;
  const url = links?.self?.[0]?.href;
  return {
    number,
    title,
    ...(url === undefined ? {} : { url }),
    head: {
      branch: fromRef.displayId,
      commit: { id: fromRef.latestCommit },
      repository: { name: nameOf(fromRef.repository), id: String(fromRef.repository.id) },
    },
    base: { branch: toRef.displayId, commit: toRef.latestCommit },
    isFork: fromRef.repository.id !== toRef.repository.id,
    isDraft: draft ?? false,
  };
}
