import type { BeginSignOn } from '../../../contract/sign-on.ts';
import type { TenantId } from '../../engine/ids.ts';
import type { Ports } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { redirectUrlOf } from './connection.ts';
import { domainOf } from './domain-of.ts';
import { hashOf } from './hash-of.ts';

export const ATTEMPT_SECONDS = 10 * 60;
const BINDING_LENGTH = 32;

/** Where the browser goes on, and what it must show when it comes back. Says of a domain that it has sign-on, and no more. */
export async function beginSignOn(
  ports: Pick<Ports, 'signOn' | 'openId' | 'clock' | 'newId'>,
  { email, returnTo }: BeginSignOn,
  origin: string,
): Promise<{ readonly url: string; readonly binding: string }> {
  const owner = await ports.signOn.ownerOf(domainOf(email) ?? '');
  const tenant = owner?.tenantId as TenantId | undefined;
  const client = tenant === undefined ? undefined : await ports.signOn.withSecret(tenant);
  if (tenant === undefined || client === undefined) {
    throw new DomainError('sign_on_not_found', 'No company has set up sign-on for this address. Use another way in.');
  }
  const binding = ports.newId(BINDING_LENGTH);
  const { url, state, nonce, verifier } = await ports.openId
    .begin(client, redirectUrlOf(origin, tenant), email)
    .catch(() => {
      throw new DomainError(
        'sign_on_provider_failed',
        'Your company’s identity provider does not answer as it should.',
      );
    });
  const now = ports.clock.now();
  const attempt = {
    tenantId: tenant,
    state: await hashOf(state),
    binding: await hashOf(binding),
    connectionId: client.id,
    issuer: client.issuer,
    nonce,
    verifier,
    returnTo,
    expiresAt: now + ATTEMPT_SECONDS * 1000,
  };
  await ports.signOn.begin(attempt, now);
  return { url, binding };
}
