import type { ExecutionId, TenantId } from '../../engine/ids.ts';
import { objectName } from '../names.ts';
import type { ExecutionPeer } from '../peers.ts';
import { type Remote, remote } from '../remote.ts';
import type { ExecutionObject } from './execution-object.ts';

/** The only door to an execution's object. */
export function executionStub(env: Cloudflare.Env, tenant: TenantId, id: ExecutionId): Remote<ExecutionObject> {
  return remote(() => env.EXECUTIONS.getByName(objectName.execution(tenant, id)));
}

export function executionPeer(env: Cloudflare.Env): ExecutionPeer {
  return {
    begin: (origin, grant) => executionStub(env, origin.tenant, origin.id).begin(origin, grant),
    admit: async (tenant, id, grant) => (await executionStub(env, tenant, id).admit(tenant, grant)) ?? undefined,
    supersede: async (tenant, id) => {
      await executionStub(env, tenant, id).order(tenant, { type: 'Supersede' });
    },
    yield: async (tenant, id) => (await executionStub(env, tenant, id).yield(tenant)) ?? undefined,
    stop: async (tenant, id, by) => {
      const reason = 'The pipeline was deleted.';
      await executionStub(env, tenant, id).order(tenant, { type: 'Stop', abandon: true, by, reason });
    },
    cancel: async (tenant, id, order) => {
      await executionStub(env, tenant, id).order(tenant, { type: 'Cancel', ...order });
    },
    refuse: async (tenant, id, message) => {
      await executionStub(env, tenant, id).order(tenant, { type: 'RefuseReturn', message });
    },
    target: async (tenant, id) => (await executionStub(env, tenant, id).target(tenant)) ?? undefined,
    report: (tenant, id, report) => executionStub(env, tenant, id).report(tenant, report),
  };
}
