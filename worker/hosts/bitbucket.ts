import { z } from 'zod';
import { bitbucketApi, type BitbucketApi, type BitbucketParts } from './bitbucket/api.ts';
import { comment, setStatus } from './bitbucket/feedback.ts';
import { comparedFiles, fileText, pullRequestFiles } from './bitbucket/files.ts';
import { ensureHook, hookState, removeHook } from './bitbucket/hooks.ts';
import { pages } from './bitbucket/pages.ts';
import { COMMIT, PULL_REQUEST, REF, REPOSITORY, USER } from './bitbucket/shapes.ts';
import type { CommitDetails, GitHost, HostAccess, HostIdentity, OpenPullRequest } from './git-host.ts';
import { segments } from './support/path.ts';

/** Bitbucket Cloud. Its pull requests tell only how the ids of their commits begin; `commit` finds out the rest. */
export function bitbucket(access: HostAccess, parts: BitbucketParts): GitHost {
  const of = bitbucketApi(access, parts);
  const { api } = of;
  const at = (repository: string): string => `/repositories/${segments(repository)}`;

  return {
    kind: 'bitbucket',
    test: () => test(of),
    repository: async (name) => {
      const found = await api.get(at(name), REPOSITORY);
      return {
        id: found.uuid,
        name: found.full_name,
        defaultBranch: found.mainbranch?.name ?? 'main',
        url: found.links?.html?.href ?? `${of.siteUrl}/${found.full_name}`,
        isPrivate: found.is_private,
      };
    },
    head: async (repository, branch) => {
      const found = await api.find(`${at(repository)}/refs/branches/${encodeURIComponent(branch)}`, REF);
      return found ? detailsOf(found.target) : noneIn(of, repository);
    },
    commit: async (repository, id) => (await commitOf(api, at(repository), id)) ?? (await noneIn(of, repository)),
    changedFiles: (repository, before, after) => comparedFiles(of, repository, before, after),
    pullRequestFiles: (repository, number) => pullRequestFiles(of, repository, number),
    archive: async (repository, commit) => {
      const path = `/${segments(repository)}/get/${segments(commit)}.tar.gz`;
      return { body: await of.site.download(path), format: 'tar.gz', topFolder: true };
    },
    file: (repository, commit, path) => fileText(of, repository, commit, path),
    clone: (repository) => {
      const user = of.isPersonal ? 'x-bitbucket-api-token-auth' : 'x-token-auth';
      return Promise.resolve({ url: `${of.siteUrl}/${segments(repository)}.git`, user, password: of.token });
    },
    setStatus: (repository, commit, status) => setStatus(of, repository, commit, status),
    comment: (repository, number, marker, text) => comment(of, repository, number, marker, text),
    ensureHook: (repository, hook) => ensureHook(of, repository, hook),
    hookState: (repository, id) => hookState(of, repository, id),
    removeHook: (repository, id) => removeHook(of, repository, id),
    openPullRequests: async (repository) => {
      const query = { state: 'OPEN', pagelen: 50 };
      const found = await pages(api, of.apiUrl, `${at(repository)}/pullrequests`, PULL_REQUEST, { query });
      return (found?.values ?? []).flatMap(openPullRequest);
    },
  };
}

/** Tokens of a workspace, a project or a repository are nobody's; whether they are good shows by what they can list. */
async function test({ api, isPersonal }: BitbucketApi): Promise<HostIdentity> {
  const user = isPersonal ? await api.get('/user', USER) : await api.find('/user', USER, {}, [401, 403]);
  if (user !== undefined) return { name: user.nickname ?? user.display_name ?? 'unknown' };
  await api.get('/repositories', z.unknown(), { role: 'member', pagelen: 1 });
  return { name: 'access token' };
}

/** What is no id is the name of a tag, and so may be what looks like the beginning of an id. */
async function commitOf(
  api: BitbucketApi['api'],
  repository: string,
  id: string,
): Promise<CommitDetails | undefined> {
  if (/^[0-9a-f]{7,40}$/.test(id)) {
    const found = await api.find(`${repository}/commit/${id}`, COMMIT);
    // A branch may be called like that, too.
    if (found?.hash.startsWith(id) === true) return detailsOf(found);
    if (id.length === 40) return undefined;
  }
  const tag = await api.find(`${repository}/refs/tags/${encodeURIComponent(id)}`, REF);
  return tag && detailsOf(tag.target);
}

/** Throws if it is the repository that is not there. */
async function noneIn({ api }: BitbucketApi, repository: string): Promise<undefined> {
  await api.get(`/repositories/${segments(repository)}`, REPOSITORY);
}

function detailsOf({ hash: id, message, date, author, links }: z.infer<typeof COMMIT>): CommitDetails {
  const authoredAt = Date.parse(date ?? '');
  const name = author?.raw?.replace(/ *<[^>]*>$/, '') ?? '';
  return {
    id,
    message: message ?? '',
    ...(links?.html ? { url: links.html.href } : {}),
    ...(name === '' ? {} : { author: name }),
    ...(Number.isNaN(authoredAt) ? {} : { authoredAt }),
  };
}

function openPullRequest(found: z.infer<typeof PULL_REQUEST>): readonly OpenPullRequest[] {
  const { id: number, title, draft, source, destination, links } = found;
  if (!source.commit) return [];
  const { repository: from } = source;
  const base = destination.commit?.hash;
  return [
    {
      number,
      title,
      ...(links?.html ? { url: links.html.href } : {}),
      head: {
        branch: source.branch.name,
        commit: { id: source.commit.hash },
        repository: { name: from?.full_name ?? 'unknown/unknown', ...(from?.uuid ? { id: from.uuid } : {}) },
      },
      base: { branch: destination.branch.name, ...(base === undefined ? {} : { commit: base }) },
      isFork: from?.full_name !== destination.repository?.full_name,
      isDraft: draft ?? false,
    },
  ];
}
