import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { PermanentFailure } from '../kernel/failure.ts';
import { comment, setStatus } from './azure-devops/feedback.ts';
import { comparedFiles, fileText, pullRequestFiles } from './azure-devops/files.ts';
import { ensureHook, hookState, removeHook } from './azure-devops/hooks.ts';
import { type Place, placeOf } from './azure-devops/place.ts';
import { COMMIT, list, PULL_REQUEST, REF, REPOSITORY } from './azure-devops/shapes.ts';
import type { CommitDetails, GitHost, HostAccess, HttpPort, OpenPullRequest } from './git-host.ts';
import { base64OfText } from './support/base64.ts';
import { isCommitId } from './support/commit-id.ts';
import { HostApi } from './support/host-api.ts';
import { segments } from './support/path.ts';

export interface AzureDevOpsParts {
  readonly http: HttpPort;
  readonly clock: Clock;
}

const IDENTITY = z.object({
  authenticatedUser: z.object({ id: z.string(), providerDisplayName: z.string().nullish() }),
});
const NOBODY = '00000000-0000-0000-0000-000000000000';
const PULL_REQUESTS_MAX = 1_000;

/** Azure DevOps, and the Server of that name. `baseUrl` is the organization's, like `https://dev.azure.com/example-org`. */
export function azureDevOps(access: HostAccess, { http, clock }: AzureDevOpsParts): GitHost {
  const { credentials, baseUrl } = access;
  if (credentials.kind !== 'token') {
    throw new PermanentFailure('ConfigurationError', 'Azure DevOps is asked with a personal access token.');
  }
  const { token } = credentials;
  const api = new HostApi({
    http,
    clock,
    host: 'Azure DevOps',
    baseUrl: access.apiUrl ?? baseUrl,
    headers: { accept: 'application/json;api-version=7.1' },
    authorization: () => Promise.resolve(`Basic ${base64OfText(`:${token}`)}`),
    secrets: [token],
    // Who is not known is led to a page for signing in, with 302 or as 203.
    followsRedirects: false,
    signInStatuses: [203, 302],
  });

  return {
    kind: 'azure-devops',
    test: async () => {
      // This one has never left its preview.
      const { authenticatedUser: user } = await api.get('/_apis/connectionData', IDENTITY, {
        'api-version': '7.1-preview.1',
      });
      if (user.id !== NOBODY) return { name: user.providerDisplayName ?? user.id };
      throw new PermanentFailure('PermissionError', 'Azure DevOps does not know the token.');
    },
    repository: async (name) => {
      const found = await api.get(placeOf(name).repository, REPOSITORY);
      const { id, project, defaultBranch, webUrl, remoteUrl } = found;
      return {
        id,
        name: `${project.name}/${found.name}`,
        defaultBranch: defaultBranch?.replace('refs/heads/', '') ?? 'main',
        url: webUrl ?? remoteUrl ?? baseUrl,
        isPrivate: project.visibility !== 'public',
      };
    },
    head: async (repository, branch) => {
      const place = placeOf(repository);
      const id = await tipOf(api, place, `heads/${branch}`);
      return id === undefined ? undefined : commitAt(api, place, id);
    },
    commit: async (repository, id) => {
      const place = placeOf(repository);
      const commit = isCommitId(id) ? id : await tipOf(api, place, `tags/${id}`);
      const found = commit === undefined ? undefined : await commitAt(api, place, commit);
      // Throws if it is the repository that is not there.
      if (found === undefined) await api.get(place.repository, REPOSITORY);
      return found;
    },
    changedFiles: (repository, before, after) => comparedFiles(api, placeOf(repository), before, after),
    pullRequestFiles: (repository, number) => pullRequestFiles(api, placeOf(repository), number),
    archive: async (repository, commit) => {
      const body = await api.download(`${placeOf(repository).repository}/items`, {
        path: '/',
        $format: 'zip',
        'versionDescriptor.version': commit,
        'versionDescriptor.versionType': 'commit',
      });
      return { body, format: 'zip', topFolder: false };
    },
    file: (repository, commit, path) => fileText(api, placeOf(repository), commit, path),
    clone: (repository) => {
      const url = `${baseUrl}${placeOf(repository).clone}`;
      // Any name will do, but none will not.
      return Promise.resolve({ url, user: credentials.user ?? 'millrace', password: token });
    },
    setStatus: (repository, commit, status) => setStatus(api, placeOf(repository), commit, status),
    comment: (repository, number, marker, text) => comment(api, placeOf(repository), number, marker, text),
    ensureHook: (repository, hook) => ensureHook(api, placeOf(repository), hook),
    hookState: (_repository, id) => hookState(api, id),
    removeHook: (_repository, id) => removeHook(api, id),
    openPullRequests: async (repository) => {
      const query = { 'searchCriteria.status': 'active', $top: PULL_REQUESTS_MAX };
      const path = `${placeOf(repository).repository}/pullRequests`;
      const { value } = await api.get(path, list(PULL_REQUEST), query);
      return value.flatMap((found) => openPullRequest(found, repository));
    },
  };
}

/** The commit that a branch or tag is at; of an annotated tag, what it is a tag of. */
async function tipOf(api: HostApi, place: Place, ref: string): Promise<string | undefined> {
  const { value } = await api.get(`${place.repository}/refs`, list(REF), { filter: ref, peelTags: true });
  // The filter is but the beginning of a name.
  const found = value.find(({ name }) => name === `refs/${ref}`);
  return found?.peeledObjectId ?? found?.objectId;
}

async function commitAt(api: HostApi, place: Place, id: string): Promise<CommitDetails | undefined> {
  const found = await api.find(`${place.repository}/commits/${segments(id)}`, COMMIT);
  if (found === undefined) return undefined;
  const { commitId, comment: message = '', author, committer, remoteUrl: url } = found;
  const authoredAt = Date.parse(author?.date ?? '');
  const committedAt = Date.parse(committer?.date ?? '');
  return {
    id: commitId,
    message,
    ...(url === undefined ? {} : { url }),
    ...(author?.name === undefined ? {} : { author: author.name }),
    ...(Number.isNaN(authoredAt) ? {} : { authoredAt }),
    ...(Number.isNaN(committedAt) ? {} : { committedAt }),
  };
}

/** Before Azure DevOps has tried to merge it, a pull request has no commit that anybody could name. */
function openPullRequest(found: z.infer<typeof PULL_REQUEST>, name: string): readonly OpenPullRequest[] {
  const { pullRequestId: number, title, isDraft, sourceRefName, targetRefName, forkSource } = found;
  if (!found.lastMergeSourceCommit) return [];
  const target = found.lastMergeTargetCommit?.commitId;
  const fork = forkSource?.repository;
  return [
    {
      number,
      title,
      head: {
        branch: sourceRefName.replace('refs/heads/', ''),
        commit: { id: found.lastMergeSourceCommit.commitId },
        repository: fork ? { name: `${fork.project.name}/${fork.name}`, id: fork.id } : { name },
      },
      base: {
        branch: targetRefName.replace('refs/heads/', ''),
        ...(target === undefined ? {} : { commit: target }),
      },
      isFork: fork !== undefined,
      isDraft: isDraft ?? false,
    },
  ];
}
