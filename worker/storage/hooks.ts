import { and, asc, count, eq, ne, sql } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import { open, seal } from '../kernel/sealing.ts';
import type { Database } from './database.ts';
import type { DataKeys } from './data-keys.ts';
import { hook } from './schema/index.ts';

export type HookRow = typeof hook.$inferSelect;
type SealedMember = 'version' | 'dataKeyId' | 'iv' | 'sealed' | 'previousUntil';
/** All about a hook but its secrets. */
export type HookInfo = Omit<HookRow, 'version' | 'dataKeyId' | 'iv' | 'sealed'>;
export type NewHook = Omit<HookRow, SealedMember | 'tenantId' | 'id'>;

export interface HookPlace {
  readonly tenantId: TenantId;
  readonly id: string;
}

/** Both sides change over within this time. */
export const OVERLAP_MS = 24 * 60 * 60_000;
const SECRET_LENGTH = 48;
const OWN_ID_LENGTH = 24;
/** Should the host have been told of none of the last ones, what it still signs with is among them. */
const PREVIOUS_MAX = 2;

interface HookSecrets {
  readonly current: string;
  /** Newest first. */
  readonly previous: readonly string[];
}

/** `hk_{tenant}_…`: the address that a delivery comes to names the tenant, and so the database to ask. */
export function tenantOfHook(id: string): TenantId | undefined {
  return /^hk_([0-9A-Za-z]+)_[0-9a-z]{24}$/.exec(id)?.[1] as TenantId | undefined;
}

/** Addresses that deliveries come to. Secrets are made here, and come out of `openSecrets` alone. */
export class SealedHooks {
  readonly #db: Database;
  readonly #keys: DataKeys;
  readonly #newId: (length: number) => string;

  constructor(db: Database, keys: DataKeys, newId: (length: number) => string) {
    this.#db = db;
    this.#keys = keys;
    this.#newId = newId;
  }

  /** The address says whose it is. Undefined: there is no such hook. */
  async hookById(id: string): Promise<HookRow | undefined> {
    const tenant = tenantOfHook(id);
    return tenant === undefined ? undefined : this.byId(tenant, id);
  }

  byId(tenant: TenantId, id: string): Promise<HookRow | undefined> {
    return this.#db.select().from(hook).where(isRow(tenant, id)).get();
  }

  list(tenant: TenantId): Promise<HookRow[]> {
    return this.#db.select().from(hook).where(eq(hook.tenantId, tenant)).orderBy(asc(hook.name)).all();
  }

  ofConnection(tenant: TenantId, connectionId: string): Promise<HookRow[]> {
    return this.#db
      .select()
      .from(hook)
      .where(and(eq(hook.tenantId, tenant), eq(hook.connectionId, connectionId)))
      .orderBy(asc(hook.repository))
      .all();
  }

  /** For the sweeper, across tenants: after the given place in the list. */
  places(after: HookPlace, limit: number): Promise<readonly HookPlace[]> {
    return this.#db.all<HookPlace>(
      sql`SELECT tenant_id AS tenantId, id FROM hook
        WHERE (tenant_id, id) > (${after.tenantId}, ${after.id}) ORDER BY tenant_id, id LIMIT ${limit}`,
    );
  }

  /** Made with a secret of its own. Of a repository that has one already: that one. */
  async create(tenant: TenantId, of: NewHook): Promise<{ readonly row: HookRow; readonly isNew: boolean }> {
    const id = `hk_${tenant}_${this.#newId(OWN_ID_LENGTH)}`;
    const secrets = { current: this.#newId(SECRET_LENGTH), previous: [] };
    const sealed = await this.#seal({ tenantId: tenant, id, version: 0 }, secrets);
    const row = { tenantId: tenant, id, ...of, ...sealed, previousUntil: null };
    const inserted = await this.#db.insert(hook).values(row).onConflictDoNothing().returning();
    if (inserted[0] !== undefined) return { row: inserted[0], isNew: true };
    const known = await this.#db
      .select()
      .from(hook)
      .where(
        and(
          eq(hook.tenantId, tenant),
          eq(hook.connectionId, of.connectionId ?? ''),
          eq(hook.repository, of.repository ?? ''),
        ),
      )
      .get();
    if (known === undefined) throw new Error('a hook vanished while it was being made');
    return { row: known, isNew: false };
  }

  /** Undefined: it is gone. */
  async change(
    { tenantId, id }: HookRow,
    change: Partial<Pick<HookRow, 'name' | 'repository' | 'hostHookId' | 'settings' | 'disabledAt' | 'updatedAt'>>,
  ): Promise<HookRow | undefined> {
    const changed = await this.#db.update(hook).set(change).where(isRow(tenantId, id)).returning();
    return changed[0];
  }

  /** A new secret. What was signed with the one before is good for a day. Undefined: it was changed meanwhile. */
  async rotate(row: HookRow, at: number): Promise<HookRow | undefined> {
    const before = await this.#open(row);
    const old = [before.current, ...(isOver(row, at) ? [] : before.previous)].slice(0, PREVIOUS_MAX);
    const secrets = { current: this.#newId(SECRET_LENGTH), previous: old };
    const sealed = await this.#seal(row, secrets);
    const changed = await this.#db
      .update(hook)
      .set({ ...sealed, previousUntil: at + OVERLAP_MS, updatedAt: at })
      .where(and(isRow(row.tenantId, row.id), eq(hook.version, row.version)))
      .returning();
    return changed[0];
  }

  /** False: there was none. */
  async remove(tenant: TenantId, id: string): Promise<boolean> {
    const removed = await this.#db.delete(hook).where(isRow(tenant, id)).returning({ id: hook.id });
    return removed.length > 0;
  }

  /** The current one first, then those that still count: what `verify` takes. */
  async openSecrets(row: HookRow, now: number): Promise<readonly [current: string, ...previous: string[]]> {
    const { current, previous } = await this.#open(row);
    return [current, ...(isOver(row, now) ? [] : previous)];
  }

  /** Seals with the current data key what is sealed with another one, so many at a time; says how many are left. */
  async reseal(tenant: TenantId, limit: number): Promise<{ readonly resealed: number; readonly remaining: number }> {
    const current = await this.#keys.current(tenant);
    const isOld = and(eq(hook.tenantId, tenant), ne(hook.dataKeyId, current.id));
    const rows = await this.#db.select().from(hook).where(isOld).limit(limit).all();
    for (const row of rows) {
      const sealed = await this.#seal(row, await this.#open(row));
      await this.#db
        .update(hook)
        .set(sealed)
        .where(and(isRow(tenant, row.id), eq(hook.version, row.version)));
    }
    const left = await this.#db.select({ of: count() }).from(hook).where(isOld).get();
    return { resealed: rows.length, remaining: left?.of ?? 0 };
  }

  async #open(row: HookRow): Promise<HookSecrets> {
    const key = await this.#keys.byId(row.tenantId as TenantId, row.dataKeyId);
    const bytes = await open(key, { iv: row.iv, bytes: row.sealed }, about(row));
    return JSON.parse(new TextDecoder().decode(bytes)) as HookSecrets;
  }

  /** As the next version of that hook. */
  async #seal(
    row: Pick<HookRow, 'tenantId' | 'id' | 'version'>,
    secrets: HookSecrets,
  ): Promise<Pick<HookRow, 'version' | 'dataKeyId' | 'iv' | 'sealed'>> {
    const { id: dataKeyId, key } = await this.#keys.current(row.tenantId as TenantId);
    const version = row.version + 1;
    const value = new TextEncoder().encode(JSON.stringify(secrets));
    const { iv, bytes } = await seal(key, value, about({ ...row, version, dataKeyId }));
    return { version, dataKeyId, iv, sealed: bytes };
  }
}

/** Sealed in with the secrets, so that no row can be passed off as another. */
function about({
  tenantId,
  id,
  version,
  dataKeyId,
}: Pick<HookRow, 'tenantId' | 'id' | 'version' | 'dataKeyId'>): string {
  return `v1|${tenantId}|hook|${id}|${version}|${dataKeyId}`;
}

function isRow(tenant: string, id: string) {
  return and(eq(hook.tenantId, tenant), eq(hook.id, id));
}

function isOver({ previousUntil }: HookRow, now: number): boolean {
  return previousUntil === null || previousUntil <= now;
}
