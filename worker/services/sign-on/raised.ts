import type { TenantId } from '../../engine/ids.ts';
import type { Ports } from '../context.ts';

/**
 * Somebody has become an owner. Whoever controls the tenant's provider could have signed on as them and made tokens that act for
 * them, which would be an owner's now.
 */
export async function endTokensOfSignOn({ signOn, tokens }: Ports, tenant: TenantId, person: string): Promise<void> {
  if (await signOn.isKnown(tenant, person)) await tokens.removeOf(tenant, person);
}
