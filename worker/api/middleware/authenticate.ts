import { createMiddleware } from 'hono/factory';
import { verifyJobToken } from '../../auth/job-token.ts';
import { highestRole, type Holding, isRole } from '../../auth/permissions.ts';
import { parseToken } from '../../auth/token-format.ts';
import { DomainError } from '../../services/domain-error.ts';
import type { Actor, Tenant } from '../../services/context.ts';
import type { TokenRow } from '../../storage/tokens.ts';
import type { ApiContext, ApiEnv, ApiParts } from '../context.ts';

interface Caller {
  readonly actor: Actor;
  readonly holding: Holding;
  readonly tenant: Tenant;
}

/** Who asks, and for which tenant: the only place where a tenant's id enters a request. */
export function authenticate(parts: ApiParts) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const bearer = bearerOf(c);
    const caller = bearer === undefined ? await byCookie(c, parts) : await byToken(bearer, parts);
    c.set('service', { ...caller, requestId: c.get('requestId'), ports: parts.ports });
    await next();
  });
}

function bearerOf(c: ApiContext): string | undefined {
  const [scheme, token] = (c.req.header('authorization') ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' ? token : undefined;
}

async function byToken(text: string, { ports, keys }: ApiParts): Promise<Caller> {
  const job = await verifyJobToken(keys, text, ports.clock.now());
  if (job !== undefined) {
    const actor: Actor = { kind: 'job', pool: job.pool, job: job.job as never, inputs: job.inputs };
    return { actor, holding: {}, tenant: { id: job.tenant as never, name: '', slug: '' } };
  }
  const parsed = parseToken(text);
  const found =
    parsed === undefined ? undefined : await ports.tokens.byHash(parsed.tenant as never, await ports.hashToken(text));
  if (found === undefined) throw new DomainError('unauthenticated', 'The token is not valid here.');
  const { token, tenant } = found;
  if (token.expiresAt <= ports.clock.now()) throw new DomainError('unauthenticated', 'The token has expired.');
  return {
    actor: { kind: 'token', id: token.id, name: token.name, tokenKind: token.kind },
    holding: holdingOf(token),
    tenant: { ...tenant, id: tenant.id as never },
  };
}

/** Tokens that came before roles may do what they could: everything but what is the owner's. */
function holdingOf({ kind, role, scopes, pipelines }: TokenRow): Holding {
  if (kind !== 'service') return {};
  const held = role ?? 'admin';
  return {
    ...(isRole(held) ? { role: held } : {}),
    ...(scopes === null ? {} : { scopes }),
    ...(pipelines === null ? {} : { pipelines }),
  };
}

async function byCookie(c: ApiContext, parts: ApiParts): Promise<Caller> {
  refuseForeignOrigin(c);
  const { identityFor, members } = parts;
  const identity = await identityFor(new URL(c.req.url).origin);
  const session = await identity.api.getSession({ headers: c.req.raw.headers });
  if (session === null) {
    throw new DomainError('unauthenticated', 'Sign in, or send a token as "Authorization: Bearer".');
  }
  const active = session.session.activeOrganizationId ?? (await members.firstTenantOf(session.user.id));
  const tenant = active === undefined ? undefined : await members.tenantOf(active as never, session.user.id);
  if (tenant === undefined) throw new DomainError('forbidden', 'You are not a member of any tenant yet.');
  const { role, ...of } = tenant;
  const { id, name, email } = session.user;
  // The library keeps several roles of one member as a list in one text, and calls those without any a member.
  const roles = role.split(',').map((one) => (one === 'member' ? 'operator' : one));
  const held = highestRole(roles);
  return {
    actor: { kind: 'person', id, name, email, roles },
    holding: held === undefined ? {} : { role: held },
    tenant: { ...of, id: tenant.id as never },
  };
}

/**
 * Cookies come along with whatever a foreign page sends: anything that changes something, and every socket, must come from
 * our own pages. Browsers always say where such a request comes from.
 */
function refuseForeignOrigin(c: ApiContext): void {
  const isUpgrade = c.req.header('upgrade')?.toLowerCase() === 'websocket';
  if (['GET', 'HEAD'].includes(c.req.method) && !isUpgrade) return;
  const origin = c.req.header('origin');
  if (origin === new URL(c.req.url).origin) return;
  if (origin === undefined && c.req.header('cookie') === undefined) return; // nothing to abuse; refused below as not signed in
  throw new DomainError('forbidden', 'This request comes from another site.');
}
