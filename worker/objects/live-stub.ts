import type { ExecutionId, PipelineId, TenantId } from '../engine/ids.ts';
import type { TenantLiveMessage } from '../../contract/live-feed.ts';
import type { Where } from './execution/execution-object.ts';
import { objectName } from './names.ts';
import { remote } from './remote.ts';

/** Hands a checked WebSocket upgrade on to the object whose feed it is for; `by`: who watches. */
export const liveFeed = {
  execution: (
    env: Cloudflare.Env,
    tenant: TenantId,
    by: string,
    id: ExecutionId,
    after: string | undefined,
    where: Where,
  ) =>
    upgrade(env.EXECUTIONS.getByName(objectName.execution(tenant, id)), {
      tenant,
      by,
      where,
      ...(after === undefined ? {} : { after }),
    }),
  /** While it waits to be admitted, its pipeline speaks for it. 409: it has begun meanwhile. */
  unadmitted: (env: Cloudflare.Env, tenant: TenantId, by: string, pipeline: PipelineId, execution: ExecutionId) =>
    upgrade(env.PIPELINES.getByName(objectName.pipeline(tenant, pipeline)), { tenant, by, execution }),
  pipeline: (env: Cloudflare.Env, tenant: TenantId, by: string, id: PipelineId) =>
    upgrade(env.PIPELINES.getByName(objectName.pipeline(tenant, id)), { tenant, by }),
  tenant: (env: Cloudflare.Env, tenant: TenantId, by: string) =>
    upgrade(env.TENANTS.getByName(objectName.tenant(tenant)), { tenant, by }),
  runner: (env: Cloudflare.Env, tenant: TenantId, pool: string, only: string | undefined) =>
    upgrade(env.POOLS.getByName(objectName.pool(tenant, pool)), { tenant, ...(only === undefined ? {} : { only }) }),
} as const;

export function announce(env: Cloudflare.Env, tenant: TenantId, execution: TenantLiveMessage['execution']) {
  return remote(() => env.TENANTS.getByName(objectName.tenant(tenant))).announce(tenant, execution);
}

function upgrade(
  stub: { fetch(url: string, init: RequestInit): Promise<Response> },
  query: Readonly<Record<string, string>>,
): Promise<Response> {
  const search = new URLSearchParams(query).toString();
  return stub.fetch(`https://object/live?${search}`, { headers: { upgrade: 'websocket' } });
}
