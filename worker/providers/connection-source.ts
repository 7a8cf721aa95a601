import type { CommitDetails, GitHost } from '../hosts/git-host.ts';
import { cutMessage, isoSeconds, titleOf } from '../kernel/commit-text.ts';
import { PermanentFailure } from '../kernel/failure.ts';
import {
  type ActionProvider,
  bytesOf,
  type FetchedBytes,
  type FetchedRevision,
  misconfigured,
  type Progress,
  type ProviderRun,
  SOURCE_MAX_BYTES,
  type TakeBytes,
  unavailable,
} from './provider.ts';

/** What sources reach beyond their own file. */
export interface SourceParts {
  /** By name, or by the ARN that it stands for. Undefined: the tenant has no such connection. */
  readonly host: (tenant: string, connection: string) => Promise<SourceHost | undefined>;
  readonly take: TakeBytes;
}

export type SourceHost = Pick<GitHost, 'repository' | 'head' | 'commit' | 'archive'>;

const CLONE_FORMATS = ['CLONE_REF', 'CODEBUILD_CLONE_REF'];
/** Where a runner finds what it is to clone; `clone-reference.ts` of the runner reads it. */
const CLONE_FILE = '.millrace/clone.json';

/**
 * Source/Connection, and CodePipeline's CodeStarSourceConnection: one commit of a repository at a Git host. What it is to be is fixed
 * before it is fetched: by the pin that the execution was started with, or by asking for the tip of the branch, which is kept as the
 * external id, so that whatever fails afterwards is tried again with the same commit.
 */
export function connectionSource({ host, take }: SourceParts): ActionProvider {
  const opened = async (run: ProviderRun): Promise<SourceHost | string> => {
    const order = orderOf(run.configuration);
    if (typeof order === 'string') return order;
    const found = await host(run.tenant, order.connection);
    return found ?? `There is no connection "${order.connection}". Make one on the page Connections.`;
  };

  async function fetchCommit(run: ProviderRun, at: SourceHost, order: Order, id: string): Promise<Progress> {
    const place = await locate(at, order.repository, id, run.pin?.pullRequest?.headRepository);
    if (place === undefined) {
      return unavailable(`There is no commit ${id} in ${order.repository}.`);
    }
    const branch = run.pin?.branch ?? order.branch;
    const isUntrusted = run.pin?.isUntrusted === true;
    if (order.isClone && isUntrusted) {
      const message =
        'A pull request from a fork gets no credentials to clone with. Use OutputArtifactFormat: CODE_ZIP.';
      return { kind: 'Failed', code: 'PermissionError', message };
    }
    const taken = order.isClone
      ? await take(run.tenant, cloneReference(order, place.commit.id, branch), SOURCE_MAX_BYTES)
      : await take(run.tenant, await at.archive(place.repository, place.commit.id), SOURCE_MAX_BYTES);
    const revision: FetchedRevision = {
      id: place.commit.id,
      type: 'COMMIT_ID',
      summary: titleOf(place.commit.message),
      ...(branch === undefined ? {} : { branch }),
      ...(place.commit.url === undefined ? {} : { url: place.commit.url }),
      ...(isUntrusted ? { isUntrusted } : {}),
      ...(order.isClone ? { isClone: true as const } : {}),
      at: { connection: order.connection, repository: order.repository },
    };
    return {
      kind: 'Succeeded',
      variables: {
        [run.type === 'Source/Connection' ? 'Connection' : 'ConnectionArn']: order.connection,
        ...variablesOf(order, place.commit, branch, run.pin),
      },
      artifacts: run.outputs.map(({ name }) => ({ name, ...taken })),
      summary: `${place.commit.id.slice(0, 12)} ${revision.summary}`.trim(),
      revision,
    };
  }

  return {
    types: ['Source/Connection', 'Source/CodeStarSourceConnection'],

    async start(run) {
      const order = orderOf(run.configuration);
      const at = await opened(run);
      if (typeof order === 'string') return misconfigured(order);
      if (typeof at === 'string') return misconfigured(at);
      const { pin } = run;
      if (pin !== undefined && pin.type !== 'COMMIT_ID') {
        return misconfigured(`A ${pin.type} is nothing of a repository.`);
      }
      if (pin !== undefined) return fetchCommit(run, at, order, pin.value);
      const branch = order.branch ?? (await at.repository(order.repository)).defaultBranch;
      const tip = await at.head(order.repository, branch);
      if (tip === undefined) return unavailable(`There is no branch "${branch}" in ${order.repository}.`);
      return {
        kind: 'Running',
        externalId: `${tip.id} ${branch}`,
        ...(tip.url === undefined ? {} : { externalUrl: tip.url }),
        checkAfterMs: 1,
      };
    },

    async poll(run, externalId = '') {
      const order = orderOf(run.configuration);
      const at = await opened(run);
      if (typeof order === 'string') return misconfigured(order);
      if (typeof at === 'string') return misconfigured(at);
      const [id = '', ...branch] = externalId.split(' ');
      return fetchCommit(run, at, { ...order, branch: branch.join(' ') }, id);
    },

    // Fetching starts nothing anywhere.
    cancel: () => Promise.resolve('Cancelled'),
  };
}

interface Order {
  readonly connection: string;
  readonly repository: string;
  readonly branch: string | undefined;
  readonly isClone: boolean;
}

function orderOf(configuration: ProviderRun['configuration']): Order | string {
  const {
    Connection,
    ConnectionArn,
    FullRepositoryId: repository = '',
    BranchName,
    OutputArtifactFormat,
  } = configuration;
  const connection = Connection ?? ConnectionArn ?? '';
  if (connection === '') return 'Connection is missing.';
  if (repository === '') return 'FullRepositoryId is missing.';
  const branch = BranchName === '' ? undefined : BranchName;
  const isClone = OutputArtifactFormat !== undefined && CLONE_FORMATS.includes(OutputArtifactFormat);
  return { connection, repository, branch, isClone };
}

/** Commits of a fork are not in every host's base repository; then they are in the fork. */
async function locate(
  host: SourceHost,
  repository: string,
  id: string,
  fork: string | undefined,
): Promise<{ readonly repository: string; readonly commit: CommitDetails } | undefined> {
  for (const place of fork === undefined ? [repository] : [repository, fork]) {
    const commit = await commitIn(host, place, id);
    if (commit !== undefined) return { repository: place, commit };
  }
  return undefined;
}

async function commitIn(host: SourceHost, repository: string, id: string): Promise<CommitDetails | undefined> {
  try {
    return await host.commit(repository, id);
  } catch (error) {
    // Of a repository that is not there, or not for us; what it was is said of the place that is asked last.
    if (error instanceof PermanentFailure && error.code === 'RevisionUnavailable') return undefined;
    throw error;
  }
}

function cloneReference({ repository }: Order, commit: string, branch: string | undefined): FetchedBytes {
  const reference = { repository, commit, ...(branch === undefined ? {} : { branch }) };
  return { body: bytesOf(JSON.stringify(reference)), format: 'file', name: CLONE_FILE };
}

function variablesOf(
  { repository }: Order,
  { id, message, author, authoredAt, committedAt, url }: CommitDetails,
  branch: string | undefined,
  pin: ProviderRun['pin'],
): Readonly<Record<string, string>> {
  const pull = pin?.pullRequest;
  return present({
    FullRepositoryName: repository,
    BranchName: branch,
    CommitId: id,
    CommitMessage: cutMessage(message),
    CommitUrl: url,
    Author: author,
    AuthorDate: iso(authoredAt),
    CommitterDate: iso(committedAt),
    TagName: pin?.tag,
    PullRequestNumber: pull?.number.toString(),
    PullRequestTitle: pull?.title,
    PullRequestUrl: pull?.url,
    PullRequestBaseBranch: pull?.base,
  });
}

function present(values: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : isoSeconds(at);
}
