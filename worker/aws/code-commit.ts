import { PermanentFailure } from '../kernel/failure.ts';
import type { AwsCalls, AwsService } from './client.ts';

export interface CodeCommitCommit {
  readonly message: string;
  /** Milliseconds since the Unix epoch. */
  readonly authoredAt?: number;
  readonly committedAt?: number;
}

/** One file or link of a tree. */
export interface CodeCommitEntry {
  readonly path: string;
  readonly kind: 'file' | 'symlink';
  readonly mode: number;
  readonly sizeBytes: number;
  readonly to?: string;
  readonly body: ReadableStream<Uint8Array>;
}

export interface CodeCommitRepositories {
  /** CodeCommit, "GetBranch": the commit at its tip. */
  head(repository: string, branch: string): Promise<string>;
  /** CodeCommit, "GetCommit". */
  commit(repository: string, id: string): Promise<CodeCommitCommit>;
  /** All files at a commit, by path, but for submodules. Throws before the first one if they are too many. */
  tree(repository: string, commit: string): AsyncIterable<CodeCommitEntry>;
}

const CODE_COMMIT: AwsService = {
  name: 'AWS CodeCommit',
  host: 'codecommit',
  signing: 'codecommit',
  target: 'CodeCommit_20150413',
};
/** Each takes a call. An invocation of a Worker may make 10,000. */
const ENTRIES_MAX = 5_000;
const FOLDERS_AT_ONCE = 6;
/** Each may be 6 MB, and is held whole, as text and as bytes. */
const BLOBS_AT_ONCE = 3;

interface Branch {
  readonly branch?: { readonly commitId?: string };
}

interface Person {
  /** Seconds since the Unix epoch and a time zone, like `1484167798 -0800`. */
  readonly date?: string;
}

interface Commit {
  readonly commit?: { readonly message?: string; readonly author?: Person; readonly committer?: Person };
}

interface Leaf {
  readonly blobId: string;
  readonly absolutePath: string;
  readonly fileMode?: 'EXECUTABLE' | 'NORMAL' | 'SYMLINK';
}

interface Folder {
  readonly subFolders?: readonly { readonly absolutePath: string }[];
  readonly files?: readonly Leaf[];
  readonly symbolicLinks?: readonly Leaf[];
}

export function codeCommit(calls: AwsCalls): CodeCommitRepositories {
  const ask = async <T>(operation: string, input: object): Promise<T> =>
    (await calls.json(CODE_COMMIT, operation, input)) as T;

  return {
    async head(repositoryName, branchName) {
      const { branch } = await ask<Branch>('GetBranch', { repositoryName, branchName });
      if (branch?.commitId !== undefined) return branch.commitId;
      throw new PermanentFailure('RevisionUnavailable', `The branch "${branchName}" has no commit.`);
    },

    async commit(repositoryName, commitId) {
      const { commit = {} } = await ask<Commit>('GetCommit', { repositoryName, commitId });
      const { message = '', author, committer } = commit;
      return { message, ...at('authoredAt', author), ...at('committedAt', committer) };
    },

    async *tree(repositoryName, commitSpecifier) {
      const leaves = await listed(
        async (folderPath) => ask<Folder>('GetFolder', { repositoryName, commitSpecifier, folderPath }),
        repositoryName,
      );
      const read = async (leaf: Leaf): Promise<CodeCommitEntry> => {
        const { content = '' } = await ask<{ readonly content?: string }>('GetBlob', {
          repositoryName,
          blobId: leaf.blobId,
        });
        return entryOf(leaf, content);
      };
      yield* ahead(leaves, BLOBS_AT_ONCE, read);
    },
  };
}

/** Every file and link, by path: the same tree has the same order whichever folder has answered first. */
async function listed(folderAt: (path: string) => Promise<Folder>, repository: string): Promise<readonly Leaf[]> {
  const leaves: Leaf[] = [];
  let folders = ['/'];
  let count = 0;
  while (folders.length > 0) {
    const [now, later] = [folders.slice(0, FOLDERS_AT_ONCE), folders.slice(FOLDERS_AT_ONCE)];
    folders = later;
    for (const { files = [], symbolicLinks = [], subFolders = [] } of await Promise.all(now.map(folderAt))) {
      leaves.push(...files, ...symbolicLinks.map((link) => ({ ...link, fileMode: 'SYMLINK' as const })));
      folders.push(...subFolders.map(({ absolutePath }) => absolutePath));
      count += files.length + symbolicLinks.length + subFolders.length;
    }
    if (count > ENTRIES_MAX) throw tooMany(repository);
  }
  return leaves.sort((a, b) => (a.absolutePath < b.absolutePath ? -1 : 1));
}

/** In order, with a few of those to come on their way. */
async function* ahead<In, Out>(
  all: readonly In[],
  atOnce: number,
  read: (one: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const begun: Promise<Out>[] = [];
  for (let next = 0; next < all.length || begun.length > 0;) {
    for (; next < all.length && begun.length < atOnce; next += 1) {
      const one = read(all[next] as In);
      // It is awaited when its turn comes; until then nobody may call it unhandled.
      one.catch(() => undefined);
      begun.push(one);
    }
    yield await (begun.shift() as Promise<Out>);
  }
}

function entryOf({ absolutePath, fileMode }: Leaf, content: string): CodeCommitEntry {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  const path = absolutePath.replace(/^\/+/, '');
  if (fileMode === 'SYMLINK') {
    const to = new TextDecoder().decode(bytes);
    return { path, kind: 'symlink', mode: 0o755, sizeBytes: 0, to, body: streamOf(new Uint8Array()) };
  }
  const mode = fileMode === 'EXECUTABLE' ? 0o755 : 0o644;
  return { path, kind: 'file', mode, sizeBytes: bytes.byteLength, body: streamOf(bytes) };
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

function at<Name extends string>(name: Name, person: Person | undefined): { readonly [_ in Name]?: number } {
  const seconds = Number(person?.date?.split(' ')[0] ?? NaN);
  return Number.isFinite(seconds) ? ({ [name]: seconds * 1000 } as { readonly [_ in Name]: number }) : {};
}

function tooMany(repository: string): PermanentFailure {
  return new PermanentFailure(
    'RevisionUnavailable',
    `${repository} has more than ${ENTRIES_MAX} files and folders, and CodeCommit hands out no archive. ` +
      'Let a runner clone it instead: Source/Git.',
  );
}
