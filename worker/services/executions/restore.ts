import type { ExecutionId, TenantId } from '../../engine/ids.ts';
import type { Ports } from '../context.ts';

/**
 * Brings an execution whose object was emptied back into it, so that it can be given orders again; does nothing to one that is
 * there. False: there is no such execution, or it never began. To be called when an order finds the object empty.
 */
export function ensureRestored(
  ports: Pick<Ports, 'executions'>,
  tenant: TenantId,
  id: ExecutionId,
): Promise<boolean> {
  return ports.executions(tenant, id).restore(tenant);
}
