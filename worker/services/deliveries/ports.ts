import type { TenantId } from '../../engine/ids.ts';
import type { InboxObject } from '../../objects/inbox/inbox-object.ts';
import type { Remote } from '../../objects/remote.ts';
import type { deliveryPayloads } from '../../storage/delivery-payloads.ts';
import type { HookKind, TriggerSource } from '../../triggers/trigger-source.ts';

/** What deliveries are checked with and kept in. */
export interface DeliveryPorts {
  readonly inbox: (tenant: TenantId, hook: string) => Remote<InboxObject>;
  readonly payloads: ReturnType<typeof deliveryPayloads>;
  readonly source: (kind: HookKind) => TriggerSource | undefined;
  /** GET of a public text, like a certificate; guarded as every address is that somebody else names. */
  readonly fetchText: (url: string) => Promise<string>;
}
