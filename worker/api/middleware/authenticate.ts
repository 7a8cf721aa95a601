import { createMiddleware } from 'hono/factory';
import { verifyIdentityCredential, verifyJobToken } from '../../auth/job-token.ts';
import { highestRole, type Holding, type Role } from '../../auth/permissions.ts';
import { currentSession } from '../../auth/session.ts';
import { parseToken } from '../../auth/token-format.ts';
import { DomainError } from '../../services/domain-error.ts';
import { assertMayEnter } from '../../services/sign-on/entry.ts';
import { serviceRole } from '../../services/tokens/limits.ts';
import type { Actor, Tenant } from '../../services/context.ts';
import type { TokenRow } from '../../storage/tokens.ts';
import type { ApiContext, ApiEnv, ApiParts } from '../context.ts';
import { refuseForeignOrigin } from './own-origin.ts';

interface Caller {
  readonly actor: Actor;
  readonly holding: Holding;
  readonly tenant: Tenant;
}

/** Who asks, and for which tenant: the only place where a tenant's id enters a request. */
export function authenticate(parts: ApiParts) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const bearer = bearerOf(c);
    const caller = bearer === undefined ? await byCookie(c, parts) : await byToken(c, bearer, parts);
    c.set('service', { ...caller, requestId: c.get('requestId'), ports: parts.ports });
    await next();
  });
}

function bearerOf(c: ApiContext): string | undefined {
  const [scheme, token] = (c.req.header('authorization') ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' ? token : undefined;
}

/** A token's last use is kept to the hour: it is a row. */
const USE_KEPT_MS = 60 * 60_000;

async function byToken(c: ApiContext, text: string, parts: ApiParts): Promise<Caller> {
  const { ports, keys } = parts;
  const job = await verifyJobToken(keys, text, ports.clock.now());
  if (job !== undefined) {
    const { pool, inputs, secrets } = job;
    const actor: Actor = { kind: 'job', pool, job: job.job as never, inputs, secrets };
    return { actor, holding: {}, tenant: { id: job.tenant as never, name: '', slug: '' } };
  }
  const identity = await verifyIdentityCredential(keys, text);
  if (identity !== undefined) {
    const { tenant, pool, job } = identity;
    const actor: Actor = {
      kind: 'job',
      pool,
      job: job as never,
      inputs: [],
      secrets: undefined,
      isIdentityOnly: true,
    };
    return { actor, holding: {}, tenant: { id: tenant as never, name: '', slug: '' } };
  }
  const parsed = parseToken(text);
  const found =
    parsed === undefined ? undefined : await ports.tokens.byHash(parsed.tenant as never, await ports.hashToken(text));
  if (found === undefined) throw new DomainError('unauthenticated', 'The token is not valid here.');
  const { token, tenant } = found;
  if (token.expiresAt <= ports.clock.now()) throw new DomainError('unauthenticated', 'The token has expired.');
  if (token.usedAt !== null) throw new DomainError('unauthenticated', 'The token has been used up.');
  rememberUse(c, parts, token);
  return { ...(await callerOf(token, parts)), tenant: { ...tenant, id: tenant.id as never } };
}

async function callerOf(token: TokenRow, { members }: ApiParts): Promise<Pick<Caller, 'actor' | 'holding'>> {
  const { id, name, kind, userId, runnerId } = token;
  if (kind === 'user') {
    const person = await members.personOf(token.tenantId as never, userId ?? '');
    if (person === undefined) throw new DomainError('unauthenticated', 'The token is of somebody who has left.');
    const { role, ...who } = person;
    const roles = rolesIn(role);
    return {
      actor: { kind: 'person', ...who, roles, token: { id, name } },
      holding: holding(token, highestRole(roles)),
    };
  }
  const bound = runnerId === null ? {} : { runnerId };
  const actor: Actor = { kind: 'token', id, name, tokenKind: kind, ...bound };
  return { actor, holding: kind === 'service' ? holding(token, serviceRole(token.role)) : {} };
}

function holding({ scopes, pipelines }: TokenRow, role: Role | undefined): Holding {
  return {
    ...(role === undefined ? {} : { role }),
    ...(scopes === null ? {} : { scopes }),
    ...(pipelines === null ? {} : { pipelines }),
  };
}

/** Nobody waits for it, and a request that loses it loses nothing else. */
function rememberUse(c: ApiContext, { ports, log }: ApiParts, { tenantId, hash, lastUsedAt }: TokenRow): void {
  const now = ports.clock.now();
  const stale = now - USE_KEPT_MS;
  if (lastUsedAt !== null && lastUsedAt >= stale) return;
  const kept = ports.tokens.touch(tenantId as never, hash, now, stale);
  c.executionCtx.waitUntil(kept.catch((error: unknown) => log.error('use of a token not kept', { tenantId }, error)));
}

async function byCookie(c: ApiContext, parts: ApiParts): Promise<Caller> {
  refuseForeignOrigin(c);
  const { identityFor, members, ports } = parts;
  const identity = await identityFor(new URL(c.req.url).origin);
  const session = await currentSession(identity, c.req.raw.headers, ports.clock.now());
  if (session === undefined) {
    throw new DomainError('unauthenticated', 'Sign in, or send a token as "Authorization: Bearer".');
  }
  const { id, name, email } = session.person;
  const active = session.activeTenant ?? (await members.firstTenantOf(id));
  const tenant = active === undefined ? undefined : await members.tenantOf(active as never, id);
  if (tenant === undefined) throw new DomainError('tenant_required', 'Choose a tenant of yours, or make one.');
  const { role, connection, isRequired, domain, ...of } = tenant;
  const roles = rolesIn(role);
  const held = highestRole(roles);
  assertMayEnter(session, { isOwner: held === 'owner', connection, isRequired, isInDomain: domain !== null });
  return {
    actor: { kind: 'person', id, name, email, roles },
    holding: held === undefined ? {} : { role: held },
    tenant: { ...of, id: tenant.id as never },
  };
}

/** The library keeps several roles of one member as a list in one text, and calls those without any a member. */
function rolesIn(text: string): readonly string[] {
  return text.split(',').map((one) => (one === 'member' ? 'operator' : one));
}
