import type { RegisteredRunner } from '../../../contract/tokens.ts';
import { REGISTERED_RUNNER } from '../../../contract/runner-protocol.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { refuseAboveQuota } from '../quotas.ts';
import { DAY_MS, insertToken } from '../tokens/mint.ts';

const LIFETIME_MS = 365 * DAY_MS;
const IDENTITY_LENGTH = 16;

/**
 * Trades a registration token, once, for the token of one runner. The identity is made here, so that a stolen registration
 * token cannot take the place of a runner that exists. Should the answer get lost, the registration token is lost with it.
 */
export async function registerRunner(ctx: ServiceContext, name: string): Promise<RegisteredRunner> {
  const { actor, tenant, ports } = ctx;
  if (actor.kind !== 'token' || actor.tokenKind !== 'registration') {
    throw new DomainError('forbidden', 'Runners register with a token of kind "registration".');
  }
  // Before the registration token is used up, so that it still works when there is room.
  await refuseAboveQuota(ctx, 'runners');
  const now = ports.clock.now();
  if (!(await ports.tokens.useUp(tenant.id, actor.id, now))) {
    throw new DomainError('unauthenticated', 'This registration token has been used already. Make a new one.');
  }
  const runnerId = REGISTERED_RUNNER + ports.newId(IDENTITY_LENGTH);
  const { row, token } = await insertToken(ctx, {
    name,
    kind: 'runner',
    role: null,
    userId: null,
    runnerId,
    scopes: null,
    pipelines: null,
    createdBy: `registration ${actor.name}`,
    expiresAt: now + LIFETIME_MS,
  });
  ctx.note?.({ object: { type: 'runner', id: runnerId }, after: { name } });
  return { runner: runnerId, token, expiresAt: new Date(row.expiresAt).toISOString() };
}
