import type { PipelineId, TenantId } from '../../engine/ids.ts';
import type { Ports } from '../context.ts';

/** Beyond these, sockets end by their age. */
const PIPELINES_MAX = 200;

/**
 * Closes what a person watches in a tenant: they come back through the door, where it is asked anew what they may see. Whatever
 * does not answer closes its sockets when they are old.
 */
export async function disconnect(ports: Ports, tenant: TenantId, person: string): Promise<void> {
  const pipelines = await ports.pipelineIndex.list(tenant, '', PIPELINES_MAX);
  await Promise.allSettled([
    ports.tenants(tenant).disconnect(tenant, person),
    ...pipelines.map(async ({ id }) => {
      // The index lags; the pipeline knows what is under way.
      const executions = await ports.pipelines(tenant, id as PipelineId).disconnect(tenant, person);
      await Promise.allSettled(executions.map((each) => ports.executions(tenant, each).disconnect(tenant, person)));
    }),
  ]);
}
