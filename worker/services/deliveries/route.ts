import type { PipelineId, TenantId } from '../../engine/ids.ts';
import type { Missing } from '../../engine/matching.ts';
import type { RepositoryRef, SourceEvent } from '../../engine/source-event.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import type { HookRef, HostAnswer, Route, Target } from '../../objects/inbox/inbox-orders.ts';
import type { WatchRow } from '../../storage/watches.ts';
import { gitHostOf } from '../connections/access.ts';
import { hookReference } from '../connections/watching.ts';
import type { Ports } from '../context.ts';

type RoutePorts = Pick<Ports, 'life' | 'connections' | 'pipelineIndex'>;

/** Which pipelines watch where something happened. */
export async function routeEvent(
  ports: RoutePorts,
  tenant: TenantId,
  hook: HookRef,
  event: SourceEvent,
): Promise<Route> {
  if ((await ports.life.closing(tenant)) !== undefined) {
    return { kind: 'Closed', reason: 'The tenant is to be deleted; nothing starts any more.' };
  }
  const rows = await watching(ports, tenant, hook, event);
  const stranger = await wrongRepository(ports, tenant, hook, event, rows);
  if (stranger !== undefined) return { kind: 'WrongRepository', reason: stranger };
  if (rows.length === 0) return { kind: 'NoPipeline', reason: nobody(hook, event) };
  const targets = await targetsOf(ports, tenant, rows);
  return { kind: 'Pipelines', targets };
}

/**
 * A hook that was made for one repository speaks for no other: whoever may sign for the one may not push to the other. By its id at the
 * host it is known under a new name, too.
 */
async function wrongRepository(
  { connections: { hooks } }: RoutePorts,
  tenant: TenantId,
  { id: hookId, repository }: HookRef,
  event: SourceEvent,
  rows: readonly WatchRow[],
): Promise<string | undefined> {
  if (repository === null || event.kind === 'custom' || event.kind === 'object') return undefined;
  const { name, id } = event.repository;
  const known = repository.toLowerCase();
  if (name.toLowerCase() === known) return undefined;
  // The hook's own row may have learnt the new name since.
  const hook = await hooks.byId(tenant, hookId);
  if (hook?.repository?.toLowerCase() === name.toLowerCase()) return undefined;
  if (id !== undefined && rows.some((row) => row.repositoryId === id && row.repository === known)) {
    if (hook !== undefined) await hooks.change(hook, { repository: name });
    return undefined;
  }
  return `The hook is for ${repository}, and this is about ${name}. Was it renamed? Then register its hook again.`;
}

async function watching(
  { connections: { watches } }: RoutePorts,
  tenant: TenantId,
  { connectionId, name: hookName }: HookRef,
  event: SourceEvent,
): Promise<readonly WatchRow[]> {
  if (event.kind === 'custom') return watches.byReference(tenant, hookReference(hookName));
  if (connectionId === null) return [];
  const repository: RepositoryRef = event.kind === 'object' ? { name: event.bucket } : event.repository;
  const rows = await watches.watching(tenant, connectionId, repository);
  const { id } = repository;
  if (id === undefined) return rows;
  // A name may have become another repository's; the id says which of the two is meant.
  const own = rows.filter((row) => row.repositoryId === null || row.repositoryId === id);
  const isNews = own.some((row) => row.repositoryId === null && row.repository === repository.name.toLowerCase());
  if (isNews) await watches.learnId(tenant, connectionId, repository.name, id);
  return own;
}

async function targetsOf(
  { pipelineIndex }: RoutePorts,
  tenant: TenantId,
  rows: readonly WatchRow[],
): Promise<readonly Target[]> {
  const ids = [...new Set(rows.map(({ pipelineId }) => pipelineId))];
  const names = await pipelineIndex.names(tenant, ids);
  return ids.map((id) => ({
    pipeline: id as PipelineId,
    name: names.get(id) ?? id,
    watched: rows
      .filter(({ pipelineId }) => pipelineId === id)
      .map(({ action, reference, repository }) => ({ action, reference, repository })),
  }));
}

function nobody({ name }: HookRef, event: SourceEvent): string {
  if (event.kind === 'custom') return `No pipeline has a trigger for the hook "${name}".`;
  const where = event.kind === 'object' ? `the bucket ${event.bucket}` : event.repository.name;
  return `No pipeline watches ${where} through the connection of this hook.`;
}

/** What only the host can say of an event. Throws as its calls do. */
export async function askHost(
  { connections }: Pick<RoutePorts, 'connections'>,
  tenant: TenantId,
  { connectionId }: HookRef,
  event: SourceEvent,
  what: readonly Missing[],
): Promise<HostAnswer> {
  const row = connectionId === null ? undefined : await connections.store.byId(tenant, connectionId);
  if (row === undefined) throw new PermanentFailure('ConfigurationError', 'The hook has no connection to ask.');
  if (event.kind !== 'push' && event.kind !== 'pullRequest') return {};
  const host = await gitHostOf(connections, row);
  const { name } = event.repository;
  const [files, repository] = await Promise.all([
    what.includes('files') ? filesOf(host, event) : undefined,
    what.includes('defaultBranch') ? host.repository(name) : undefined,
  ]);
  return {
    ...(files === undefined ? {} : { files }),
    ...(repository === undefined ? {} : { defaultBranch: repository.defaultBranch }),
  };
}

function filesOf(
  host: Awaited<ReturnType<typeof gitHostOf>>,
  event: Extract<SourceEvent, { readonly kind: 'push' | 'pullRequest' }>,
): Promise<HostAnswer['files']> {
  const { name } = event.repository;
  if (event.kind === 'pullRequest') return host.pullRequestFiles(name, event.number);
  return host.changedFiles(name, event.before, event.after?.id ?? '');
}
