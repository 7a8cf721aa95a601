import type { ChangedFiles } from '../../engine/source-event.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import { changedFiles } from '../support/changed-files.ts';
import { type HostApi, type Query, TooLarge } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import { pages } from './pages.ts';
import { placeOf } from './place.ts';
import { CHANGE, ENTRY, REF } from './shapes.ts';

/** More changes than this no Bitbucket tells of that is set up as it comes, and there is no second page. */
const CHANGES_MAX = 1_000;
const FILE_MAX_BYTES = 1024 * 1024;

/** What differs between the two trees, whichever way the commits lie; of a new branch, since where it left the default branch. */
export async function comparedFiles(
  api: HostApi,
  repository: string,
  before: string | undefined,
  after: string,
): Promise<ChangedFiles> {
  const place = placeOf(repository);
  if (before !== undefined) {
    const found = await changes(api, `${place}/changes`, { since: before, until: after });
    if (found !== undefined) return found;
  }
  const base = await defaultBranch(api, place);
  const query = { from: after, to: base?.id };
  const added = base === undefined ? undefined : await changes(api, `${place}/compare/changes`, query);
  // The commit before may be gone for good once somebody has pushed over it.
  return { paths: added?.paths ?? [], isComplete: before === undefined && added?.isComplete === true };
}

export async function pullRequestFiles(api: HostApi, repository: string, number: number): Promise<ChangedFiles> {
  const path = `${placeOf(repository)}/pull-requests/${number}/changes`;
  return (await changes(api, path, {})) ?? { paths: [], isComplete: false };
}

export async function fileText(
  api: HostApi,
  repository: string,
  commit: string,
  path: string,
): Promise<string | undefined> {
  const place = placeOf(repository);
  const entry = await api.find(`${place}/browse/${segments(path)}`, ENTRY, { at: commit, type: true });
  if (entry?.type !== 'FILE') return undefined;
  const text = await api.text(`${place}/raw/${segments(path)}`, FILE_MAX_BYTES, { at: commit });
  if (text !== undefined) return text;
  throw new PermanentFailure('ConfigurationError', `${path} is larger than 1 MiB.`);
}

/** Undefined: nothing has been pushed yet. */
export function defaultBranch(api: HostApi, place: string): Promise<{ id: string; displayId: string } | undefined> {
  return api.find(`${place}/default-branch`, REF, {}, [204, 404]);
}

async function changes(api: HostApi, path: string, query: Query): Promise<ChangedFiles | undefined> {
  try {
    const found = await pages(api, path, CHANGE, { query: { ...query, limit: CHANGES_MAX }, pagesMax: 1 });
    if (found === undefined) return undefined;
    const paths = found.values.flatMap(({ path: now, srcPath: old }) => [
      now.components.join('/'),
      old?.components.join('/'),
    ]);
    return changedFiles(paths, found.isComplete && found.values.length < CHANGES_MAX);
  } catch (error) {
    if (error instanceof TooLarge) return { paths: [], isComplete: false };
    throw error;
  }
}
