import type { ChangeConnection, ConnectionKindName, CreateConnection } from '../../../contract/connections.ts';
import type { ConnectionRow, StoredCredentials } from '../../storage/connections.ts';
import { DomainError } from '../domain-error.ts';
import { checkedAddress } from './address.ts';
import { kindOf } from './kinds.ts';
import type { ConnectionPorts } from './ports.ts';

/** A connection as it is to be, with everything checked but whether it works. */
export interface Draft {
  readonly of: Pick<
    ConnectionRow,
    'name' | 'kind' | 'baseUrl' | 'apiUrl' | 'arn' | 'credentialKind' | 'publicParts' | 'disabled'
  >;
  /** Undefined: those that it has. */
  readonly credentials: StoredCredentials | undefined;
}

type Order = ChangeConnection & { readonly kind: ConnectionKindName };
interface Fault {
  readonly path: string;
  readonly message: string;
}

export function newDraft(ports: ConnectionPorts, order: CreateConnection): Promise<Draft> {
  return draftOf(ports, order, undefined);
}

export function changedDraft(ports: ConnectionPorts, row: ConnectionRow, change: ChangeConnection): Promise<Draft> {
  return draftOf(ports, { ...change, kind: row.kind }, row);
}

/** Says every place that is wrong at once. */
async function draftOf(ports: ConnectionPorts, order: Order, row: ConnectionRow | undefined): Promise<Draft> {
  const faults: Fault[] = [];
  const baseUrl = await baseOf(ports, order, row, faults);
  const apiUrl = await apiOf(ports, order, row, faults);
  const isElsewhere = row !== undefined && (baseUrl !== row.baseUrl || apiUrl !== row.apiUrl);
  if (isElsewhere && order.credentials === undefined) {
    // Whoever may change the address could else have the credentials sent to a host of their own.
    faults.push({ path: 'credentials', message: 'A new address needs the credentials again.' });
  }
  faults.push(...credentialFaults(order), ...faultsOfAws(order, row));
  if (faults.length > 0) {
    throw new DomainError('validation_failed', 'This connection cannot be saved.', { errors: faults });
  }
  const { credentials } = order;
  const parts = credentials === undefined ? row?.publicParts : publicParts(credentials);
  const region = kept(order.region, row?.publicParts.region);
  const roleArn = kept(order.roleArn, row?.publicParts.roleArn);
  return {
    of: {
      name: order.name ?? row?.name ?? '',
      kind: order.kind,
      baseUrl,
      apiUrl,
      arn: order.arn === undefined ? (row?.arn ?? null) : order.arn,
      credentialKind: credentials?.kind ?? row?.credentialKind ?? 'token',
      publicParts: { ...without(parts), ...defined({ region, roleArn }) },
      disabled: order.disabled ?? row?.disabled ?? false,
    },
    credentials: credentials === undefined ? undefined : secretParts(credentials),
  };
}

async function baseOf(
  ports: ConnectionPorts,
  { kind, baseUrl }: Order,
  row: ConnectionRow | undefined,
  faults: Fault[],
): Promise<string> {
  const regular = kindOf(kind).baseUrl;
  if (baseUrl === undefined && row !== undefined) return row.baseUrl;
  const text = baseUrl ?? regular.default;
  if (text === null) {
    if (regular.isRequired) faults.push({ path: 'baseUrl', message: `is needed. ${regular.hint}` });
    return '';
  }
  return addressOf(ports, 'baseUrl', text, faults);
}

async function apiOf(
  ports: ConnectionPorts,
  { kind, apiUrl }: Order,
  row: ConnectionRow | undefined,
  faults: Fault[],
): Promise<string | null> {
  if (apiUrl === undefined) return row?.apiUrl ?? null;
  if (apiUrl === null) return null;
  if (kind === 'aws') {
    faults.push({ path: 'apiUrl', message: 'An AWS connection has one address: baseUrl.' });
    return null;
  }
  return addressOf(ports, 'apiUrl', apiUrl, faults);
}

async function addressOf(ports: ConnectionPorts, path: string, text: string, faults: Fault[]): Promise<string> {
  const address = await checkedAddress(ports, text);
  if (address.ok) return address.url;
  faults.push({ path, message: address.message });
  return '';
}

function credentialFaults({ kind, credentials }: Order): readonly Fault[] {
  if (credentials === undefined) return [];
  const { label, credentials: ways } = kindOf(kind);
  const way = ways.find((one) => one.kind === credentials.kind);
  if (way === undefined) {
    const known = ways.map((one) => `${one.kind} (${one.label})`).join(' or ');
    return [{ path: 'credentials.kind', message: `${label} takes ${known}.` }];
  }
  if (credentials.kind === 'token' && credentials.user !== undefined && way.user === 'no') {
    return [{ path: 'credentials.user', message: `A token of ${label} needs no user.` }];
  }
  return [];
}

function faultsOfAws({ kind, region, roleArn, arn }: Order, row: ConnectionRow | undefined): readonly Fault[] {
  if (kind === 'aws') {
    const hasRegion = kept(region, row?.publicParts.region) !== undefined;
    return [
      ...(hasRegion ? [] : [{ path: 'region', message: 'is needed, like eu-central-1.' }]),
      ...(arn === undefined || arn === null
        ? []
        : [{ path: 'arn', message: 'Only connections to Git hosts stand for one of AWS’s.' }]),
    ];
  }
  return Object.entries({ region, roleArn }).flatMap(([path, value]) =>
    value === undefined || value === null ? [] : [{ path, message: 'Only connections to AWS have one.' }],
  );
}

/** Left out: as it was. Null: none any more. */
function kept(value: string | null | undefined, before: string | undefined): string | undefined {
  return value === undefined ? before : (value ?? undefined);
}

type Given = NonNullable<ChangeConnection['credentials']>;

function publicParts(credentials: Given): ConnectionRow['publicParts'] {
  switch (credentials.kind) {
    case 'token':
      return defined({ user: credentials.user });
    case 'app':
      return defined({ appId: credentials.appId, installationId: credentials.installationId });
    case 'keys':
      return { accessKeyId: credentials.accessKeyId };
  }
}

function secretParts(credentials: Given): StoredCredentials {
  switch (credentials.kind) {
    case 'token':
      return { kind: 'token', token: credentials.token };
    case 'app':
      return { kind: 'app', privateKey: `${credentials.privateKey.trim()}\n` };
    case 'keys':
      return { kind: 'keys', secretAccessKey: credentials.secretAccessKey };
  }
}

function without(parts: ConnectionRow['publicParts'] = {}): ConnectionRow['publicParts'] {
  const { user, appId, installationId, accessKeyId } = parts;
  return defined({ user, appId, installationId, accessKeyId });
}

function defined(parts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
