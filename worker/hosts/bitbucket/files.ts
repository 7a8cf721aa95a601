import type { ChangedFiles } from '../../engine/source-event.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import { changedFiles } from '../support/changed-files.ts';
import { TooLarge } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import type { BitbucketApi } from './api.ts';
import { pages } from './pages.ts';
import { DIFFSTAT, FILE, REF, REPOSITORY } from './shapes.ts';

const PAGE = 500;
const PAGES_MAX = 10;
const FILE_MAX_BYTES = 1024 * 1024;

/** What differs between the two trees, whichever way the commits lie; of a new branch, since where it left the main branch. */
export async function comparedFiles(
  of: BitbucketApi,
  repository: string,
  before: string | undefined,
  after: string,
): Promise<ChangedFiles> {
  if (before !== undefined) {
    const found = await compare(of, repository, before, after, false);
    if (found !== undefined) return found;
  }
  const base = await mainCommit(of, repository);
  const added = base === undefined ? undefined : await compare(of, repository, base, after, true);
  // The commit before may be gone for good once somebody has pushed over it.
  return { paths: added?.paths ?? [], isComplete: before === undefined && added?.isComplete === true };
}

export async function pullRequestFiles(of: BitbucketApi, repository: string, number: number): Promise<ChangedFiles> {
  const path = `/repositories/${segments(repository)}/pullrequests/${number}/diffstat`;
  return (await diffstat(of, path, {})) ?? { paths: [], isComplete: false };
}

export async function fileText(
  { api }: BitbucketApi,
  repository: string,
  commit: string,
  path: string,
): Promise<string | undefined> {
  const at = `/repositories/${segments(repository)}/src/${segments(commit)}/${segments(path)}`;
  const found = await api.find(at, FILE, { format: 'meta' });
  if (found?.type !== 'commit_file') return undefined;
  const text = (found.size ?? 0) > FILE_MAX_BYTES ? undefined : await api.text(at, FILE_MAX_BYTES);
  if (text !== undefined) return text;
  throw new PermanentFailure('ConfigurationError', `${path} is larger than 1 MiB.`);
}

async function mainCommit({ api }: BitbucketApi, repository: string): Promise<string | undefined> {
  const path = `/repositories/${segments(repository)}`;
  const { mainbranch } = await api.get(path, REPOSITORY);
  if (!mainbranch) return undefined;
  return (await api.find(`${path}/refs/branches/${encodeURIComponent(mainbranch.name)}`, REF))?.target.hash;
}

/** Bitbucket names first what is looked at, and then what it is compared with: not as Git does. */
function compare(
  of: BitbucketApi,
  repository: string,
  before: string,
  after: string,
  topic: boolean,
): Promise<ChangedFiles | undefined> {
  const spec = encodeURIComponent(`${after}..${before}`);
  return diffstat(of, `/repositories/${segments(repository)}/diffstat/${spec}`, { topic });
}

async function diffstat(
  { api, apiUrl }: BitbucketApi,
  path: string,
  query: { readonly topic?: boolean },
): Promise<ChangedFiles | undefined> {
  try {
    const found = await pages(api, apiUrl, path, DIFFSTAT, {
      query: { ...query, pagelen: PAGE },
      pagesMax: PAGES_MAX,
    });
    if (found === undefined) return undefined;
    const paths = found.values.flatMap(({ old, new: now }) => [old?.path, now?.path]);
    return changedFiles(paths, found.isComplete);
  } catch (error) {
    if (error instanceof TooLarge) return { paths: [], isComplete: false };
    throw error;
  }
}
