import type { TenantId } from '../../engine/ids.ts';
import { objectName } from '../names.ts';
import { type Remote, remote } from '../remote.ts';
import type { TenantObject } from './tenant-object.ts';

/** The only door to a tenant's object. */
export function tenantStub(env: Cloudflare.Env, tenant: TenantId): Remote<TenantObject> {
  return remote(() => env.TENANTS.getByName(objectName.tenant(tenant)));
}
