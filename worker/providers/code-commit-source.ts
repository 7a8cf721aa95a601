import { cutMessage, isoSeconds, titleOf } from '../kernel/commit-text.ts';
import {
  type ActionProvider,
  type FetchedEntry,
  misconfigured,
  type Progress,
  type ProviderRun,
  SOURCE_MAX_BYTES,
  type TakeTree,
} from './provider.ts';

/** Repositories that a run may read. Throws what CodeCommit refuses as failures. */
export interface RepositoryReader {
  /** The commit at the tip of a branch. */
  head(repository: string, branch: string): Promise<string>;
  commit(
    repository: string,
    id: string,
  ): Promise<{ readonly message: string; readonly authoredAt?: number; readonly committedAt?: number }>;
  tree(repository: string, commit: string): AsyncIterable<FetchedEntry>;
}

export interface CodeCommitSourceParts {
  /** Throws when the run's tenant has no such connection. */
  readonly codeCommit: (run: ProviderRun) => Promise<RepositoryReader>;
  readonly takeTree: TakeTree;
}

/**
 * Source/CodeCommit: one commit of a branch. CodeCommit hands out no archives: the tree is read file by file. The commit is fixed before:
 * by the pin that the execution was started with, or by the tip of the branch, which is kept as the external id.
 */
export function codeCommitSource({ codeCommit, takeTree }: CodeCommitSourceParts): ActionProvider {
  async function fetchCommit(run: ProviderRun, { repository, branch }: Order, id: string): Promise<Progress> {
    const at = await codeCommit(run);
    const { message, authoredAt, committedAt } = await at.commit(repository, id);
    const taken = await takeTree(run.tenant, at.tree(repository, id), SOURCE_MAX_BYTES);
    const summary = titleOf(message);
    return {
      kind: 'Succeeded',
      variables: {
        RepositoryName: repository,
        BranchName: branch,
        CommitId: id,
        CommitMessage: cutMessage(message),
        ...(authoredAt === undefined ? {} : { AuthorDate: isoSeconds(authoredAt) }),
        ...(committedAt === undefined ? {} : { CommitterDate: isoSeconds(committedAt) }),
      },
      artifacts: run.outputs.map(({ name }) => ({ name, ...taken })),
      summary: `${id.slice(0, 12)} ${summary}`.trim(),
      revision: { id, type: 'COMMIT_ID', summary, branch },
    };
  }

  return {
    types: ['Source/CodeCommit'],

    async start(run) {
      const order = orderOf(run);
      if (typeof order === 'string') return misconfigured(order);
      if (run.pin !== undefined) return fetchCommit(run, order, run.pin.value);
      const tip = await (await codeCommit(run)).head(order.repository, order.branch);
      return { kind: 'Running', externalId: tip, checkAfterMs: 1 };
    },

    async poll(run, externalId = '') {
      const order = orderOf(run);
      return typeof order === 'string' ? misconfigured(order) : fetchCommit(run, order, externalId);
    },

    // Fetching starts nothing anywhere.
    cancel: () => Promise.resolve('Cancelled'),
  };
}

interface Order {
  readonly repository: string;
  readonly branch: string;
}

function orderOf({ configuration, pin }: ProviderRun): Order | string {
  const {
    RepositoryName: repository = '',
    BranchName = '',
    OutputArtifactFormat: format = 'CODE_ZIP',
  } = configuration;
  const branch = pin?.branch ?? BranchName;
  if (repository === '') return 'RepositoryName is missing.';
  if (branch === '') return 'BranchName is missing.';
  if (format !== 'CODE_ZIP') {
    return `${format} is nothing that this source can hand on; let a runner clone the repository with Source/Git.`;
  }
  if (pin !== undefined && pin.type !== 'COMMIT_ID') return `A ${pin.type} is nothing of a repository.`;
  return { repository, branch };
}
