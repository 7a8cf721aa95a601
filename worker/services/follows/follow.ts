import type { Follow, FollowRepository } from '../../../contract/follows.ts';
import { parseDefinition, parseDefinitionText } from '../../definition/parse.ts';
import type { GitHost } from '../../hosts/git-host.ts';
import type { FollowRow } from '../../storage/follows.ts';
import { gitHostOf } from '../connections/access.ts';
import { hostProblem } from '../connections/failure.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from '../pipelines/find.ts';
import { savePipeline } from '../pipelines/save.ts';
import { applyCommit } from './apply.ts';

const REMEDY = 'Test the connection, and see whether its credentials may read this repository.';

export async function getFollow(ctx: ServiceContext, name: string): Promise<Follow> {
  const { id } = await findPipeline(ctx, name);
  const row = await ctx.ports.follows.byPipeline(ctx.tenant.id, id);
  if (row === undefined) throw nothingFollowed(name);
  return viewOf(ctx, row);
}

/** Takes the file as the definition from now on, beginning with what it says now; the pipeline is made if there is none of that name. */
export async function followRepository(ctx: ServiceContext, name: string, order: FollowRepository): Promise<Follow> {
  const { ports, tenant } = ctx;
  const connection = await ports.connections.store.byReference(tenant.id, order.connection);
  if (connection === undefined) {
    throw new DomainError('connection_not_found', `There is no connection "${order.connection}".`);
  }
  const host = await gitHostOf(ports.connections, connection);
  const found = await look(host, order);
  if ((await ports.pipelineIndex.byName(tenant.id, name)) === undefined) {
    await savePipeline(ctx, name, { text: found.text, isYaml: !order.path.endsWith('.json') }, undefined);
  } else check(found.text, order.path);
  const { id } = await findPipeline(ctx, name);
  const row: FollowRow = {
    tenantId: tenant.id,
    pipelineId: id,
    connectionId: connection.id,
    repository: found.repository,
    branch: found.branch,
    path: order.path,
    commit: null,
    checkedAt: null,
    version: null,
    problem: null,
    createdAt: ports.clock.now(),
    createdBy: actorName(ctx.actor),
  };
  await ports.follows.put(row);
  const { repository, branch, path } = row;
  ctx.note?.({ after: { connection: connection.name, repository, branch, path } });
  const followed = await applyCommit(ports, row, found.commit);
  return viewOf(ctx, { ...row, ...followed });
}

/** The definition stays as it is, and is saved by hand from now on. */
export async function unfollow(ctx: ServiceContext, name: string): Promise<void> {
  const { id } = await findPipeline(ctx, name);
  if (!(await ctx.ports.follows.remove(ctx.tenant.id, id))) throw nothingFollowed(name);
}

interface Found {
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
  readonly text: string;
}

async function look(host: GitHost, { repository: wanted, branch: named, path }: FollowRepository): Promise<Found> {
  try {
    const repository = await host.repository(wanted);
    const branch = named ?? repository.defaultBranch;
    const tip = await host.head(repository.name, branch);
    if (tip === undefined) throw new DomainError('follow_refused', `There is no branch "${branch}" in ${wanted}.`);
    const text = await host.file(repository.name, tip.id, path);
    if (text !== undefined) return { repository: repository.name, branch, commit: tip.id, text };
    throw new DomainError('follow_refused', `There is no file ${path} on the branch "${branch}" of ${wanted}.`);
  } catch (error) {
    throw hostProblem(error, 'follow_refused', REMEDY);
  }
}

/** Said before anything is changed; once it is followed, a bad commit only keeps the version before. */
function check(text: string, path: string): void {
  const parsed = path.endsWith('.json') ? parseDefinition(jsonOf(text)) : parseDefinitionText(text);
  if (parsed.ok) return;
  throw new DomainError('definition_invalid', `What ${path} says is no definition.`, {
    errors: [...parsed.problems],
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError('follow_refused', 'The file is not JSON.');
  }
}

async function viewOf({ ports, tenant }: ServiceContext, row: FollowRow): Promise<Follow> {
  const connection = await ports.connections.store.byId(tenant.id, row.connectionId);
  const { repository, branch, path, commit, version, problem, createdBy } = row;
  return {
    connection: connection?.name ?? null,
    repository,
    branch,
    path,
    commit,
    checkedAt: row.checkedAt === null ? null : new Date(row.checkedAt).toISOString(),
    version,
    problem,
    createdAt: new Date(row.createdAt).toISOString(),
    createdBy,
  };
}

function nothingFollowed(name: string): DomainError {
  return new DomainError('follow_not_found', `The pipeline "${name}" follows no repository.`);
}
