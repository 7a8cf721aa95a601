import type { ExecutionId, JobId, PipelineId, TenantId } from '../engine/ids.ts';

/**
 * Names of objects: the tenant first, then ids that the server made. A foreign id therefore leads to an object of the caller's
 * own tenant that was never born, and finds nothing. `v1` is the scheme of names, not of the data.
 */
export const objectName = {
  execution: (tenant: TenantId, id: ExecutionId) => `v1:${tenant}:execution:${id}`,
  pipeline: (tenant: TenantId, id: PipelineId) => `v1:${tenant}:pipeline:${id}`,
  pool: (tenant: TenantId, pool: string) => `v1:${tenant}:pool:${pool}`,
  inbox: (tenant: TenantId, hook: string) => `v1:${tenant}:inbox:${hook}`,
  log: (tenant: TenantId, job: JobId) => `v1:${tenant}:log:${job}`,
  tenant: (tenant: TenantId) => `v1:${tenant}:tenant`,
} as const;

/** What an object's name was made of. */
export function partsOfName(id: DurableObjectId): { readonly tenant: string; readonly id: string } {
  const [, tenant = '', , ...own] = (id.name ?? '').split(':');
  return { tenant, id: own.join(':') };
}

/** Throws when an object is asked on behalf of another tenant than the one that its name was made for. */
export function assertOwnTenant(id: DurableObjectId, tenant: string): void {
  if (partsOfName(id).tenant !== tenant) throw new Error('an object was asked for another tenant');
}
