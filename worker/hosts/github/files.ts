import type { ChangedFiles } from '../../engine/source-event.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import { textOfBase64 } from '../support/base64.ts';
import { changedFiles } from '../support/changed-files.ts';
import { type HostApi, TooLarge } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import { COMPARISON, CONTENTS, FILE, REPOSITORY } from './shapes.ts';

/** More than this many files GitHub compares with nobody. */
const COMPARED_MAX = 300;
const PULL_REQUEST_MAX = 3_000;
const PAGE = 100;

type Named = Readonly<{ filename: string; previous_filename?: string | undefined }>;

/** What differs between two commits, whichever way they lie; without the first, what a new branch adds to the default branch. */
export async function comparedFiles(
  api: HostApi,
  repository: string,
  before: string | undefined,
  after: string,
): Promise<ChangedFiles> {
  const forth = before === undefined ? undefined : await compare(api, repository, before, after);
  if (before === undefined || forth === undefined) {
    // The commit before may be gone for good once somebody has pushed over it.
    const { default_branch: base } = await api.get(`/repos/${segments(repository)}`, REPOSITORY);
    const added = await compare(api, repository, base, after);
    return changedFiles(names(added), before === undefined && isAll(added));
  }
  // A comparison starts where the two parted: what a forced push took away shows in the other direction only.
  const back = forth.isForward ? undefined : await compare(api, repository, after, before);
  return changedFiles([...names(forth), ...names(back)], isAll(forth) && (forth.isForward || isAll(back)));
}

export async function pullRequestFiles(api: HostApi, repository: string, number: number): Promise<ChangedFiles> {
  const path = `/repos/${segments(repository)}/pulls/${number}/files`;
  const files = await api.list(path, FILE, { size: PAGE, pagesMax: PULL_REQUEST_MAX / PAGE });
  return changedFiles(names({ files }), files.length < PULL_REQUEST_MAX);
}

export async function fileText(
  api: HostApi,
  repository: string,
  commit: string,
  path: string,
): Promise<string | undefined> {
  const found = await api.find(`/repos/${segments(repository)}/contents/${segments(path)}`, CONTENTS, {
    ref: commit,
  });
  if (found === undefined || Array.isArray(found) || found.type !== 'file') return undefined;
  // Of files of more than a megabyte GitHub sends no content here.
  if (found.encoding !== 'base64' || found.content === undefined) {
    throw new PermanentFailure('ConfigurationError', `${path} is larger than 1 MiB.`);
  }
  return textOfBase64(found.content);
}

interface Comparison {
  readonly isForward: boolean;
  /** Absent: too much to be told. */
  readonly files?: readonly Named[];
}

async function compare(
  api: HostApi,
  repository: string,
  base: string,
  head: string,
): Promise<Comparison | undefined> {
  const range = encodeURIComponent(`${base}...${head}`);
  // All files are on the first page, and pages are of commits, which nobody here wants.
  const query = { per_page: 1, page: 1 };
  try {
    const found = await api.find(`/repos/${segments(repository)}/compare/${range}`, COMPARISON, query);
    return found && { isForward: ['ahead', 'identical'].includes(found.status), files: found.files ?? [] };
  } catch (error) {
    if (error instanceof TooLarge) return { isForward: true };
    throw error;
  }
}

function isAll(comparison: Comparison | undefined): boolean {
  return comparison?.files !== undefined && comparison.files.length < COMPARED_MAX;
}

function names(comparison: Pick<Comparison, 'files'> | undefined): readonly (string | undefined)[] {
  return (comparison?.files ?? []).flatMap(({ filename, previous_filename: previous }) => [filename, previous]);
}
