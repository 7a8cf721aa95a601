import { DurableObject } from 'cloudflare:workers';
import type { TenantLiveMessage } from '../../../contract/live-feed.ts';
import { LiveSockets } from '../live-sockets.ts';
import { assertOwnTenant } from '../names.ts';

/** One tenant: the live feed of its home page. Keeps nothing; a page that connects reads the index first. */
export class TenantObject extends DurableObject {
  readonly #sockets: LiveSockets<TenantLiveMessage>;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#sockets = new LiveSockets(ctx, 'live');
  }

  announce(tenant: string, execution: TenantLiveMessage['execution']): void {
    assertOwnTenant(this.ctx.id, tenant);
    this.#sockets.broadcast({ type: 'execution', execution });
  }

  /** Only WebSocket upgrades come this way; the Worker has checked who asks, and for which tenant. */
  override fetch(request: Request): Response {
    assertOwnTenant(this.ctx.id, new URL(request.url).searchParams.get('tenant') ?? '');
    return this.#sockets.accept([]);
  }

  override webSocketMessage(): void {
    // Watchers only listen.
  }
}
