import { DurableObject } from 'cloudflare:workers';
import type { TenantLiveMessage } from '../../../contract/live-feed.ts';
import { disconnectWatcher, LiveSockets } from '../live-sockets.ts';
import type { AuditDraft, AuditEntry } from '../../audit/entry.ts';
import type { AuditFilter } from '../../audit/filter.ts';
import { assertOwnTenant, partsOfName } from '../names.ts';
import type { ByteGrant, ByteQuota, ReserveBytes, SlotRefusal, TakeSlot } from '../peers.ts';
import { durableOf } from '../sql.ts';
import { AuditChain, type AuditPage, type AuditServices } from './audit-chain.ts';
import { AuditStore, type Segment } from './audit-store.ts';
import { ByteLedger, type ByteServices } from './byte-ledger.ts';
import { FreezeStore, type StoredFreeze } from './freeze-store.ts';
import { SlotLedger, type SlotServices } from './slot-ledger.ts';
import { sqlByteStore } from './sql-byte-store.ts';
import { sqlSlotStore } from './sql-slot-store.ts';
import { Tables } from './tables.ts';

/** As many entries as a calendar may hold: each is looked at whenever a Freeze rule is. */
const FREEZES_MAX = 200;

export type TenantServices = AuditServices & SlotServices & ByteServices;

/** What of a tenant's quotas is counted here; the rest is rows of D1. */
export interface LedgerUsage {
  readonly concurrentExecutions: number;
  readonly executionsPerHour: number;
  readonly artifactBytes: number;
  readonly logBytes: number;
}

/**
 * One tenant: its freeze calendar, its audit chain, its quotas, and the live feed of its home page, which keeps nothing: a page reads the
 * index first.
 */
export class TenantObject extends DurableObject {
  readonly #sockets: LiveSockets<TenantLiveMessage>;
  readonly #freezes: FreezeStore;
  readonly #slots: SlotLedger;
  readonly #bytes: ByteLedger;
  #audit!: AuditChain;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, services: TenantServices) {
    super(ctx, env);
    this.#sockets = new LiveSockets(ctx, 'live');
    this.#freezes = new FreezeStore(ctx.storage.sql);
    const { tenant: owner } = partsOfName(ctx.id);
    const tables = new Tables(ctx.storage.sql);
    this.#slots = new SlotLedger(owner, sqlSlotStore(ctx.storage, tables), services);
    this.#bytes = new ByteLedger(owner, sqlByteStore(ctx.storage.sql, tables), services);
    void ctx.blockConcurrencyWhile(async () => {
      this.#audit = new AuditChain({
        tenant: owner,
        durable: durableOf(ctx.storage),
        store: new AuditStore(ctx.storage.sql),
        armedAt: (await ctx.storage.getAlarm()) ?? undefined,
        ...services,
      });
    });
  }

  announce(tenant: string, execution: TenantLiveMessage['execution']): void {
    assertOwnTenant(this.ctx.id, tenant);
    this.#sockets.broadcast({ type: 'execution', execution });
  }

  freezes(tenant: string): readonly StoredFreeze[] {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#freezes.all();
  }

  /** Idempotent by the entry's id. False: the calendar is full. */
  addFreeze(tenant: string, stored: StoredFreeze): boolean {
    assertOwnTenant(this.ctx.id, tenant);
    return this.ctx.storage.transactionSync(() => {
      const all = this.#freezes.all();
      const isKnown = all.some(({ freeze }) => freeze.id === stored.freeze.id);
      if (!isKnown && all.length >= FREEZES_MAX) return false;
      this.#freezes.put(stored);
      return true;
    });
  }

  /** What is stored then. Null: there is no such entry. */
  changeFreeze(tenant: string, change: Omit<StoredFreeze, 'createdAt' | 'createdBy'>): StoredFreeze | null {
    assertOwnTenant(this.ctx.id, tenant);
    return this.ctx.storage.transactionSync(() => {
      const known = this.#freezes.all().find(({ freeze }) => freeze.id === change.freeze.id);
      if (known === undefined) return null;
      const { createdAt, createdBy } = known;
      const stored = { ...change, createdAt, createdBy };
      this.#freezes.put(stored);
      return stored;
    });
  }

  /** False: there is no such entry. */
  removeFreeze(tenant: string, id: string): boolean {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#freezes.remove(id);
  }

  recordAudit(tenant: string, drafts: readonly AuditDraft[]): Promise<void> {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#audit.record(drafts);
  }

  intendAudit(tenant: string, draft: AuditDraft): void {
    assertOwnTenant(this.ctx.id, tenant);
    this.#audit.intend(draft);
  }

  auditPage(tenant: string, filter: AuditFilter, before: number, limit: number): AuditPage {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#audit.page(filter, before, limit);
  }

  /** Ascending; what is sealed and not recent lies in segments. */
  auditEntries(tenant: string, after: number, limit: number): readonly AuditEntry[] {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#audit.entries(after, limit);
  }

  auditSegments(tenant: string, order: 'Ascending' | 'Descending', bound: number, limit: number): readonly Segment[] {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#audit.segments(order, bound, limit);
  }

  takeSlot(tenant: string, order: TakeSlot): Promise<SlotRefusal | undefined> {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#slots.take(order);
  }

  async roomForOne(tenant: string): Promise<SlotRefusal | null> {
    assertOwnTenant(this.ctx.id, tenant);
    return (await this.#slots.room()) ?? null;
  }

  releaseSlots(tenant: string, leases: readonly string[], isVoid: boolean): void {
    assertOwnTenant(this.ctx.id, tenant);
    this.#slots.release(leases, isVoid);
  }

  reserveBytes(tenant: string, order: ReserveBytes): Promise<ByteGrant> {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#bytes.reserve(order);
  }

  giveBackBytes(tenant: string, name: ByteQuota, bytes: number): void {
    assertOwnTenant(this.ctx.id, tenant);
    this.#bytes.giveBack(name, bytes);
  }

  async ledgerUsage(tenant: string): Promise<LedgerUsage> {
    assertOwnTenant(this.ctx.id, tenant);
    const [slots, artifactBytes, logBytes] = await Promise.all([
      this.#slots.usage(),
      this.#bytes.usage('artifactBytes'),
      this.#bytes.usage('logBytes'),
    ]);
    return { ...slots, artifactBytes, logBytes };
  }

  override alarm(): Promise<void> {
    return this.#audit.ring();
  }

  /** Only WebSocket upgrades come this way; the Worker has checked who asks, and for which tenant. */
  override fetch(request: Request): Response {
    const { searchParams } = new URL(request.url);
    assertOwnTenant(this.ctx.id, searchParams.get('tenant') ?? '');
    return this.#sockets.accept([], { by: searchParams.get('by') });
  }

  /** Gives up everything, for good. */
  async forget(tenant: string): Promise<void> {
    assertOwnTenant(this.ctx.id, tenant);
    for (const socket of this.ctx.getWebSockets()) socket.close(1001, 'deleted');
    await this.ctx.blockConcurrencyWhile(() => this.ctx.storage.deleteAll());
  }

  /** Closes what this person or token watches here. */
  disconnect(tenant: string, by: string): void {
    assertOwnTenant(this.ctx.id, tenant);
    disconnectWatcher(this.ctx, by);
  }

  override webSocketMessage(): void {
    // Watchers only listen.
  }
}
