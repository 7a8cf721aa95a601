import type { z } from 'zod';
import type { ChangedFiles } from '../../engine/source-event.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import { textOfBase64 } from '../support/base64.ts';
import { changedFiles } from '../support/changed-files.ts';
import { type HostApi, TooLarge } from '../support/host-api.ts';
import { oneSegment, projectAt } from './place.ts';
import { COMPARISON, DIFF, FILE, PROJECT } from './shapes.ts';

/** More files than this no GitLab tells of that is set up as it comes, and it does not say that there are more. */
const DIFFS_MAX = 1_000;
const PAGE = 100;
const FILE_MAX_BYTES = 1024 * 1024;

/** What differs between the two trees, whichever way the commits lie; of a new branch, since where it left the default branch. */
export async function comparedFiles(
  api: HostApi,
  repository: string,
  before: string | undefined,
  after: string,
): Promise<ChangedFiles> {
  if (before !== undefined) {
    const found = await compare(api, repository, { from: before, to: after, straight: true });
    if (found !== undefined) return found;
  }
  const { default_branch: from } = await api.get(projectAt(repository), PROJECT);
  const added = from ? await compare(api, repository, { from, to: after, straight: false }) : undefined;
  // The commit before may be gone for good once somebody has pushed over it.
  return { paths: added?.paths ?? [], isComplete: before === undefined && added?.isComplete === true };
}

/** Right after a merge request was opened, GitLab may still be at making its list, which is empty until then. */
export async function pullRequestFiles(api: HostApi, repository: string, number: number): Promise<ChangedFiles> {
  const path = `${projectAt(repository)}/merge_requests/${number}/diffs`;
  const diffs = await api.list(path, DIFF, { size: PAGE });
  return changedFiles(names(diffs), diffs.length > 0 && diffs.length < DIFFS_MAX);
}

export async function fileText(
  api: HostApi,
  repository: string,
  commit: string,
  path: string,
): Promise<string | undefined> {
  const at = `${projectAt(repository)}/repository/files/${oneSegment(path)}`;
  const found = await api.find(at, FILE, { ref: commit });
  if (found === undefined) return undefined;
  if (found.size <= FILE_MAX_BYTES && found.encoding === 'base64') return textOfBase64(found.content);
  throw new PermanentFailure('ConfigurationError', `${path} is larger than 1 MiB.`);
}

async function compare(
  api: HostApi,
  repository: string,
  query: { readonly from: string; readonly to: string; readonly straight: boolean },
): Promise<ChangedFiles | undefined> {
  try {
    const found = await api.find(`${projectAt(repository)}/repository/compare`, COMPARISON, query);
    if (found === undefined) return undefined;
    const diffs = found.diffs ?? [];
    return changedFiles(names(diffs), found.compare_timeout !== true && diffs.length < DIFFS_MAX);
  } catch (error) {
    if (error instanceof TooLarge) return { paths: [], isComplete: false };
    throw error;
  }
}

function names(diffs: readonly z.infer<typeof DIFF>[]): readonly string[] {
  return diffs.flatMap(({ old_path: old, new_path: name }) => [old, name]);
}
