import type { TenantId } from '../../engine/ids.ts';
import type { SourceEvent } from '../../engine/source-event.ts';
import type { GitHost } from '../../hosts/git-host.ts';
import { sha256 } from '../../kernel/crypto.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import type { Followed, FollowRow } from '../../storage/follows.ts';
import { gitHostOf } from '../connections/access.ts';
import type { Ports } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { savePipeline } from '../pipelines/save.ts';

const ERRORS_KEPT = 20;
const DESCRIPTION_ERRORS = 2;

/**
 * A push may change the definitions that are files on its branch: each becomes a version before the push is offered to pipelines, so
 * that what a commit starts runs as the commit says. What is no definition changes nothing, and the commit is told why. Only branches of
 * the repository itself come this way: what a pull request brings is never a definition. Answers whether there is a new version.
 */
export async function applyPush(
  ports: Ports,
  tenant: TenantId,
  connectionId: string | null,
  event: SourceEvent,
): Promise<boolean> {
  if (connectionId === null || event.kind !== 'push' || event.ref.kind !== 'branch') return false;
  const { after, files, repository, ref } = event;
  if (after === undefined) return false;
  const rows = await ports.follows.ofBranch(tenant, connectionId, { repository: repository.name, branch: ref.name });
  let hasChanged = false;
  for (const row of rows) {
    if (files?.isComplete === true && !files.paths.includes(row.path)) continue;
    const { version } = await applyCommit(ports, row, after.id);
    if (version !== row.version) hasChanged = true;
  }
  return hasChanged;
}

/** Reads the file at this commit and saves what it says. The same commit again finds its version made already. */
export async function applyCommit(ports: Ports, row: FollowRow, commit: string): Promise<Followed> {
  const tenant = row.tenantId as TenantId;
  const host = await hostOf(ports, row);
  const outcome = host === undefined ? withoutHost() : await read(ports, host, row, commit);
  const followed: Followed = { commit, checkedAt: ports.clock.now(), ...outcome };
  await ports.follows.record(tenant, row.pipelineId, followed);
  if (host !== undefined) await tell(ports, host, row, followed);
  return followed;
}

type Outcome = Pick<Followed, 'version' | 'problem'>;

function problem(
  version: number | null,
  message: string,
  errors: NonNullable<Outcome['problem']>['errors'] = [],
): Outcome {
  return { version, problem: { message, errors: errors.slice(0, ERRORS_KEPT) } };
}

function withoutHost(): Outcome {
  return problem(null, 'The connection is gone or disabled.');
}

async function hostOf({ connections }: Ports, row: FollowRow): Promise<GitHost | undefined> {
  const connection = await connections.store.byId(row.tenantId as TenantId, row.connectionId);
  return connection === undefined || connection.disabled ? undefined : gitHostOf(connections, connection);
}

async function read(ports: Ports, host: GitHost, row: FollowRow, commit: string): Promise<Outcome> {
  const tenant = row.tenantId as TenantId;
  const name = (await ports.pipelineIndex.names(tenant, [row.pipelineId])).get(row.pipelineId);
  if (name === undefined) return problem(row.version, 'The pipeline has been deleted.');
  try {
    const text = await host.file(row.repository, commit, row.path);
    if (text === undefined) return problem(row.version, `There is no file ${row.path} at this commit.`);
    return await save(ports, row, { name, commit, text });
  } catch (error) {
    if (error instanceof PermanentFailure) return problem(row.version, error.message);
    throw error;
  }
}

async function save(
  ports: Ports,
  row: FollowRow,
  { name, commit, text }: { readonly name: string; readonly commit: string; readonly text: string },
): Promise<Outcome> {
  const tenant = row.tenantId as TenantId;
  const by = `${row.repository}@${commit.slice(0, 12)}`;
  const actor = { kind: 'token', id: `follow:${row.pipelineId}`, name: by, tokenKind: 'service' } as const;
  const input = { text, isYaml: !row.path.endsWith('.json') };
  try {
    const { pipeline, isNew } = await savePipeline({ tenant: { id: tenant }, actor, ports }, name, input, undefined);
    if (isNew) await record(ports, row, { by, commit, name, version: pipeline.version, text });
    return { version: pipeline.version, problem: null };
  } catch (error) {
    if (!(error instanceof DomainError) || error.code === 'busy') throw error;
    return problem(row.version, error.message, error.more.errors);
  }
}

/** Into the audit log, as what people save is. */
async function record(
  ports: Ports,
  row: FollowRow,
  {
    by,
    commit,
    name,
    version,
    text,
  }: {
    readonly by: string;
    readonly commit: string;
    readonly name: string;
    readonly version: number;
    readonly text: string;
  },
): Promise<void> {
  const tenant = row.tenantId as TenantId;
  await ports.tenants(tenant).recordAudit(tenant, [
    {
      id: `${row.pipelineId}:${commit}`,
      at: new Date(ports.clock.now()).toISOString(),
      actor: { type: 'system', id: `follow:${row.pipelineId}`, name: by },
      from: { ip: '', userAgent: '' },
      verb: 'pipeline:write',
      route: '',
      object: { type: 'pipeline', id: name },
      outcome: 'allowed',
      status: 0,
      requestId: '',
      after: { version, commit, path: row.path, digest: `sha256:${await sha256(text)}` },
    },
  ]);
}

/** The commit hears what came of its definition. A host that does not take it keeps nobody from anything. */
async function tell(
  ports: Ports,
  host: GitHost,
  row: FollowRow,
  { commit, version, problem: wrong }: Followed,
): Promise<void> {
  const name = (await ports.pipelineIndex.names(row.tenantId as TenantId, [row.pipelineId])).get(row.pipelineId);
  if (name === undefined || commit === null) return;
  const url = ports.connections.publicUrl;
  try {
    await host.setStatus(row.repository, commit, {
      context: `millrace/${name}/definition`,
      state: wrong === null ? 'success' : 'failure',
      description: wrong === null ? `Version ${version ?? 0} is in force.` : describe(wrong),
      ref: row.branch,
      ...(url === undefined ? {} : { url: `${url}/pipelines/${encodeURIComponent(name)}` }),
    });
  } catch (error) {
    if (!(error instanceof PermanentFailure)) throw error;
  }
}

function describe({ message, errors }: NonNullable<Followed['problem']>): string {
  const first = errors.slice(0, DESCRIPTION_ERRORS).map((error) => `${error.path} ${error.message}`);
  return [message, ...first].join(' ');
}
