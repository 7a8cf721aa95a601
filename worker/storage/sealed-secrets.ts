import { and, asc, count, eq, inArray, isNotNull, isNull, lt, ne } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import { open, seal, type Sealed } from '../kernel/sealing.ts';
import type { Database } from './database.ts';
import type { DataKeys } from './data-keys.ts';
import { secret } from './schema/index.ts';

type SecretRow = typeof secret.$inferSelect;
/** All about a secret but its value. */
export type SecretInfo = Omit<SecretRow, 'tenantId' | 'dataKeyId' | 'iv' | 'sealed' | 'retiredAt'>;

/** Empty: everywhere in the tenant, or in the pipeline. */
export interface SecretScope {
  readonly pipelineId: string;
  readonly stage: string;
}

/** A value that was replaced or deleted may still be in the hands of a job, whose output is masked by it. */
const RETIRED_KEPT_MS = 7 * 24 * 60 * 60_000;
const USE_KEPT_MS = 60 * 60_000;
const PUT_ATTEMPTS = 4;
/** D1 takes no more than 100 parameters. */
const NAMES_MAX = 50;

/** Secrets of tenants. Values go in, and come out of `open` alone. */
export class SealedSecrets {
  readonly #db: Database;
  readonly #keys: DataKeys;

  constructor(db: Database, keys: DataKeys) {
    this.#db = db;
    this.#keys = keys;
  }

  /** Those of one scope, or of all. */
  async list(tenant: TenantId, scope: Partial<SecretScope>): Promise<SecretInfo[]> {
    const { pipelineId, stage } = scope;
    const rows = await this.#db
      .select()
      .from(secret)
      .where(
        and(
          eq(secret.tenantId, tenant),
          isNull(secret.retiredAt),
          ...(pipelineId === undefined ? [] : [eq(secret.pipelineId, pipelineId)]),
          ...(stage === undefined ? [] : [eq(secret.stage, stage)]),
        ),
      )
      .orderBy(asc(secret.name), asc(secret.pipelineId), asc(secret.stage))
      .all();
    return rows.map(infoOf);
  }

  /** Seals a new version. What is left open in `isProtected` stays as it was. */
  async put(
    tenant: TenantId,
    scope: SecretScope,
    name: string,
    change: {
      readonly value: string;
      readonly isProtected: boolean | undefined;
      readonly at: number;
      readonly by: string;
    },
  ): Promise<SecretInfo> {
    const { at, by } = change;
    for (let attempt = 1; ; attempt += 1) {
      const { id: dataKeyId } = await this.#keys.current(tenant);
      const of = and(eq(secret.tenantId, tenant), inScope(scope), eq(secret.name, name));
      const known = await this.#db.select().from(secret).where(of).orderBy(asc(secret.version)).all();
      const live = known.find(({ retiredAt }) => retiredAt === null);
      const row = {
        tenantId: tenant,
        ...scope,
        name,
        version: (known.at(-1)?.version ?? 0) + 1,
        isProtected: change.isProtected ?? live?.isProtected ?? false,
        dataKeyId,
        updatedAt: at,
        updatedBy: by,
        lastUsedAt: live?.lastUsedAt ?? null,
        retiredAt: null,
      };
      const { iv, bytes } = await this.#seal(row, new TextEncoder().encode(change.value));
      const whole = { ...row, iv, sealed: bytes };
      try {
        await this.#db.batch([
          this.#db
            .update(secret)
            .set({ retiredAt: at })
            .where(and(of, isNull(secret.retiredAt))),
          this.#db.insert(secret).values(whole),
          this.#db.delete(secret).where(and(eq(secret.tenantId, tenant), isLongRetired(at))),
        ]);
        return infoOf(whole);
      } catch (error) {
        // Somebody else has written that version meanwhile.
        if (attempt === PUT_ATTEMPTS) throw error;
      }
    }
  }

  /** False: there was none. */
  async remove(tenant: TenantId, scope: SecretScope, name: string, at: number): Promise<boolean> {
    const removed = await this.#db
      .update(secret)
      .set({ retiredAt: at })
      .where(and(eq(secret.tenantId, tenant), inScope(scope), eq(secret.name, name), isNull(secret.retiredAt)))
      .returning({ name: secret.name });
    return removed.length > 0;
  }

  /** All of a pipeline's, with it. */
  async removeAll(tenant: TenantId, pipelineId: string, at: number): Promise<void> {
    await this.#db
      .update(secret)
      .set({ retiredAt: at })
      .where(and(eq(secret.tenantId, tenant), eq(secret.pipelineId, pipelineId), isNull(secret.retiredAt)));
  }

  /** What an action in this place would find under these names, in every scope, and what it would have found lately. */
  async around(tenant: TenantId, place: SecretScope, names: readonly string[]): Promise<readonly SecretRow[]> {
    const rows: SecretRow[] = [];
    for (let at = 0; at < names.length; at += NAMES_MAX) {
      const some = names.slice(at, at + NAMES_MAX);
      const found = await this.#db
        .select()
        .from(secret)
        .where(
          and(
            eq(secret.tenantId, tenant),
            inArray(secret.pipelineId, ['', place.pipelineId]),
            inArray(secret.stage, ['', place.stage]),
            inArray(secret.name, some),
          ),
        )
        .all();
      rows.push(...found);
    }
    return rows;
  }

  /** The value itself: for the action that uses it, and for masking what that writes. */
  async open(row: SecretRow): Promise<string> {
    const key = await this.#keys.byId(row.tenantId as TenantId, row.dataKeyId);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      await open(key, { iv: row.iv, bytes: row.sealed }, about(row)),
    );
  }

  /** Coarse: a use within the hour of another one writes nothing. */
  async touch(rows: readonly SecretRow[], at: number): Promise<void> {
    for (const row of rows) {
      if (row.lastUsedAt !== null && row.lastUsedAt > at - USE_KEPT_MS) continue;
      await this.#db.update(secret).set({ lastUsedAt: at }).where(isRow(row));
    }
  }

  /** Seals with the current data key what is sealed with another one, so many at a time; says how many are left. */
  async reseal(tenant: TenantId, limit: number): Promise<{ readonly resealed: number; readonly remaining: number }> {
    const current = await this.#keys.current(tenant);
    const isOld = and(eq(secret.tenantId, tenant), ne(secret.dataKeyId, current.id));
    const rows = await this.#db.select().from(secret).where(isOld).limit(limit).all();
    for (const row of rows) {
      const value = new TextEncoder().encode(await this.open(row));
      const { iv, bytes } = await this.#seal({ ...row, dataKeyId: current.id }, value);
      await this.#db
        .update(secret)
        .set({ dataKeyId: current.id, iv, sealed: bytes })
        .where(and(isRow(row), eq(secret.dataKeyId, row.dataKeyId)));
    }
    const left = await this.#db.select({ of: count() }).from(secret).where(isOld).get();
    return { resealed: rows.length, remaining: left?.of ?? 0 };
  }

  async #seal(row: Pick<SecretRow, AboutMember>, value: Uint8Array): Promise<Sealed> {
    return seal(await this.#keys.byId(row.tenantId as TenantId, row.dataKeyId), value, about(row));
  }
}

type AboutMember = 'tenantId' | 'pipelineId' | 'stage' | 'name' | 'version' | 'dataKeyId';

/** Sealed in with the value, so that no row can be passed off as another. No name may hold any of the separators. */
function about({ tenantId, pipelineId, stage, name, version, dataKeyId }: Pick<SecretRow, AboutMember>): string {
  return `v1|${tenantId}|${pipelineId}/${stage}|${name}|${version}|${dataKeyId}`;
}

function inScope({ pipelineId, stage }: SecretScope) {
  return and(eq(secret.pipelineId, pipelineId), eq(secret.stage, stage));
}

function isRow({ tenantId, pipelineId, stage, name, version }: SecretRow) {
  return and(
    eq(secret.tenantId, tenantId),
    inScope({ pipelineId, stage }),
    eq(secret.name, name),
    eq(secret.version, version),
  );
}

function isLongRetired(now: number) {
  return and(isNotNull(secret.retiredAt), lt(secret.retiredAt, now - RETIRED_KEPT_MS));
}

function infoOf({ pipelineId, stage, name, version, isProtected, updatedAt, updatedBy, lastUsedAt }: SecretRow) {
  return { pipelineId, stage, name, version, isProtected, updatedAt, updatedBy, lastUsedAt };
}
