import type { TenantId } from '../../engine/ids.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import type { ConnectionRow } from '../../storage/connections.ts';
import { accessOf } from './access.ts';
import { type AwsAccess, type ConnectionPorts, externalIdOf } from './ports.ts';

/** What an action says about AWS. */
export interface AwsOrder {
  readonly tenant: TenantId;
  /** The connection's name. Absent: the only one that leads to AWS. */
  readonly reference: string | undefined;
  readonly region?: string | undefined;
  readonly roleArn?: string | undefined;
}

/** Whose keys, through which roles, in which region. */
export interface AwsStanding {
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly roles: readonly { readonly arn: string; readonly externalId: string }[];
  readonly region: string;
  readonly endpoint?: string;
  readonly owner: string;
  readonly session: string;
}

/** As whom an action works in AWS: with the connection's keys, in its role, and from there in the action's own. */
export async function awsByReference(
  { store }: Pick<ConnectionPorts, 'store'>,
  { tenant, reference, region, roleArn }: AwsOrder,
): Promise<AwsStanding> {
  const row = reference === undefined ? await theOnly(store, tenant) : await store.byReference(tenant, reference);
  if (row === undefined) {
    throw misconfigured(`There is no connection "${reference ?? ''}". Make one on the page Connections.`);
  }
  if (row.disabled) throw new PermanentFailure('PermissionError', `The connection "${row.name}" is disabled.`);
  const { kind, access } = accessOf(row, await store.open(row));
  if (kind !== 'aws') throw misconfigured(`The connection "${row.name}" leads to a Git host, not to AWS.`);
  return standing(row, access, region, roleArn);
}

async function theOnly(store: ConnectionPorts['store'], tenant: TenantId): Promise<ConnectionRow> {
  const all = (await store.list(tenant)).filter(({ kind }) => kind === 'aws');
  const usable = all.filter(({ disabled }) => !disabled);
  const [only] = usable.length > 0 ? usable : all;
  if (only === undefined) throw misconfigured('There is no connection to AWS. Make one on the page Connections.');
  if (usable.length <= 1) return only;
  const names = usable.map(({ name }) => name).join(', ');
  throw misconfigured(`There are several connections to AWS: ${names}. Say in Connection which one it is.`);
}

function standing(
  row: ConnectionRow,
  { accessKeyId, secretAccessKey, region, endpoint, role }: AwsAccess,
  ownRegion: string | undefined,
  ownRole: string | undefined,
): AwsStanding {
  const roles = [
    ...(role === undefined ? [] : [role]),
    ...(ownRole === undefined || ownRole === role?.arn
      ? []
      : [{ arn: ownRole, externalId: externalIdOf(row.tenantId as TenantId) }]),
  ];
  return {
    keys: { accessKeyId, secretAccessKey },
    roles,
    region: ownRegion ?? region,
    ...(endpoint === undefined ? {} : { endpoint }),
    owner: `${row.tenantId}/${row.id}/${row.version}`,
    session: `millrace-${row.name}`,
  };
}

function misconfigured(message: string): PermanentFailure {
  return new PermanentFailure('ConfigurationError', message);
}
