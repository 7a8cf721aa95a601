import type { TenantId } from '../../engine/ids.ts';
import { objectName } from '../names.ts';
import { type Remote, remote } from '../remote.ts';
import type { InboxObject } from './inbox-object.ts';

/** The only door to a hook's inbox. */
export function inboxStub(env: Cloudflare.Env, tenant: TenantId, hook: string): Remote<InboxObject> {
  return remote(() => env.INBOXES.getByName(objectName.inbox(tenant, hook)));
}
