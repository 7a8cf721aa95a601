import type { PipelineId, TenantId } from '../../engine/ids.ts';
import { objectName } from '../names.ts';
import type { PipelinePeer } from '../peers.ts';
import { type Remote, remote } from '../remote.ts';
import type { PipelineObject } from './pipeline-object.ts';

/** The only door to a pipeline's object. */
export function pipelineStub(env: Cloudflare.Env, tenant: TenantId, id: PipelineId): Remote<PipelineObject> {
  return remote(() => env.PIPELINES.getByName(objectName.pipeline(tenant, id)));
}

export function pipelinePeer(env: Cloudflare.Env): PipelinePeer {
  return {
    report: (tenant, pipeline, execution, position) =>
      pipelineStub(env, tenant, pipeline).report(tenant, execution, position),
    rollback: (tenant, pipeline, order) => pipelineStub(env, tenant, pipeline).rollback(tenant, order),
  };
}
