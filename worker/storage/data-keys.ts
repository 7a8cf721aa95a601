import { and, desc, eq, ne } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import type { Clock } from '../kernel/clock.ts';
import type { KeyRing } from '../kernel/crypto.ts';
import { newWrappedKey, rewrap, type Sealed, unwrap } from '../kernel/sealing.ts';
import type { Database } from './database.ts';
import { dataKey } from './schema/index.ts';

type DataKeyRow = typeof dataKey.$inferSelect;

const PURPOSE = 'secrets-kek';
const ID_LENGTH = 16;
/** A key that has been destroyed is forgotten by every isolate after this long. */
const KEPT_MS = 5 * 60_000;
const KEPT_MAX = 500;

export interface DataKey {
  readonly id: string;
  readonly key: CryptoKey;
}

export interface DataKeyParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: (length: number) => string;
  /** The installation's key, and the one before it as long as something may still be wrapped with that. */
  readonly rings: readonly [current: KeyRing, ...previous: KeyRing[]];
}

/** Each tenant's keys for sealing. They lie wrapped in D1; what wraps them is derived from the installation's own key. */
export class DataKeys {
  readonly #parts: DataKeyParts;
  readonly #known = new Map<string, { readonly key: CryptoKey; readonly until: number }>();

  constructor(parts: DataKeyParts) {
    this.#parts = parts;
  }

  /** The one that new values are sealed with. */
  async current(tenant: TenantId): Promise<DataKey> {
    const [row] = await this.#newest(tenant);
    return row === undefined ? this.create(tenant) : { id: row.id, key: await this.#unwrapped(row) };
  }

  /** From now on, new values are sealed with a new one. */
  async create(tenant: TenantId): Promise<DataKey> {
    const { db, clock, newId, rings } = this.#parts;
    const id = newId(ID_LENGTH);
    const { iv, bytes } = await newWrappedKey(await rings[0].wrappingKey(PURPOSE), about(tenant, id));
    const kek = await rings[0].fingerprint(PURPOSE);
    const [newest] = await this.#newest(tenant);
    // The newest is the current one, even when two are made within a millisecond.
    const createdAt = Math.max(clock.now(), (newest?.createdAt ?? 0) + 1);
    const row = { tenantId: tenant, id, kek, iv, wrapped: bytes, createdAt };
    await db.insert(dataKey).values(row);
    return { id, key: await this.#unwrapped(row) };
  }

  async byId(tenant: TenantId, id: string): Promise<CryptoKey> {
    const { db, clock } = this.#parts;
    const known = this.#known.get(`${tenant}:${id}`);
    if (known !== undefined && known.until > clock.now()) return known.key;
    const row = await db
      .select()
      .from(dataKey)
      .where(and(eq(dataKey.tenantId, tenant), eq(dataKey.id, id)))
      .get();
    if (row === undefined) throw new Error(`data key ${id} is gone, and all that was sealed with it`);
    return this.#unwrapped(row);
  }

  /** Wraps with the current key of the installation what is still wrapped with another. Values stay as they are. */
  async rewrap(tenant: TenantId): Promise<number> {
    const { db, rings } = this.#parts;
    const current = await rings[0].fingerprint(PURPOSE);
    const rows = await db
      .select()
      .from(dataKey)
      .where(and(eq(dataKey.tenantId, tenant), ne(dataKey.kek, current)))
      .all();
    for (const row of rows) {
      const from = await (await this.#ringOf(row)).wrappingKey(PURPOSE);
      const to = await rings[0].wrappingKey(PURPOSE);
      const { iv, bytes } = await rewrap(from, to, sealedOf(row), about(tenant, row.id));
      await db
        .update(dataKey)
        .set({ kek: current, iv, wrapped: bytes })
        .where(and(eq(dataKey.tenantId, tenant), eq(dataKey.id, row.id), eq(dataKey.kek, row.kek)));
    }
    return rows.length;
  }

  /** Tenants with keys that are wrapped by another key of the installation than the current one; for the sweeper. */
  async outdated(limit: number): Promise<readonly TenantId[]> {
    const { db, rings } = this.#parts;
    // Only while the operator replaces the key is there anything to look for.
    if (rings.length === 1) return [];
    const rows = await db
      .selectDistinct({ tenant: dataKey.tenantId })
      .from(dataKey)
      .where(ne(dataKey.kek, await rings[0].fingerprint(PURPOSE)))
      .limit(limit)
      .all();
    return rows.map(({ tenant }) => tenant as TenantId);
  }

  #newest(tenant: TenantId): Promise<DataKeyRow[]> {
    return this.#parts.db
      .select()
      .from(dataKey)
      .where(eq(dataKey.tenantId, tenant))
      .orderBy(desc(dataKey.createdAt), desc(dataKey.id))
      .limit(1)
      .all();
  }

  async #unwrapped(row: DataKeyRow): Promise<CryptoKey> {
    const { clock } = this.#parts;
    const place = `${row.tenantId}:${row.id}`;
    const known = this.#known.get(place);
    if (known !== undefined && known.until > clock.now()) return known.key;
    const by = await (await this.#ringOf(row)).wrappingKey(PURPOSE);
    const key = await unwrap(by, sealedOf(row), about(row.tenantId, row.id));
    if (this.#known.size >= KEPT_MAX) this.#known.clear();
    this.#known.set(place, { key, until: clock.now() + KEPT_MS });
    return key;
  }

  async #ringOf({ id, kek }: DataKeyRow): Promise<KeyRing> {
    for (const ring of this.#parts.rings) if ((await ring.fingerprint(PURPOSE)) === kek) return ring;
    throw new Error(`data key ${id} is wrapped with a key that is not set; set MILLRACE_KEY_PREVIOUS to it`);
  }
}

function about(tenant: string, id: string): string {
  return `v1|${tenant}|data-key|${id}`;
}

function sealedOf({ iv, wrapped }: DataKeyRow): Sealed {
  return { iv, bytes: wrapped };
}
