import type { PipelineId } from '../../engine/ids.ts';
import type { PipelineObject } from '../../objects/pipeline/pipeline-object.ts';
import type { Remote } from '../../objects/remote.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';

/** The object behind a pipeline's name. */
export async function findPipeline(
  { tenant, ports }: ServiceContext,
  name: string,
): Promise<{ id: PipelineId; object: Remote<PipelineObject> }> {
  const row = await ports.pipelineIndex.byName(tenant.id, name);
  if (row === undefined) throw pipelineNotFound(name);
  const id = row.id as PipelineId;
  return { id, object: ports.pipelines(tenant.id, id) };
}

export function pipelineNotFound(name: string): DomainError {
  return new DomainError('pipeline_not_found', `There is no pipeline "${name}".`);
}
