import type { Answer } from './ecr.ts';

export interface StoredRepository {
  readonly branches: Readonly<Record<string, string>>;
  readonly commits: Readonly<Record<string, StoredCommit>>;
}

export interface StoredCommit {
  readonly message: string;
  /** By path: the text, and what it is if not a plain file. */
  readonly files: Readonly<Record<string, readonly [text: string, mode?: 'EXECUTABLE' | 'SYMLINK']>>;
}

interface Order {
  readonly repositoryName: string;
  readonly branchName?: string;
  readonly commitId?: string;
  readonly commitSpecifier?: string;
  readonly folderPath?: string;
  readonly blobId?: string;
}

/** A file with this text is larger than CodeCommit hands out. */
export const TOO_LARGE = 'too large';

/** CodeCommit as far as sources read it. A blob's id is its text, so that none need be kept. */
export function answerCodeCommit(
  repositories: ReadonlyMap<string, StoredRepository>,
  operation: string,
  order: Order,
): Answer {
  const repository = repositories.get(order.repositoryName);
  if (repository === undefined) return refusal('RepositoryDoesNotExistException');
  switch (operation) {
    case 'GetBranch': {
      const commitId = repository.branches[order.branchName ?? ''];
      if (commitId === undefined) return refusal('BranchDoesNotExistException');
      return { status: 200, body: { branch: { branchName: order.branchName, commitId } } };
    }
    case 'GetCommit': {
      const commit = repository.commits[order.commitId ?? ''];
      if (commit === undefined) return refusal('CommitIdDoesNotExistException');
      const person = { name: 'Ada', email: 'ada@example.com', date: '1764072000 +0100' };
      const { message } = commit;
      return {
        status: 200,
        body: { commit: { commitId: order.commitId, message, author: person, committer: person } },
      };
    }
    case 'GetFolder':
      return folder(repository.commits[order.commitSpecifier ?? ''], order.folderPath ?? '/');
    case 'GetBlob':
      if (order.blobId === btoa(TOO_LARGE)) return refusal('FileTooLargeException');
      return { status: 200, body: { content: order.blobId } };
    default:
      return refusal('UnknownOperationException');
  }
}

function folder(commit: StoredCommit | undefined, path: string): Answer {
  if (commit === undefined) return refusal('CommitDoesNotExistException');
  const under = path === '/' ? '' : `${path.replace(/^\/+/, '')}/`;
  const subFolders = new Set<string>();
  const [files, symbolicLinks]: [object[], object[]] = [[], []];
  for (const [name, [text, mode]] of Object.entries(commit.files)) {
    if (!name.startsWith(under)) continue;
    const [first = '', ...rest] = name.slice(under.length).split('/');
    if (rest.length > 0) subFolders.add(under + first);
    else {
      const leaf = { blobId: btoa(text), absolutePath: name, relativePath: first, fileMode: mode ?? 'NORMAL' };
      (mode === 'SYMLINK' ? symbolicLinks : files).push(leaf);
    }
  }
  const named = [...subFolders].map((absolutePath) => ({ absolutePath, relativePath: absolutePath, treeId: 't' }));
  return { status: 200, body: { folderPath: path, subFolders: named, files, symbolicLinks, subModules: [] } };
}

function refusal(type: string): Answer {
  return { status: 400, body: { __type: type, message: 'Said by the double.' } };
}
