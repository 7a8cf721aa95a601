import type { Limits } from '../../contract/quotas.ts';
import type { Holding } from '../auth/permissions.ts';
import type { ExecutionId, JobId, PipelineId, TenantId } from '../engine/ids.ts';
import type { Json } from '../audit/canonical.ts';
import type { AuditDraft } from '../audit/entry.ts';
import type { OpenId } from '../auth/open-id.ts';
import type { Session } from '../auth/session.ts';
import type { Clock } from '../kernel/clock.ts';
import type { TextLookup } from '../kernel/name-lookup.ts';
import type { Signer } from '../kernel/signing.ts';
import type { ExecutionObject, Where } from '../objects/execution/execution-object.ts';
import type { PipelineObject } from '../objects/pipeline/pipeline-object.ts';
import type { PoolObject } from '../objects/pool/pool-object.ts';
import type { Remote } from '../objects/remote.ts';
import type { TenantObject } from '../objects/tenant/tenant-object.ts';
import type { ConnectionPorts } from './connections/ports.ts';
import type { DeliveryPorts } from './deliveries/ports.ts';
import type { archiveStore } from '../storage/archives.ts';
import type { AuditSegments } from '../storage/audit-segments.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { executionQueries } from '../storage/executions.ts';
import type { expiryQueries } from '../storage/expiry.ts';
import type { followQueries } from '../storage/follows.ts';
import type { Mail } from '../mail/mail.ts';
import type { grantQueries } from '../storage/grants.ts';
import type { invitationQueries } from '../storage/invitations.ts';
import type { membershipQueries } from '../storage/memberships.ts';
import type { pipelineQueries, poolQueries } from '../storage/pipelines.ts';
import type { settingQueries } from '../storage/settings.ts';
import type { DataKeys } from '../storage/data-keys.ts';
import type { SigningKeys } from '../storage/signing-keys.ts';
import type { SealedSecrets } from '../storage/sealed-secrets.ts';
import type { signOnQueries } from '../storage/sign-on.ts';
import type { tenantQueries } from '../storage/tenants.ts';
import type { tokenQueries } from '../storage/tokens.ts';
import type { usageQueries } from '../storage/usage.ts';

/** Who asks. A job speaks for one attempt of one action and for nothing else. */
export type Actor =
  | {
      readonly kind: 'person';
      readonly id: string;
      readonly name: string;
      readonly email: string;
      /** In the tenant that the request is about. */
      readonly roles: readonly string[];
      /** The token that acts for them; absent: they are here themselves. */
      readonly token?: { readonly id: string; readonly name: string };
    }
  | {
      readonly kind: 'token';
      readonly id: string;
      readonly name: string;
      readonly tokenKind: 'service' | 'runner' | 'registration';
      /** Of a registered runner: the one that may use this token. */
      readonly runnerId?: string;
    }
  | {
      readonly kind: 'job';
      readonly pool: string;
      readonly job: JobId;
      readonly inputs: readonly string[];
      readonly secrets: JobMasking | undefined;
      /** Not the job's token but what its commands were given: for identity tokens and nothing else. */
      readonly isIdentityOnly?: true;
    };

/** What a job's log is masked by: names of secrets, and the place from where they are looked up. */
export interface JobMasking {
  readonly pipelineId: string;
  readonly stage: string;
  readonly names: readonly string[];
  /** Of an action that may ask for identity tokens: what it asks with is made from these. */
  readonly identity?: { readonly pool: string; readonly job: string } | undefined;
}

export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  readonly slug: string;
}

/** One request: on whose behalf, and everything that a use case may touch. */
export interface ServiceContext {
  readonly tenant: Tenant;
  readonly actor: Actor;
  /** What the actor holds in the tenant; the route has been checked against it already. */
  readonly holding: Holding;
  readonly requestId: string;
  readonly ports: Ports;
  /** For the audit log: what the request is about, and what that was before and after. Never a secret. */
  readonly note?: (note: AuditNote) => void;
}

export interface AuditNote {
  /** Where the address does not say it, as with what has just been made. */
  readonly object?: { readonly type: string; readonly id: string };
  readonly before?: Json;
  readonly after?: Json;
}

/** Somebody who is signed in, whichever tenants they belong to, and if to none. */
export interface PersonContext {
  readonly person: {
    readonly id: string;
    readonly email: string;
    readonly sessionId: string;
    /** The tenant that the session is for. */
    readonly activeTenant: string | undefined;
    readonly signOn: Session['signOn'];
  };
  readonly ports: Ports;
  /** Into the audit log of the tenant that it was about, once it has been done. */
  readonly record: (
    tenant: TenantId,
    what: Required<Pick<AuditNote, 'object'>> &
      AuditNote & { readonly verb: string } & Partial<Pick<AuditDraft, 'outcome' | 'status'>>,
  ) => Promise<void>;
}

/** The world as use cases see it; `composition.ts` puts the real one together. */
export interface Ports {
  readonly clock: Clock;
  readonly newId: (length: number) => string;
  readonly pipelines: (tenant: TenantId, id: PipelineId) => Remote<PipelineObject>;
  readonly executions: (tenant: TenantId, id: ExecutionId) => Remote<ExecutionObject>;
  readonly pools: (tenant: TenantId, pool: string) => Remote<PoolObject>;
  readonly tenants: (tenant: TenantId) => Remote<TenantObject>;
  readonly log: (
    tenant: TenantId,
    job: JobId,
    path: '/write' | '/watch' | '/read',
    query: Readonly<Record<string, string>>,
    headers: Headers,
  ) => Promise<Response>;
  readonly live: {
    /** `by`: who watches, as `watcherOf` has it. */
    readonly execution: (
      tenant: TenantId,
      by: string,
      id: ExecutionId,
      after: string | undefined,
      where: Where,
    ) => Promise<Response>;
    readonly unadmitted: (tenant: TenantId, by: string, pipeline: PipelineId, id: ExecutionId) => Promise<Response>;
    readonly pipeline: (tenant: TenantId, by: string, id: PipelineId) => Promise<Response>;
    readonly tenant: (tenant: TenantId, by: string) => Promise<Response>;
    /** `only`: the identity that the runner must have; absent: any that was not given to a registered one. */
    readonly runner: (tenant: TenantId, pool: string, only: string | undefined) => Promise<Response>;
  };
  readonly pipelineIndex: ReturnType<typeof pipelineQueries>;
  readonly executionIndex: ReturnType<typeof executionQueries>;
  readonly expiry: ReturnType<typeof expiryQueries>;
  readonly archives: ReturnType<typeof archiveStore>;
  /** How many bytes they had. */
  readonly removeLogs: (tenant: TenantId, execution: ExecutionId) => Promise<number>;
  readonly settings: ReturnType<typeof settingQueries>;
  readonly life: ReturnType<typeof tenantQueries>;
  /** Between the order to delete a tenant and its deletion. */
  readonly tenantGraceMs: number;
  readonly poolIndex: ReturnType<typeof poolQueries>;
  readonly tokens: ReturnType<typeof tokenQueries>;
  readonly usage: ReturnType<typeof usageQueries>;
  readonly limits: (tenant: TenantId) => Promise<Limits>;
  readonly grants: ReturnType<typeof grantQueries>;
  readonly memberships: ReturnType<typeof membershipQueries>;
  readonly invitations: ReturnType<typeof invitationQueries>;
  readonly signOn: ReturnType<typeof signOnQueries>;
  readonly openId: OpenId;
  /** What is published under a name. Undefined: the operator has named no resolver. */
  readonly texts: TextLookup | undefined;
  /** Undefined: this installation sends none. */
  readonly mail: Mail | undefined;
  readonly secrets: SealedSecrets;
  readonly connections: ConnectionPorts;
  readonly follows: ReturnType<typeof followQueries>;
  readonly deliveries: DeliveryPorts;
  readonly dataKeys: DataKeys;
  readonly signingKeys: SigningKeys;
  /** Who issues identity tokens; undefined: whichever address is asked. */
  readonly issuer: string | undefined;
  /** What the commands of a job ask for identity tokens with. */
  /** What makes the address of a badge; it says what the badge is of. */
  readonly badgeKey: (of: string) => Promise<string>;
  readonly identityCredential: (tenant: TenantId, pool: string, job: JobId) => Promise<string>;
  readonly hashToken: (token: string) => Promise<string>;
  readonly audit: { readonly segments: AuditSegments; readonly signer: () => Promise<Signer> };
  readonly artifacts: ArtifactStore;
  /** Undefined: this installation has no S3 endpoint for large uploads. */
  readonly presignPut: PresignPut | undefined;
}

/** Where bytes of exactly this digest and length may be PUT, and the headers that must come with them. */
export type PresignPut = (
  key: string,
  content: { readonly sha256: Uint8Array; readonly sizeBytes: number },
) => Promise<{ readonly method: 'PUT'; readonly url: string; readonly headers: Readonly<Record<string, string>> }>;

/** How a person or program is named in history. */
/** Who that is for good: what approval policies compare. */
export function actorId(actor: Actor): string {
  switch (actor.kind) {
    case 'person':
      return actor.email;
    case 'token':
      return `token:${actor.id}`;
    case 'job':
      return actor.job;
  }
}

/** Who that is on a live feed: what is closed when their rights change. */
export function watcherOf(actor: Actor): string {
  return actor.kind === 'person' ? actor.id : actorId(actor);
}

export function rolesOf(actor: Actor): readonly string[] {
  return actor.kind === 'person' ? actor.roles : [];
}

export function actorName(actor: Actor): string {
  return actor.kind === 'job' ? actor.job : actor.name;
}
