import { waitUntil } from 'cloudflare:workers';
import { DEFAULT_LIMITS, type Limits, quotaMessage } from '../contract/quotas.ts';
import type { AuthMethods } from '../contract/tenants.ts';
import { cleanResult } from '../contract/redact/clean-result.ts';
import type { ApiParts } from './api/context.ts';
import { identity, type Identity, type IdentityOptions, type Provider } from './auth/identity.ts';
import { mintIdentityCredential, mintJobToken } from './auth/job-token.ts';
import { type OpenId, openId } from './auth/open-id.ts';
import { AwsCalls } from './aws/client.ts';
import { codeCommit } from './aws/code-commit.ts';
import { ecrImages } from './aws/ecr.ts';
import { awsIdentity } from './aws/identity.ts';
import { s3Objects } from './aws/s3.ts';
import { AwsSessions } from './aws/sessions.ts';
import type { AccountEvent } from './auth/watch.ts';
import { presignPut } from './aws/presign.ts';
import { execute } from './effects/execute.ts';
import { httpMail } from './mail/http-mail.ts';
import { logMail } from './mail/log-mail.ts';
import type { Mail } from './mail/mail.ts';
import { publishSummary } from './effects/publish-summary.ts';
import type { StatusReport } from './engine/commit-status.ts';
import type { TenantId } from './engine/ids.ts';
import type { ActionRun } from './engine/run.ts';
import { type ExecutionSummary, summaryView } from './engine/summary.ts';
import { readSettings, type Settings } from './env.ts';
import { httpPort } from './hosts/http.ts';
import { hostRegistry } from './hosts/registry.ts';
import { checkAddress, checkName, isAllowedHost, parseAllowedHosts } from './kernel/address-guard.ts';
import { systemClock } from './kernel/clock.ts';
import { base64url, KeyRing } from './kernel/crypto.ts';
import { RetryableFailure } from './kernel/failure.ts';
import { PermanentFailure } from './kernel/failure.ts';
import { consoleLog } from './kernel/log.ts';
import { guardedFetch } from './kernel/guarded-fetch.ts';
import { dnsOverHttps, type NameLookup, type TextLookup, textsOverHttps } from './kernel/name-lookup.ts';
import { newId } from './kernel/new-id.ts';
import { remembered } from './kernel/remembered.ts';
import { type Signer, signerFor } from './kernel/signing.ts';
import type { ExecutionServices } from './objects/execution/execution-object.ts';
import type { Archives } from './objects/execution/retirement.ts';
import { executionPeer, executionStub } from './objects/execution/stub.ts';
import type { InboxServices } from './objects/inbox/inbox-object.ts';
import { inboxStub } from './objects/inbox/stub.ts';
import { announce, liveFeed } from './objects/live-stub.ts';
import type { LogServices } from './objects/log/log-object.ts';
import { logRoom } from './objects/log/log-room.ts';
import { logFetch } from './objects/log/stub.ts';
import type { PipelineServices } from './objects/pipeline/pipeline-object.ts';
import { pipelinePeer, pipelineStub } from './objects/pipeline/stub.ts';
import type { PoolServices } from './objects/pool/pool-object.ts';
import type { ExecutionPeer } from './objects/peers.ts';
import { poolPeer, poolStub } from './objects/pool/stub.ts';
import { slotPeer } from './objects/tenant/slot-peer.ts';
import { tenantStub } from './objects/tenant/stub.ts';
import type { TenantServices } from './objects/tenant/tenant-object.ts';
import type { ProviderRun } from './providers/provider.ts';
import { providerRegistry } from './providers/registry.ts';
import { awsByReference } from './services/connections/aws-by-reference.ts';
import { hostByReference } from './services/connections/by-reference.ts';
import type { ConnectionPorts } from './services/connections/ports.ts';
import type { DeliveryPorts } from './services/deliveries/ports.ts';
import { tellOfEnd } from './services/deliveries/endings.ts';
import { askHost, routeEvent } from './services/deliveries/route.ts';
import { branchTips } from './services/deliveries/tips.ts';
import { reportStatus } from './services/connections/report-status.ts';
import type { JobMasking, Ports, PresignPut } from './services/context.ts';
import { applyPush } from './services/follows/apply.ts';
import { calledStatus, startCalled, stopCalled } from './services/executions/call.ts';
import { newExecutionId } from './services/executions/ids.ts';
import { recordAccountEvent } from './services/members/account-events.ts';
import { maskingOf, redactorFor } from './services/secrets/masking.ts';
import { archiveStore } from './storage/archives.ts';
import { auditSegments } from './storage/audit-segments.ts';
import { ArtifactStore } from './storage/artifacts.ts';
import { type ReserveRoom, SourceArchives } from './storage/source-archives.ts';
import { SealedConnections } from './storage/connections.ts';
import { database } from './storage/database.ts';
import { deliveryPayloads } from './storage/delivery-payloads.ts';
import { executionQueries } from './storage/executions.ts';
import { expiryQueries } from './storage/expiry.ts';
import { followQueries } from './storage/follows.ts';
import { grantQueries } from './storage/grants.ts';
import { SealedHooks } from './storage/hooks.ts';
import { invitationQueries } from './storage/invitations.ts';
import { logSegments, removeLogs } from './storage/log-segments.ts';
import { memberQueries } from './storage/members.ts';
import { membershipQueries } from './storage/memberships.ts';
import { pipelineQueries, poolQueries } from './storage/pipelines.ts';
import { DataKeys } from './storage/data-keys.ts';
import { SealedSecrets } from './storage/sealed-secrets.ts';
import { signOnQueries } from './storage/sign-on.ts';
import { SigningKeys } from './storage/signing-keys.ts';
import { settingQueries } from './storage/settings.ts';
import { storedBytes } from './storage/stored-bytes.ts';
import { tenantQueries } from './storage/tenants.ts';
import { tokenQueries } from './storage/tokens.ts';
import { usageQueries } from './storage/usage.ts';
import { watchQueries } from './storage/watches.ts';
import { triggerRegistry } from './triggers/registry.ts';

/** From bindings to implementations: the only file that knows both sides. */

const DAY_MS = 24 * 60 * 60_000;
/** A job's token outlives its deadline by this much, so that the last of its log still gets in. */
const JOB_TOKEN_SLACK_MS = DAY_MS;
/** Every execution that ends asks for its tenant's settings. */
const SETTINGS_REMEMBERED_MS = 5 * 60_000;
/** Every execution that starts asks for its tenant's limits. */
const LIMITS_REMEMBERED_MS = 60_000;
const LOOK_UP_TIMEOUT_MS = 5_000;
const FETCH_TEXT_TIMEOUT_MS = 5_000;
const clock = systemClock;
const log = consoleLog;

/** Made once an isolate, not once an object: objects come and go by the thousand. */
function once<T>(make: (env: Cloudflare.Env) => T): (env: Cloudflare.Env) => T {
  const made = new WeakMap<Cloudflare.Env, { readonly value: T }>();
  return (env) => {
    const known = made.get(env) ?? { value: make(env) };
    made.set(env, known);
    return known.value;
  };
}

export const executionServices = once((env): ExecutionServices => {
  const pools = poolPeer(env);
  const settings = readSettings(env);
  const others = ports(env, settings, keyRing(env));
  const reserveRoom: ReserveRoom = async (tenant, bytes) => {
    const order = { name: 'artifactBytes', least: bytes, want: bytes } as const;
    const { granted, quota } = await tenantStub(env, tenant).reserveBytes(tenant, order);
    if (granted < bytes) throw new PermanentFailure('RevisionUnavailable', quotaMessage(quota));
  };
  const sources = new SourceArchives(env.BUCKET, others.artifacts, () => newId(20), reserveRoom);
  const providers = providerRegistry<ActionRun>({
    queue: {
      enqueue: (run) => pools.enqueue(run, clock.now()),
      cancel: (run, cause) => pools.cancel(run, run.job, cause),
    },
    clock,
    http: {
      fetch: (url, init) => fetch(url, init),
      allowedHosts: parseAllowedHosts(settings.MILLRACE_PRIVATE_HOSTS),
      lookUp: nameLookup(settings),
      timeout: (ms) => AbortSignal.timeout(ms),
    },
    freezes: async (tenant) =>
      (await tenantStub(env, tenant as TenantId).freezes(tenant)).map(({ freeze }) => freeze),
    sources: {
      host: (tenant, reference) => hostByReference(connections(env), tenant as TenantId, reference),
      takeTree: (tenant, entries, maxBytes) => sources.takeTree(tenant as TenantId, entries, maxBytes),
      codeCommit: async (run) => codeCommit(await awsCalls(env)(run)),
      ecr: async (run) => ecrImages(await awsCalls(env)(run)),
      s3: async (run) => s3Objects(await awsCalls(env)(run)),
      take: (tenant, bytes, maxBytes) => sources.take(tenant as TenantId, bytes, maxBytes),
    },
    pipelines: {
      start: (call) => startCalled(others, call),
      status: (tenant, execution) => calledStatus(others, tenant, execution),
      stop: (call) => stopCalled(others, call),
    },
  });
  const parts = {
    providers,
    reportStatus: (tenant: string, report: StatusReport) =>
      reportStatus(connections(env), log, tenant as TenantId, report),
    pipelines: pipelinePeer(env),
    executions: executionPeer(env),
    isClosing: async (tenant: string) => (await others.life.closing(tenant as TenantId)) !== undefined,
    publishSummary: publisher(env),
  };
  return { clock, log, execute: (request) => execute(request, parts), archives: archives(env) };
});

/** Once an isolate: sessions of roles are remembered by these. */
const awsCalls = once((env) => {
  const http = tenantHttp(env);
  const sessions = new AwsSessions(clock, (request) => http.send(request));
  return async (run: ProviderRun): Promise<AwsCalls> => {
    const { configuration, region, roleArn } = run;
    const order = { tenant: run.tenant as TenantId, reference: configuration['Connection'], region, roleArn };
    const standing = await awsByReference(connections(env), order);
    return new AwsCalls(standing, { send: (request) => http.send(request), sessions });
  };
});

function nameLookup({ MILLRACE_DNS_RESOLVER: resolver }: Settings): NameLookup | undefined {
  if (resolver === undefined) return undefined;
  return dnsOverHttps(
    resolver,
    (url, init) => fetch(url, init),
    () => AbortSignal.timeout(LOOK_UP_TIMEOUT_MS),
  );
}

function textLookup({ MILLRACE_DNS_RESOLVER: resolver }: Settings): TextLookup | undefined {
  if (resolver === undefined) return undefined;
  return textsOverHttps(
    resolver,
    (url, init) => fetch(url, init),
    () => AbortSignal.timeout(LOOK_UP_TIMEOUT_MS),
  );
}

/** What tenants name as theirs is gone to as an HTTP check goes: not into anybody's own network. */
function signOnProvider(settings: Settings): OpenId {
  const allowedHosts = parseAllowedHosts(settings.MILLRACE_PRIVATE_HOSTS);
  const lookUp = nameLookup(settings);
  return openId({
    allowedHosts,
    fetch: guardedFetch({ fetch: (url, init) => fetch(url, init), allowedHosts, lookUp }),
  });
}

export const pipelineServices = once((env): PipelineServices => {
  const index = pipelineQueries(database(env.DB));
  const life = tenantQueries(database(env.DB), env.BUCKET);
  return {
    clock,
    log,
    whyClosed: async (tenant) =>
      (await life.closing(tenant)) === undefined
        ? undefined
        : 'The tenant is to be deleted; nothing starts meanwhile.',
    newExecutionId: (pipeline) => newExecutionId(pipeline, newId),
    executions: { ...executionPeer(env), target: rollbackTargets(env) },
    slots: slotPeer(env),
    index: {
      publishPipeline: ({ tenant, id, ...published }) => index.publish(tenant, id, published),
      publishSummary: publisher(env),
    },
  };
});

/** An execution can be gone back to as long as all that it made is still there. */
function rollbackTargets(env: Cloudflare.Env): ExecutionPeer['target'] {
  const executions = executionPeer(env);
  const artifacts = new ArtifactStore(env.BUCKET);
  return async (tenant, id) => {
    const target = await executions.target(tenant, id);
    const digests = Object.values(target?.seed.artifacts ?? {}).map(({ digest }) => digest);
    const sizes = await Promise.all(digests.map((digest) => artifacts.size(tenant, digest)));
    return sizes.includes(undefined) ? undefined : target;
  };
}

export const poolServices = once((env): PoolServices => {
  const keys = keyRing(env);
  return {
    clock,
    log,
    executions: executionPeer(env),
    mintJobToken: (run) =>
      mintJobToken(keys, {
        tenant: run.tenant,
        pool: run.pool,
        job: run.job,
        inputs: run.inputs.map(({ digest }) => digest),
        secrets: maskingOf(run),
        expiresAt: clock.now() + run.timeoutMs + JOB_TOKEN_SLACK_MS,
      }),
    cleanResult: async (run, result) => {
      const masking = maskingOf(run);
      if (masking === undefined) return result;
      return cleanResult(await redactorFor(maskers(env), run.tenant, masking), result);
    },
  };
});

export const tenantServices = once((env): TenantServices => {
  const segments = auditSegments(env.BUCKET);
  return {
    clock,
    log,
    signer: auditSigner(env),
    seal: (tenant, first, lines, checkpoint) => segments.seal(tenant as TenantId, first, lines, checkpoint),
    limits: rememberedLimits(env),
    heldBy: (tenant, pipeline, leases) =>
      pipelineStub(env, tenant as TenantId, pipeline).held(tenant as TenantId, leases),
    measure: (tenant, name) => storedBytes(env.BUCKET, tenant as TenantId, name),
  };
});

/** What a tenant may have at most: the operator's word for it, for all of them, or the defaults. */
function limitsOf(env: Cloudflare.Env, { MILLRACE_QUOTAS }: Settings): (tenant: TenantId) => Promise<Limits> {
  const usage = usageQueries(database(env.DB));
  return async (tenant) => ({ ...DEFAULT_LIMITS, ...MILLRACE_QUOTAS, ...(await usage.limits(tenant)) });
}

/** Nobody is kept from starting because the database is not there: then it is what holds for all. */
function rememberedLimits(env: Cloudflare.Env): TenantServices['limits'] {
  const settings = readSettings(env);
  const read = remembered(clock, LIMITS_REMEMBERED_MS, limitsOf(env, settings));
  return async (tenant) => {
    try {
      return await read(tenant as TenantId);
    } catch (error) {
      log.error('limits not read', { tenant }, error);
      return { ...DEFAULT_LIMITS, ...settings.MILLRACE_QUOTAS };
    }
  };
}

/** What signs checkpoints; made on first use. */
const auditSigner = once((env) => {
  let signer: Promise<Signer> | undefined;
  return (): Promise<Signer> => (signer ??= signerFor(keyRing(env), 'audit'));
});

export const logServices = once((env): LogServices => {
  return {
    log,
    segments: (tenant, job) => {
      const segments = logSegments(env.BUCKET, tenant, job);
      const life = tenantQueries(database(env.DB), env.BUCKET);
      return {
        ...segments,
        put: async (offset, bytes, isLast) => {
          // Its folder has been emptied for good: nobody would come to empty it again.
          if (await life.isGone(tenant as TenantId)) throw new Error('the tenant has been deleted');
          await segments.put(offset, bytes, isLast);
        },
      };
    },
    room: (text) => {
      const tenant = text as TenantId;
      return logRoom({
        reserve: async (least, want) =>
          (await tenantStub(env, tenant).reserveBytes(tenant, { name: 'logBytes', least, want })).granted,
        giveBack: (bytes) => tenantStub(env, tenant).giveBackBytes(tenant, 'logBytes', bytes),
      });
    },
    redactor: (tenant, masking) => redactorFor(maskers(env), tenant as TenantId, JSON.parse(masking) as JobMasking),
  };
});

export function apiParts(env: Cloudflare.Env): ApiParts {
  const settings = readSettings(env);
  const keys = keyRing(env);
  const db = database(env.DB);
  const members = memberQueries(db);
  const people = peopleOptions(settings);
  const shared = ports(env, settings, keys);
  const onAccountEvent = (event: AccountEvent): void => {
    const recorded = recordAccountEvent(shared, event).catch((error: unknown) =>
      log.error('audit entry lost', { verb: event.verb, route: event.route, status: event.status }, error),
    );
    waitUntil(recorded);
  };
  const identities = new Map<string, Promise<Identity>>();
  const identityFor = (origin: string): Promise<Identity> => {
    const made =
      identities.get(origin) ??
      keys
        .secretFor('sessions')
        .then((secret) => identity({ db, secret, baseUrl: origin, ...people, onAccountEvent }));
    identities.set(origin, made);
    return made;
  };
  const page = (request: Request): Promise<Response> =>
    env.ASSETS.fetch(new Request(new URL('/', request.url), { method: request.method, headers: request.headers }));
  const methods = authMethods(people);
  const hasOneAddress = settings.MILLRACE_EDGE === 'none';
  const limiters = { actor: env.RATE_BY_ACTOR, address: env.RATE_BY_ADDRESS, hasOneAddress };
  return { ports: shared, keys, log, members, identityFor, methods, limiters, page };
}

function peopleOptions(settings: Settings): Omit<IdentityOptions, 'db' | 'secret' | 'baseUrl' | 'onAccountEvent'> {
  return {
    isSignUpOpen: settings.MILLRACE_SIGN_UP === 'open',
    mustVerifyEmail: settings.MILLRACE_VERIFY_EMAIL === 'on',
    mail: mailOf(settings),
    providers: {
      ...keysOf('github', settings.MILLRACE_GITHUB_CLIENT_ID, settings.MILLRACE_GITHUB_CLIENT_SECRET),
      ...keysOf('google', settings.MILLRACE_GOOGLE_CLIENT_ID, settings.MILLRACE_GOOGLE_CLIENT_SECRET),
    },
    inBackground: (promise) => waitUntil(promise),
  };
}

function keysOf(provider: Provider, clientId: string | undefined, clientSecret: string | undefined) {
  return clientId === undefined || clientSecret === undefined ? {} : { [provider]: { clientId, clientSecret } };
}

function authMethods({
  isSignUpOpen,
  mustVerifyEmail,
  mail,
  providers,
}: ReturnType<typeof peopleOptions>): AuthMethods {
  return {
    signUp: isSignUpOpen ? 'open' : 'closed',
    github: providers.github !== undefined,
    google: providers.google !== undefined,
    passkey: true,
    passwordReset: mail !== undefined,
    verifyEmail: mustVerifyEmail,
  };
}

function mailOf(settings: Settings): Mail | undefined {
  const { MILLRACE_MAIL_URL: url, MILLRACE_MAIL_TOKEN: token, MILLRACE_MAIL_FROM: from } = settings;
  if (url !== undefined && from !== undefined) {
    return httpMail({ url, token, from, fetch: (to, init) => fetch(to, init), log });
  }
  return settings.MILLRACE_MAIL_LOG === 'on' ? logMail(log) : undefined;
}

export function ports(env: Cloudflare.Env, settings: Settings, keys: KeyRing): Ports {
  const db = database(env.DB);
  return {
    clock,
    newId,
    pipelines: (tenant, id) => pipelineStub(env, tenant, id),
    executions: (tenant, id) => executionStub(env, tenant, id),
    pools: (tenant, pool) => poolStub(env, tenant, pool),
    tenants: (tenant) => tenantStub(env, tenant),
    log: (tenant, job, path, query, headers) => logFetch(env, tenant, job, path, query, headers),
    live: {
      execution: (tenant, by, id, after, where) => liveFeed.execution(env, tenant, by, id, after, where),
      unadmitted: (tenant, by, pipeline, id) => liveFeed.unadmitted(env, tenant, by, pipeline, id),
      pipeline: (tenant, by, id) => liveFeed.pipeline(env, tenant, by, id),
      tenant: (tenant, by) => liveFeed.tenant(env, tenant, by),
      runner: (tenant, pool, only) => liveFeed.runner(env, tenant, pool, only),
    },
    pipelineIndex: pipelineQueries(db),
    executionIndex: executionQueries(db),
    expiry: expiryQueries(db),
    archives: archiveStore(env.BUCKET),
    removeLogs: (tenant, execution) => removeLogs(env.BUCKET, tenant, execution),
    settings: settingQueries(db),
    life: tenantQueries(db, env.BUCKET),
    tenantGraceMs: settings.MILLRACE_TENANT_GRACE_DAYS * DAY_MS,
    poolIndex: poolQueries(db),
    tokens: tokenQueries(db),
    usage: usageQueries(db),
    limits: limitsOf(env, settings),
    grants: grantQueries(db),
    memberships: membershipQueries(db),
    invitations: invitationQueries(db),
    signOn: signOnQueries(db, sealing(env).dataKeys),
    openId: signOnProvider(settings),
    texts: textLookup(settings),
    mail: mailOf(settings),
    ...sealing(env),
    connections: connections(env),
    follows: followQueries(db),
    deliveries: deliveries(env),
    issuer: settings.MILLRACE_ISSUER?.replace(/\/+$/, ''),
    badgeKey: async (of) => base64url(await keys.sign('badge', of)).slice(0, 22),
    identityCredential: identityCredentials(keys),
    hashToken: async (token) => base64url(await keys.sign('token-hash', token)),
    audit: { segments: auditSegments(env.BUCKET), signer: auditSigner(env) },
    artifacts: new ArtifactStore(env.BUCKET),
    presignPut: presigner(settings),
  };
}

/** The way to whatever a tenant has named. */
const tenantHttp = once((env) => {
  const settings = readSettings(env);
  return httpPort({
    fetch: (url, init) => fetch(url, init),
    allowedHosts: parseAllowedHosts(settings.MILLRACE_PRIVATE_HOSTS),
    lookUp: nameLookup(settings),
    timeout: (ms) => AbortSignal.timeout(ms),
  });
});

/** Once an isolate: hosts remember the tokens that they have given. */
export const connections = once((env): ConnectionPorts => {
  const settings = readSettings(env);
  const db = database(env.DB);
  const { dataKeys } = sealing(env);
  const allowedHosts = parseAllowedHosts(settings.MILLRACE_PRIVATE_HOSTS);
  const lookUp = nameLookup(settings);
  const http = tenantHttp(env);
  return {
    store: new SealedConnections(db, dataKeys),
    hooks: new SealedHooks(db, dataKeys, newId),
    watches: watchQueries(db),
    host: hostRegistry({ http, clock }),
    awsIdentity: (access) => awsIdentity(access, (request) => http.send(request)),
    checkAddress: async (text) => {
      const address = checkAddress(text, allowedHosts);
      const problem = address.ok ? await checkName(address.url, allowedHosts, lookUp) : undefined;
      return problem === undefined ? address : { ok: false, message: problem };
    },
    isPrivateHost: (url) => isAllowedHost(url, allowedHosts),
    publicUrl: settings.MILLRACE_PUBLIC_URL?.replace(/\/+$/, ''),
  };
});

/** Once an isolate: what is known of hooks is remembered by these. */
const deliveries = once((env): DeliveryPorts => {
  const settings = readSettings(env);
  const allowedHosts = parseAllowedHosts(settings.MILLRACE_PRIVATE_HOSTS);
  const get = guardedFetch({ fetch: (url, init) => fetch(url, init), allowedHosts, lookUp: nameLookup(settings) });
  return {
    inbox: (tenant, hook) => inboxStub(env, tenant, hook),
    payloads: deliveryPayloads(env.BUCKET),
    source: (kind) => triggerRegistry.get(kind),
    fetchText: async (url) => {
      const response = await get(url, { signal: AbortSignal.timeout(FETCH_TEXT_TIMEOUT_MS) });
      if (response.ok) return response.text();
      throw new RetryableFailure(`${new URL(url).host} answered with ${response.status}.`);
    },
  };
});

export const inboxServices = once((env): InboxServices => {
  const parts = ports(env, readSettings(env), keyRing(env));
  return {
    clock,
    log,
    route: async (tenant, hook, event) => {
      const route = await routeEvent(parts, tenant, hook, event);
      // What a push says of definitions counts for what it starts, if the hook may speak of that repository at all.
      const mayChange = route.kind === 'Pipelines' || route.kind === 'NoPipeline';
      const hasChanged = mayChange && (await applyPush(parts, tenant, hook.connectionId, event));
      return hasChanged ? routeEvent(parts, tenant, hook, event) : route;
    },
    deliver: (tenant, pipeline, delivery) => pipelineStub(env, tenant, pipeline).deliver(tenant, delivery),
    ask: (tenant, hook, event, what) => askHost(parts, tenant, hook, event, what),
    tips: (tenant, hook, since) => branchTips(parts, tenant, hook, since),
    forgetPayloads: (tenant, keys) => deliveries(env).payloads.remove(tenant, keys),
  };
});

export function keyRing(env: Cloudflare.Env): KeyRing {
  return new KeyRing(readSettings(env).MILLRACE_KEY);
}

/** Once an isolate: it remembers keys, each for a while. */
const sealing = once((env) => {
  const { MILLRACE_KEY: current, MILLRACE_KEY_PREVIOUS: previous } = readSettings(env);
  const db = database(env.DB);
  const rings = [new KeyRing(current), ...(previous === undefined ? [] : [new KeyRing(previous)])] as const;
  const dataKeys = new DataKeys({ db, clock, newId, rings });
  const signingKeys = new SigningKeys({ db, clock, rings });
  return { dataKeys, secrets: new SealedSecrets(db, dataKeys), signingKeys };
});

/** Where what is to be masked comes from. */
function maskers(env: Cloudflare.Env): Parameters<typeof redactorFor>[0] {
  return { secrets: sealing(env).secrets, identityCredential: identityCredentials(keyRing(env)) };
}

function identityCredentials(keys: KeyRing): Ports['identityCredential'] {
  return (tenant, pool, job) => mintIdentityCredential(keys, { tenant, pool, job });
}

function archives(env: Cloudflare.Env): Archives {
  const settings = settingQueries(database(env.DB));
  const keepMs = async (tenant: TenantId): Promise<number> => (await settings.get(tenant)).archiveAfterDays * DAY_MS;
  return { ...archiveStore(env.BUCKET), keepMs: remembered(clock, SETTINGS_REMEMBERED_MS, keepMs) };
}

function presigner(settings: Settings): PresignPut | undefined {
  const {
    R2_S3_ENDPOINT: endpoint,
    R2_S3_BUCKET: bucket,
    R2_S3_ACCESS_KEY_ID: accessKeyId,
    R2_S3_SECRET_ACCESS_KEY: secretAccessKey,
  } = settings;
  if (endpoint === undefined || bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    return undefined;
  }
  return (key, content) => presignPut({ endpoint, bucket, accessKeyId, secretAccessKey }, key, content);
}

function endingPorts(env: Cloudflare.Env): Parameters<typeof tellOfEnd>[0] {
  return {
    clock,
    connections: connections(env),
    life: tenantQueries(database(env.DB), env.BUCKET),
    pipelines: (tenant, id) => pipelineStub(env, tenant, id),
  };
}

function publisher(env: Cloudflare.Env): (summary: ExecutionSummary) => Promise<void> {
  const parts = {
    executions: executionQueries(database(env.DB)),
    ended: (summary: ExecutionSummary) => tellOfEnd(endingPorts(env), log, summary),
    announce: (summary: ExecutionSummary) => announce(env, summary.tenant, summaryView(summary)),
    log,
  };
  return (summary) => publishSummary(summary, parts);
}
