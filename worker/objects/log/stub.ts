import type { JobId, TenantId } from '../../engine/ids.ts';
import { objectName } from '../names.ts';

/** The only door to the log of an attempt; it speaks HTTP, because all it carries are streams and sockets. */
export function logFetch(
  env: Cloudflare.Env,
  tenant: TenantId,
  job: JobId,
  path: '/write' | '/watch' | '/read',
  query: Readonly<Record<string, string>>,
  headers: Headers,
): Promise<Response> {
  const search = new URLSearchParams({ ...query, tenant });
  const stub = env.LOGS.getByName(objectName.log(tenant, job));
  return stub.fetch(`https://log${path}?${search.toString()}`, { headers: upgradeOnly(headers) });
}

function upgradeOnly(headers: Headers): Headers {
  const upgrade = headers.get('upgrade');
  return new Headers(upgrade === null ? {} : { upgrade });
}
