import type { TenantId } from '../../engine/ids.ts';
import type { GitHost } from '../../hosts/git-host.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import { accessOf } from './access.ts';
import type { ConnectionPorts } from './ports.ts';

/** The Git host that a definition means by a connection's name or ARN. Undefined: the tenant has no such connection. */
export async function hostByReference(
  { store, host }: Pick<ConnectionPorts, 'store' | 'host'>,
  tenant: TenantId,
  reference: string,
): Promise<GitHost | undefined> {
  const row = await store.byReference(tenant, reference);
  if (row === undefined) return undefined;
  if (row.disabled) throw new PermanentFailure('PermissionError', `The connection "${row.name}" is disabled.`);
  const { kind, access } = accessOf(row, await store.open(row));
  if (kind === 'git') return host(access);
  throw new PermanentFailure('ConfigurationError', `The connection "${row.name}" leads to AWS, not to a Git host.`);
}
