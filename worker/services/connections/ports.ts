import type { TenantId } from '../../engine/ids.ts';
import type { GitHost, HostAccess, HostIdentity } from '../../hosts/git-host.ts';
import type { CheckedAddress } from '../../kernel/address-guard.ts';
import type { SealedConnections } from '../../storage/connections.ts';
import type { SealedHooks } from '../../storage/hooks.ts';
import type { watchQueries } from '../../storage/watches.ts';

/** What connections are kept in, and how what they lead to is asked. */
export interface ConnectionPorts {
  readonly store: SealedConnections;
  readonly hooks: SealedHooks;
  readonly watches: ReturnType<typeof watchQueries>;
  readonly host: (access: HostAccess) => GitHost;
  /** Throws like a call of a GitHost. */
  readonly awsIdentity: (access: AwsAccess) => Promise<HostIdentity>;
  /** May a tenant make this service call that address? */
  readonly checkAddress: (url: string) => Promise<CheckedAddress>;
  /** Whether the operator has named this host as one of their own. */
  readonly isPrivateHost: (url: URL) => boolean;
  /** Where deliveries come to; undefined: whichever address is asked. */
  readonly publicUrl: string | undefined;
}

/** A key pair of AWS and, with it, a role; the secret in clear, for as long as one request takes. */
export interface AwsAccess {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** An endpoint other than the regular ones. */
  readonly endpoint?: string;
  readonly role?: { readonly arn: string; readonly externalId: string };
}

/** What the trust policy of a role must ask for. A tenant cannot choose it, so nobody else's connection gets into its account. */
export function externalIdOf(tenant: TenantId): string {
  return `millrace-${tenant}`;
}
