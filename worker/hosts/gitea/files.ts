import type { ChangedFiles } from '../../engine/source-event.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import { textOfBase64 } from '../support/base64.ts';
import { changedFiles } from '../support/changed-files.ts';
import { type HostApi, TooLarge } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import { COMPARISON, CONTENTS, FILE, REPOSITORY } from './shapes.ts';

const PAGE = 50;
const FILE_MAX_BYTES = 1024 * 1024;

/** The files of all commits that are in one and not in the other, in both directions: that finds what a forced push took away, too. */
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
    return changedFiles(added?.paths ?? [], before === undefined && added?.isComplete === true);
  }
  const back = await compare(api, repository, after, before);
  return changedFiles([...forth.paths, ...(back?.paths ?? [])], forth.isComplete && back?.isComplete === true);
}

export async function pullRequestFiles(api: HostApi, repository: string, number: number): Promise<ChangedFiles> {
  const path = `/repos/${segments(repository)}/pulls/${number}/files`;
  const pagesMax = 60;
  const files = await api.list(path, FILE, { size: PAGE, sizeName: 'limit', pagesMax });
  const paths = files.flatMap(({ filename, previous_filename: previous }) => [filename, previous]);
  return changedFiles(paths, files.length < PAGE * pagesMax);
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
  if (found.size > FILE_MAX_BYTES || found.encoding !== 'base64' || typeof found.content !== 'string') {
    throw new PermanentFailure('ConfigurationError', `${path} is larger than 1 MiB.`);
  }
  return textOfBase64(found.content);
}

async function compare(
  api: HostApi,
  repository: string,
  base: string,
  head: string,
): Promise<ChangedFiles | undefined> {
  const range = encodeURIComponent(`${base}...${head}`);
  try {
    const found = await api.find(`/repos/${segments(repository)}/compare/${range}`, COMPARISON);
    if (found === undefined) return undefined;
    const commits = found.commits ?? [];
    const paths = commits.flatMap(({ files }) => (files ?? []).map(({ filename }) => filename));
    // Old versions tell commits without their files.
    const isComplete = commits.length >= found.total_commits && commits.every(({ files }) => Array.isArray(files));
    return changedFiles(paths, isComplete);
  } catch (error) {
    if (error instanceof TooLarge) return { paths: [], isComplete: false };
    throw error;
  }
}
