import type { TenantId } from '../../engine/ids.ts';
import type { GitHost, HostAccess, HostKind } from '../../hosts/git-host.ts';
import type { ConnectionRow, SealedConnections } from '../../storage/connections.ts';
import { DomainError } from '../domain-error.ts';
import { type AwsAccess, type ConnectionPorts, externalIdOf } from './ports.ts';

type Credentials = Awaited<ReturnType<SealedConnections['open']>>;
type Place = Pick<ConnectionRow, 'tenantId' | 'kind' | 'baseUrl' | 'apiUrl' | 'publicParts'>;

export type Access =
  { readonly kind: 'git'; readonly access: HostAccess } | { readonly kind: 'aws'; readonly access: AwsAccess };

/** What it takes to go where a connection leads. */
export function accessOf(row: Place, credentials: Credentials): Access {
  const { kind, baseUrl, apiUrl, publicParts } = row;
  if (credentials.kind === 'keys') {
    const { region = 'us-east-1', roleArn } = publicParts;
    const { accessKeyId, secretAccessKey } = credentials;
    const role =
      roleArn === undefined ? {} : { role: { arn: roleArn, externalId: externalIdOf(row.tenantId as TenantId) } };
    const endpoint = baseUrl === '' ? {} : { endpoint: baseUrl };
    return { kind: 'aws', access: { accessKeyId, secretAccessKey, region, ...endpoint, ...role } };
  }
  const at = { baseUrl, ...(apiUrl === null ? {} : { apiUrl }) };
  return { kind: 'git', access: { kind: kind as HostKind, ...at, credentials } };
}

/** A Git host by a connection that may be used. */
export async function gitHostOf(ports: ConnectionPorts, row: ConnectionRow): Promise<GitHost> {
  if (row.disabled) {
    throw new DomainError('connection_disabled', `The connection "${row.name}" is disabled; enable it first.`);
  }
  const { kind, access } = accessOf(row, await ports.store.open(row));
  if (kind === 'git') return ports.host(access);
  throw new DomainError('bad_request', `"${row.name}" leads to AWS; repositories and hooks are of Git hosts.`);
}
