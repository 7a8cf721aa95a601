import { DurableObject } from 'cloudflare:workers';
import type { TenantId } from '../../engine/ids.ts';
import { assertOwnTenant, partsOfName } from '../names.ts';
import { durableOf, later } from '../sql.ts';
import { InboxCore, type InboxServices } from './inbox-core.ts';
import type {
  Before,
  DeliveryFilter,
  HookRef,
  ListedDelivery,
  NewDelivery,
  Received,
  Unverified,
} from './inbox-orders.ts';
import { SqlInboxStore } from './sql-inbox-store.ts';

export type { InboxServices } from './inbox-core.ts';

/** One hook's deliveries. Only checks whose it is, calls the core and answers. */
export class InboxObject extends DurableObject {
  readonly #store: SqlInboxStore;
  #core!: InboxCore;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, services: InboxServices) {
    super(ctx, env);
    this.#store = new SqlInboxStore(ctx.storage.sql);
    const { tenant, id } = partsOfName(ctx.id);
    void ctx.blockConcurrencyWhile(async () => {
      this.#core = new InboxCore({
        ...services,
        tenant: tenant as TenantId,
        hook: id,
        durable: durableOf(ctx.storage),
        store: this.#store,
        armedAt: (await ctx.storage.getAlarm()) ?? undefined,
        later,
      });
    });
  }

  /** Idempotent by the delivery's id. */
  receive(tenant: TenantId, delivery: NewDelivery): Received {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#core.receive(delivery);
  }

  /** The hook is there from now on. */
  watch(tenant: TenantId, hook: HookRef): void {
    assertOwnTenant(this.ctx.id, tenant);
    this.#core.watch(hook);
  }

  refuse(tenant: TenantId, unverified: Omit<Unverified, 'at'>): void {
    assertOwnTenant(this.ctx.id, tenant);
    this.#core.refuse(unverified);
  }

  /** Newest first. */
  list(
    tenant: TenantId,
    filter: DeliveryFilter,
    before: Before | undefined,
    limit: number,
  ): readonly ListedDelivery[] {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#store.list(filter, before, limit);
  }

  /** With the payload, compressed, or the place where it is. */
  delivery(
    tenant: TenantId,
    id: string,
  ): { delivery: ListedDelivery; payload: Uint8Array<ArrayBuffer> | string | undefined } | null {
    assertOwnTenant(this.ctx.id, tenant);
    const delivery = this.#store.byId(id);
    if (delivery === undefined) return null;
    const { replayOf } = delivery.body;
    const first = replayOf === undefined ? delivery : (this.#store.byId(replayOf) ?? delivery);
    return {
      delivery: { ...delivery, verdicts: this.#store.verdicts(delivery.seq) },
      payload: first.body.payloadKey ?? this.#store.payload(first.seq),
    };
  }

  /** Id of the new delivery. Null: there is no such delivery. */
  replay(tenant: TenantId, id: string, by: string): string | null {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#core.replay(id, by) ?? null;
  }

  /** False: nothing of it waits for that in this pipeline. */
  approve(tenant: TenantId, id: string, pipeline: string, by: string): boolean {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#core.approve(id, pipeline, by);
  }

  standing(tenant: TenantId): { backlog: number; lastAt: number; unverified: readonly Unverified[] } {
    assertOwnTenant(this.ctx.id, tenant);
    return { backlog: this.#core.backlog, lastAt: this.#store.lastAt(), unverified: this.#store.unverified() };
  }

  /** Resolves when nothing is under way that could end by itself. */
  async settled(tenant: TenantId): Promise<void> {
    assertOwnTenant(this.ctx.id, tenant);
    await this.#core.settled();
  }

  async forget(tenant: TenantId): Promise<void> {
    assertOwnTenant(this.ctx.id, tenant);
    await this.#core.forget();
  }

  poke(): void {
    this.#core.poke();
  }

  override alarm(): void {
    this.#core.ring();
  }
}
