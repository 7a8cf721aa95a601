import type { ChangedFiles } from '../../engine/source-event.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import { changedFiles } from '../support/changed-files.ts';
import { type HostApi, type Query, TooLarge } from '../support/host-api.ts';
import { DIFF, FILE, ITERATION, ITERATION_CHANGES, list, REPOSITORY } from './shapes.ts';
import { type Place, relative } from './place.ts';

const PAGE = 2_000;
const PAGES_MAX = 5;
const FILE_MAX_LENGTH = 1024 * 1024;

/** Compares the two trees themselves, whichever way the commits lie; a new branch with where it left the default branch. */
export async function comparedFiles(
  api: HostApi,
  place: Place,
  before: string | undefined,
  after: string,
): Promise<ChangedFiles> {
  if (before !== undefined) {
    const base = { baseVersion: before, baseVersionType: 'commit', diffCommonCommit: false };
    const found = await diff(api, place, after, base);
    if (found !== undefined) return found;
  }
  const { defaultBranch } = await api.get(place.repository, REPOSITORY);
  const branch = defaultBranch?.replace('refs/heads/', '');
  const base = { baseVersion: branch, baseVersionType: 'branch', diffCommonCommit: true };
  const added = branch === undefined ? undefined : await diff(api, place, after, base);
  // The commit before may be gone for good once somebody has pushed over it.
  return { paths: added?.paths ?? [], isComplete: before === undefined && added?.isComplete === true };
}

export async function pullRequestFiles(api: HostApi, place: Place, number: number): Promise<ChangedFiles> {
  const path = `${place.repository}/pullRequests/${number}/iterations`;
  const { value: iterations } = await api.get(path, list(ITERATION));
  const newest = Math.max(...iterations.map(({ id }) => id));
  if (iterations.length === 0) return { paths: [], isComplete: false };
  const paths: (string | undefined)[] = [];
  let skip: number | undefined = 0;
  for (let page = 0; page < PAGES_MAX && skip !== undefined; page += 1) {
    const query: Query = { $top: PAGE, $skip: skip };
    const { changeEntries, nextSkip } = await api.get(`${path}/${newest}/changes`, ITERATION_CHANGES, query);
    for (const { item, originalPath } of changeEntries ?? []) {
      paths.push(...[item?.path, originalPath ?? undefined].map((one) => one && relative(one)));
    }
    skip = nextSkip === undefined || nextSkip === 0 ? undefined : nextSkip;
  }
  return changedFiles(paths, skip === undefined);
}

export async function fileText(
  api: HostApi,
  place: Place,
  commit: string,
  path: string,
): Promise<string | undefined> {
  const found = await api.find(`${place.repository}/items`, FILE, {
    path: `/${path}`,
    includeContent: true,
    $format: 'json',
    'versionDescriptor.version': commit,
    'versionDescriptor.versionType': 'commit',
  });
  if (found === undefined || found.isFolder === true || found.gitObjectType !== 'blob') return undefined;
  const { content = '' } = found;
  if (content.length <= FILE_MAX_LENGTH) return content;
  throw new PermanentFailure('ConfigurationError', `${path} is larger than 1 MiB.`);
}

async function diff(api: HostApi, place: Place, after: string, base: Query): Promise<ChangedFiles | undefined> {
  const paths: (string | undefined)[] = [];
  try {
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const query = { ...base, targetVersion: after, targetVersionType: 'commit', $top: PAGE, $skip: page * PAGE };
      const found = await api.find(`${place.repository}/diffs/commits`, DIFF, query);
      if (found === undefined) return undefined;
      const changes = found.changes ?? [];
      for (const { item, sourceServerItem: from } of changes) {
        if (item.isFolder === true || item.gitObjectType === 'tree') continue;
        paths.push(...[item.path, from ?? undefined].map((one) => one && relative(one)));
      }
      if (found.allChangesIncluded === true || changes.length < PAGE) return changedFiles(paths, true);
    }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
  }
  return changedFiles(paths, false);
}
