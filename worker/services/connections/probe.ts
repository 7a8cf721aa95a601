import { Redactor } from '../../../contract/redact/redactor.ts';
import type { TenantId } from '../../engine/ids.ts';
import type { HostIdentity } from '../../hosts/git-host.ts';
import { PermanentFailure, RetryableFailure } from '../../kernel/failure.ts';
import type { ConnectionRow, SealedConnections } from '../../storage/connections.ts';
import { DomainError } from '../domain-error.ts';
import { accessOf } from './access.ts';
import { sentence } from './failure.ts';
import { kindOf, leastScopes } from './kinds.ts';
import type { ConnectionPorts } from './ports.ts';

type Credentials = Awaited<ReturnType<SealedConnections['open']>>;
type Test = NonNullable<ConnectionRow['lastTest']>;
type Tested = Pick<ConnectionRow, 'kind' | 'credentialKind' | 'baseUrl' | 'apiUrl' | 'publicParts'>;

/** Goes where the connection leads and asks who the credentials are. What it finds holds no secret, whatever the other side says. */
export async function probe(
  ports: ConnectionPorts,
  tenant: TenantId,
  of: Tested,
  credentials: Credentials,
): Promise<Test> {
  const redactor = new Redactor([secretOf(credentials)]);
  const clean = (text: string): string => redactor.text(text);
  try {
    const { name, scopes = [], warnings = [] } = await identityOf(ports, { ...of, tenantId: tenant }, credentials);
    return { ok: true, identity: clean(name), scopes: scopes.map(clean), warnings: warnings.map(clean) };
  } catch (error) {
    if (!(error instanceof PermanentFailure || error instanceof RetryableFailure)) throw error;
    const isDenied = error instanceof PermanentFailure && error.code === 'PermissionError';
    return { ok: false, problem: clean(error.message), place: isDenied ? 'credentials' : 'baseUrl' };
  }
}

/** What to do about it. */
export function refusal(of: Tested, { problem, place }: Extract<Test, { ok: false }>): DomainError {
  const remedy =
    place === 'credentials'
      ? `Check that the credentials are whole and not expired. ${leastScopes(of.kind, of.credentialKind)}`.trim()
      : `Check the address${of.baseUrl === '' ? '' : ` ${of.baseUrl}`}. ${kindOf(of.kind).baseUrl.hint}`;
  const detail = `${sentence(problem)} ${remedy} Nothing has been saved.`;
  return new DomainError('connection_refused', detail, { errors: [{ path: place, message: problem }] });
}

function identityOf(
  ports: ConnectionPorts,
  of: Tested & { tenantId: string },
  credentials: Credentials,
): Promise<HostIdentity> {
  const { kind, access } = accessOf(of, credentials);
  return kind === 'aws' ? ports.awsIdentity(access) : ports.host(access).test();
}

function secretOf(credentials: Credentials): string {
  switch (credentials.kind) {
    case 'token':
      return credentials.token;
    case 'app':
      return credentials.privateKey;
    case 'keys':
      return credentials.secretAccessKey;
  }
}
