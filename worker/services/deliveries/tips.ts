import type { PipelineId, TenantId } from '../../engine/ids.ts';
import type { BranchTip, HookRef } from '../../objects/inbox/inbox-orders.ts';
import { compileTriggers } from '../../definition/triggers.ts';
import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import type { SourceTrigger } from '../../engine/trigger-plan.ts';
import { gitHostOf } from '../connections/access.ts';
import type { Ports } from '../context.ts';

type TipPorts = Pick<Ports, 'connections' | 'pipelines' | 'life'>;

/**
 * Where the branches stand at the host whose names pipelines give for the hook's repository, for finding pushes that no delivery told
 * of. The host is also asked to deliver again what it could not hand over since then, if it can.
 */
export async function branchTips(
  ports: TipPorts,
  tenant: TenantId,
  hook: HookRef,
  since: number,
): Promise<readonly BranchTip[]> {
  const { connectionId, repository } = hook;
  if (connectionId === null || repository === null) return [];
  if ((await ports.life.closing(tenant)) !== undefined) return [];
  const { store, watches, hooks } = ports.connections;
  const [row, known] = await Promise.all([store.byId(tenant, connectionId), hooks.byId(tenant, hook.id)]);
  const watching = await watches.watching(tenant, connectionId, { name: repository });
  if (row === undefined || row.disabled || known === undefined || watching.length === 0) return [];
  const host = await gitHostOf(ports.connections, row);
  if (known.hostHookId !== null) await host.redeliverFailed?.(repository, known.hostHookId, since);
  const pipelines = [...new Set(watching.map(({ pipelineId }) => pipelineId as PipelineId))];
  const sources = await Promise.all(pipelines.map((id) => sourcesOf(ports, tenant, id)));
  const own = sources
    .flat()
    .filter(({ action }) => watching.some((one) => one.action === action))
    .flatMap(branchesOf);
  const defaultBranch = own.includes(null) ? (await host.repository(repository)).defaultBranch : undefined;
  const branches = [...new Set(own.map((branch) => branch ?? defaultBranch ?? ''))];
  const tips = await Promise.all(
    branches.map(async (branch) => ({ repository, branch, commit: await host.head(repository, branch) })),
  );
  return tips.flatMap(({ commit, ...tip }) => (commit === undefined ? [] : [{ ...tip, commit }]));
}

async function sourcesOf(
  { pipelines }: TipPorts,
  tenant: TenantId,
  id: PipelineId,
): Promise<readonly SourceTrigger[]> {
  const described = await pipelines(tenant, id).describe(tenant);
  if (described === null) return [];
  // Only what `savePipeline` has checked is ever stored.
  return compileTriggers(JSON.parse(described.version.document) as PipelineDefinition).sources;
}

/** Those that are named as they stand; what a glob might mean can only be told by deliveries. Null: the default branch. */
function branchesOf({ push }: SourceTrigger): readonly (string | null)[] {
  return push.flatMap(({ branch, branches }) => {
    if (branch !== undefined) return [branch];
    return (branches?.includes ?? []).filter((pattern) => !/[*?[{\\]/.test(pattern));
  });
}
