import type { GrantRole } from '../../../contract/members.ts';
import type { SaveSignOn, SignOn, SignOnTest } from '../../../contract/sign-on.ts';
import type { ConnectionInfo } from '../../storage/sign-on.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { assertWithinOwn } from '../members/ceiling.ts';
import { listDomains } from './domains.ts';
import { isPublicIssuer } from './public-mail.ts';

const ID_LENGTH = 16;

export async function getSignOn(ctx: ServiceContext, origin: string): Promise<SignOn> {
  const { tenant, ports } = ctx;
  const [found, domains] = await Promise.all([ports.signOn.connection(tenant.id), listDomains(ctx)]);
  return {
    connection:
      found === undefined
        ? null
        : {
            issuer: found.issuer,
            clientId: found.clientId,
            defaultRole: found.defaultRole as GrantRole,
            isRequired: found.isRequired,
            updatedAt: new Date(found.updatedAt).toISOString(),
            updatedBy: found.updatedBy,
          },
    redirectUrl: redirectUrlOf(origin, tenant.id),
    domains,
  };
}

/** The tenant's own: were it shared, one tenant's provider could be handed what another's has said. */
export function redirectUrlOf(origin: string, tenant: string): string {
  return `${origin}/api/v1/sign-on/callback/${tenant}`;
}

/** Another issuer or client means other people by the same subjects: nobody whom the former one let in is let in by it. */
export async function saveSignOn(ctx: ServiceContext, order: SaveSignOn, origin: string): Promise<SignOn> {
  const { tenant, ports, actor } = ctx;
  const { issuer, clientId, defaultRole, isRequired } = order;
  assertWithinOwn(ctx, defaultRole);
  if (isPublicIssuer(issuer)) {
    const detail = 'Anybody can have an account there. Use the issuer of your own organisation.';
    throw new DomainError('validation_failed', detail, {
      errors: [{ path: 'issuer', message: 'is open to anybody' }],
    });
  }
  const known = await ports.signOn.withSecret(tenant.id);
  const isSame = known?.issuer === issuer && known.clientId === clientId;
  const clientSecret = order.clientSecret ?? (isSame ? known.clientSecret : undefined);
  if (clientSecret === undefined) {
    const detail = 'A new provider or client comes with its own secret.';
    throw new DomainError('validation_failed', detail, { errors: [{ path: 'clientSecret', message: 'is missing' }] });
  }
  await inspect(ctx, { issuer, clientId, clientSecret });
  const id = isSame ? known.id : ports.newId(ID_LENGTH);
  const of = { issuer, clientId, defaultRole, isRequired };
  ctx.note?.({ before: known === undefined ? null : viewOf(known), after: of });
  const at = { updatedAt: ports.clock.now(), updatedBy: actorName(actor) };
  await ports.signOn.put(tenant.id, { id, ...of, ...at }, clientSecret);
  return getSignOn(ctx, origin);
}

export async function testSignOn(ctx: ServiceContext): Promise<SignOnTest> {
  const found = await ctx.ports.signOn.withSecret(ctx.tenant.id);
  if (found === undefined) throw notSetUp();
  const { authorization, token } = await inspect(ctx, found);
  return { authorizationEndpoint: authorization, tokenEndpoint: token };
}

/** Ends every session that it has started. */
export async function removeSignOn(ctx: ServiceContext): Promise<void> {
  if (!(await ctx.ports.signOn.remove(ctx.tenant.id))) throw notSetUp();
}

type Client = Parameters<ServiceContext['ports']['openId']['inspect']>[0];

async function inspect({ ports }: ServiceContext, client: Client) {
  try {
    return await ports.openId.inspect(client);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'for no reason that it gave';
    throw new DomainError('sign_on_provider_failed', `The provider at ${client.issuer} cannot be used: ${reason}.`);
  }
}

/** What the audit log is told; never the secret. */
function viewOf({ issuer, clientId, defaultRole, isRequired }: ConnectionInfo) {
  return { issuer, clientId, defaultRole, isRequired };
}

function notSetUp(): DomainError {
  return new DomainError('sign_on_not_found', 'Sign-on is not set up in this tenant.');
}
