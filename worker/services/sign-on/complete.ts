import type { TenantId } from '../../engine/ids.ts';
import type { Ports } from '../context.ts';
import { admit, type Admitted } from './admit.ts';
import { redirectUrlOf } from './connection.ts';
import { hashOf } from './hash-of.ts';
import { SignOnRefused } from './refused.ts';

export interface Completed {
  readonly person: Admitted;
  readonly connection: string;
  readonly returnTo: string;
}

type CompletePorts = Parameters<typeof admit>[0] & Pick<Ports, 'openId'>;

/** Takes what the provider has sent back, once, from the browser that was sent there, at the tenant's own address. */
export async function completeSignOn(
  ports: CompletePorts,
  tenant: TenantId,
  origin: string,
  query: string,
  binding: string,
): Promise<Completed> {
  const state = new URLSearchParams(query).get('state') ?? '';
  const attempt = await ports.signOn.take(tenant, await hashOf(state), await hashOf(binding), ports.clock.now());
  if (attempt === undefined) throw new SignOnRefused('sign_on_expired');
  const client = await ports.signOn.withSecret(tenant);
  // Set up anew meanwhile: what was asked of one provider is answered by no other.
  if (client?.id !== attempt.connectionId || client.issuer !== attempt.issuer) {
    throw new SignOnRefused('sign_on_expired');
  }
  const { nonce, verifier, returnTo } = attempt;
  const answer = new URL(`${redirectUrlOf(origin, tenant)}${query}`);
  const claims = await ports.openId.finish(client, answer, { state, nonce, verifier }).catch((error: unknown) => {
    throw new SignOnRefused('sign_on_failed', undefined, error);
  });
  return { person: await admit(ports, tenant, client, claims), connection: client.id, returnTo };
}
