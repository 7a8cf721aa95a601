import type { PipelineId, TenantId } from '../../engine/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Ports } from '../context.ts';

/** Of one run; what is left over comes next time. */
const TENANTS_MAX = 5;
const PIPELINES_MAX = 50;
const PAGE = 100;
const PAGES_MAX = 5;
const FOLDER_ROUNDS_MAX = 10;
const VERSIONS_MAX = 1_000;
const AT_ONCE = 10;
const BY = 'the end of the tenant';

type PurgePorts = Pick<
  Ports,
  | 'clock'
  | 'life'
  | 'pipelines'
  | 'pipelineIndex'
  | 'executions'
  | 'executionIndex'
  | 'pools'
  | 'poolIndex'
  | 'tenants'
  | 'connections'
  | 'deliveries'
>;

/** Deletes tenants whose grace period is over, step by step; each step may be done again, and the last one forgets that it was to be done. */
export async function purge(ports: PurgePorts, log: Log): Promise<void> {
  for (const tenant of await ports.life.due(ports.clock.now(), TENANTS_MAX)) {
    try {
      const isDone = await purgeOne(ports, tenant);
      if (isDone) log.info('tenant deleted', { tenant });
    } catch (error) {
      log.error('tenant not deleted', { tenant }, error);
    }
  }
}

/** False: something has not come to rest, or there is more than fits into one run. */
async function purgeOne(ports: PurgePorts, tenant: TenantId): Promise<boolean> {
  await forgetInboxes(ports, tenant);
  await ports.life.lockOut(tenant);
  if (!(await endPipelines(ports, tenant))) return false;
  if (!(await forgetExecutions(ports, tenant))) return false;
  for (const pool of await ports.poolIndex.list(tenant)) await ports.pools(tenant, pool).forget(tenant);
  await ports.tenants(tenant).forget(tenant);
  if (!(await emptyFolder(ports, tenant))) return false;
  await ports.life.removeRows(tenant);
  return true;
}

/** Before the hooks are gone, by which they are found. */
async function forgetInboxes({ connections, deliveries }: PurgePorts, tenant: TenantId): Promise<void> {
  for (const { id } of await connections.hooks.list(tenant)) await deliveries.inbox(tenant, id).forget(tenant);
}

/** With everything that runs in them. They empty themselves once the last execution has ended. */
async function endPipelines(ports: PurgePorts, tenant: TenantId): Promise<boolean> {
  const ids = await ports.life.pipelines(tenant, PIPELINES_MAX);
  let left = 0;
  for (const id of ids) if (!(await endPipeline(ports, tenant, id))) left += 1;
  return left === 0 && ids.length < PIPELINES_MAX;
}

async function endPipeline(ports: PurgePorts, tenant: TenantId, id: PipelineId): Promise<boolean> {
  const object = ports.pipelines(tenant, id);
  // A pool that no runner has ever come to is known from definitions alone.
  const versions = (await object.versions(tenant, Number.MAX_SAFE_INTEGER, VERSIONS_MAX)) ?? [];
  const pools = versions.flatMap(({ plan }) => plan.stages.flatMap(({ actions }) => actions.map(({ pool }) => pool)));
  for (const pool of new Set(pools)) await ports.poolIndex.remember(tenant, pool);
  await object.remove(tenant, BY, true);
  if (!(await object.isGone(tenant))) return false;
  await ports.pipelineIndex.remove(tenant, id);
  return true;
}

async function forgetExecutions(ports: PurgePorts, tenant: TenantId): Promise<boolean> {
  let [after, left] = ['', 0];
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const rows = await ports.executionIndex.byKey(tenant, after, PAGE);
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      const forgotten = rows.slice(at, at + AT_ONCE).map(async ({ id, seq }) => {
        if (!(await ports.executions(tenant, id).forget(tenant))) return false;
        await ports.executionIndex.remove(tenant, id, seq);
        return true;
      });
      left += (await Promise.all(forgotten)).filter((isForgotten) => !isForgotten).length;
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return left === 0;
    after = last.id;
  }
  return false;
}

async function emptyFolder({ life }: PurgePorts, tenant: TenantId): Promise<boolean> {
  for (let round = 0; round < FOLDER_ROUNDS_MAX; round += 1) if (await life.emptyFolder(tenant)) return true;
  return false;
}
