import type { Limits, QuotaUse } from '../../../contract/quotas.ts';
import type { Instant } from '../../engine/ids.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ByteGrant, ByteQuota, ReserveBytes } from '../peers.ts';

const HOUR_MS = 60 * 60_000;
/** What was reserved and never stored is found out by counting again, so often… */
const RECOUNT_EVERY_MS = 24 * HOUR_MS;
/** …or so soon before somebody is refused. */
const RECOUNT_BEFORE_REFUSAL_MS = 10 * 60_000;

export interface ByteServices {
  readonly clock: Clock;
  readonly limits: (tenant: string) => Promise<Limits>;
  /** What lies in R2. */
  readonly measure: (tenant: string, name: ByteQuota) => Promise<number>;
}

export interface StoredCount {
  readonly used: number;
  readonly countedAt: Instant;
}

export interface ByteStore {
  get(name: ByteQuota): StoredCount | undefined;
  put(name: ByteQuota, count: StoredCount): void;
}

/**
 * How many bytes the tenant has in R2. They are reserved before they are stored, so that nothing is stored above the limit; what a
 * crash leaves reserved is given back by counting what lies there.
 */
export class ByteLedger {
  readonly #tenant: string;
  readonly #store: ByteStore;
  readonly #services: ByteServices;
  readonly #counting = new Map<ByteQuota, Promise<void>>();

  constructor(tenant: string, store: ByteStore, services: ByteServices) {
    this.#tenant = tenant;
    this.#store = store;
    this.#services = services;
  }

  /** As much as is wanted, or what there is, as long as it is enough; else nothing. */
  async reserve({ name, least, want }: ReserveBytes): Promise<ByteGrant> {
    const limit = (await this.#services.limits(this.#tenant))[name];
    await this.#count(name, RECOUNT_EVERY_MS);
    if (limit - this.#used(name) < least) await this.#count(name, RECOUNT_BEFORE_REFUSAL_MS);
    const used = this.#used(name);
    const granted = limit - used < least ? 0 : Math.min(want, limit - used);
    if (granted > 0) this.#add(name, granted);
    return { granted, quota: { name, used, limit } };
  }

  /** Of what was reserved and not stored, or has been deleted. */
  giveBack(name: ByteQuota, bytes: number): void {
    if (bytes > 0 && this.#store.get(name) !== undefined) this.#add(name, -bytes);
  }

  async usage(name: ByteQuota): Promise<QuotaUse['used']> {
    await this.#count(name, RECOUNT_EVERY_MS);
    return this.#used(name);
  }

  #used(name: ByteQuota): number {
    return this.#store.get(name)?.used ?? 0;
  }

  #add(name: ByteQuota, bytes: number): void {
    const known = this.#store.get(name) ?? { used: 0, countedAt: 0 };
    this.#store.put(name, { ...known, used: Math.max(0, known.used + bytes) });
  }

  async #count(name: ByteQuota, unlessWithinMs: number): Promise<void> {
    const known = this.#store.get(name);
    if (known !== undefined && this.#services.clock.now() - known.countedAt < unlessWithinMs) return;
    const counting = this.#counting.get(name) ?? this.#countNow(name);
    this.#counting.set(name, counting);
    try {
      await counting;
    } finally {
      this.#counting.delete(name);
    }
  }

  /** What is reserved while it counts may be counted twice: better too much, until the next time. */
  async #countNow(name: ByteQuota): Promise<void> {
    const before = this.#used(name);
    const countedAt = this.#services.clock.now();
    const found = await this.#services.measure(this.#tenant, name);
    const since = Math.max(0, this.#used(name) - before);
    this.#store.put(name, { used: found + since, countedAt });
  }
}
