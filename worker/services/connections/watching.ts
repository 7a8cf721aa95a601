import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import type { TenantId } from '../../engine/ids.ts';
import type { Watched } from '../../storage/watches.ts';
import { hookNames } from '../../definition/triggers.ts';
import { watchedOf } from '../../definition/watched.ts';
import type { ConnectionPorts } from './ports.ts';

/** What a pipeline's current version watches, from now on. May be done again at any time. */
export async function watchSources(
  { store, watches }: ConnectionPorts,
  tenant: TenantId,
  pipelineId: string,
  definition: PipelineDefinition,
): Promise<void> {
  const watched = allWatched(definition);
  await watches.replace(tenant, pipelineId, await resolved(store, tenant, watched));
}

/** Would `watchSources` change anything? */
export async function isWatched(
  { store, watches }: ConnectionPorts,
  tenant: TenantId,
  pipelineId: string,
  definition: PipelineDefinition,
): Promise<boolean> {
  const wanted = await resolved(store, tenant, allWatched(definition));
  const found = await watches.ofPipeline(tenant, pipelineId);
  return textOf(wanted) === textOf(found);
}

/** What a hook is called here; no name of a connection and no ARN looks like it. */
export function hookReference(name: string): string {
  return `hook:${name}`;
}

function allWatched(definition: PipelineDefinition): readonly Watched[] {
  const hooks = hookNames(definition).map((name) => ({
    action: hookReference(name),
    reference: hookReference(name),
    repository: '',
  }));
  return [...watchedOf(definition), ...hooks];
}

type Resolved = Watched & { readonly connectionId: string | null };

async function resolved(
  store: ConnectionPorts['store'],
  tenant: TenantId,
  watched: readonly Watched[],
): Promise<readonly Resolved[]> {
  const known = new Map<string, string | null>();
  for (const reference of new Set(watched.map((one) => one.reference))) {
    known.set(reference, (await store.byReference(tenant, reference))?.id ?? null);
  }
  return watched.map((one) => ({ ...one, connectionId: known.get(one.reference) ?? null }));
}

function textOf(watched: readonly Resolved[]): string {
  return watched
    .map(({ action, reference, repository, connectionId }) =>
      JSON.stringify([action, reference, repository, connectionId]),
    )
    .sort()
    .join('\n');
}
