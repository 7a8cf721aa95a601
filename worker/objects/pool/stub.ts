import type { TenantId } from '../../engine/ids.ts';
import { objectName } from '../names.ts';
import type { PoolPeer } from '../peers.ts';
import { type Remote, remote } from '../remote.ts';
import type { PoolObject } from './pool-object.ts';

/** The only door to a pool's object. */
export function poolStub(env: Cloudflare.Env, tenant: TenantId, pool: string): Remote<PoolObject> {
  return remote(() => env.POOLS.getByName(objectName.pool(tenant, pool)));
}

export function poolPeer(env: Cloudflare.Env): PoolPeer {
  return {
    enqueue: (run, sentAt) => poolStub(env, run.tenant, run.pool).enqueue(run, sentAt),
    cancel: ({ tenant, pool, execution }, job, cause) =>
      poolStub(env, tenant, pool).cancel(tenant, job, execution, cause),
  };
}
