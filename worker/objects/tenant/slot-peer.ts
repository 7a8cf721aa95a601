import type { SlotPeer } from '../peers.ts';
import { tenantStub } from './stub.ts';

export function slotPeer(env: Cloudflare.Env): SlotPeer {
  return {
    take: (tenant, order) => tenantStub(env, tenant).takeSlot(tenant, order),
    release: (tenant, leases, isVoid) => tenantStub(env, tenant).releaseSlots(tenant, leases, isVoid),
  };
}
