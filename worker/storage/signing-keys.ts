import { and, asc, eq, ne } from 'drizzle-orm';
import type { Clock } from '../kernel/clock.ts';
import type { KeyRing } from '../kernel/crypto.ts';
import { newRsaKey, rewrapRsaKey, unwrapRsaKey } from '../kernel/rs256.ts';
import type { Database } from './database.ts';
import { signingKey } from './schema/index.ts';

export type SigningKeyRow = typeof signingKey.$inferSelect;

const PURPOSE = 'oidc-keys';

export interface SigningKeyParts {
  readonly db: Database;
  readonly clock: Clock;
  /** The installation's key, and the one before it as long as something may still be wrapped with that. */
  readonly rings: readonly [current: KeyRing, ...previous: KeyRing[]];
}

/** Keys of the installation that identity tokens are signed with. They lie wrapped in D1; when they come and go is decided elsewhere. */
export class SigningKeys {
  readonly #parts: SigningKeyParts;

  constructor(parts: SigningKeyParts) {
    this.#parts = parts;
  }

  all(): Promise<SigningKeyRow[]> {
    return this.#parts.db.select().from(signingKey).orderBy(asc(signingKey.createdAt), asc(signingKey.kid)).all();
  }

  active(): Promise<SigningKeyRow | undefined> {
    return this.#parts.db.select().from(signingKey).where(eq(signingKey.state, 'active')).get();
  }

  /** Changes nothing when there is one in this state: somebody else has been faster. */
  async create(state: 'next' | 'active'): Promise<void> {
    const { db, clock, rings } = this.#parts;
    const { kid, publicKey, wrapped } = await newRsaKey(await rings[0].wrappingKey(PURPOSE));
    const kek = await rings[0].fingerprint(PURPOSE);
    const now = clock.now();
    const activeAt = state === 'active' ? now : null;
    const row = { kid, state, publicKey, kek, iv: wrapped.iv, wrapped: wrapped.bytes, createdAt: now, activeAt };
    await db.insert(signingKey).values(row).onConflictDoNothing();
  }

  /** Both at once: there is never none, and never two. */
  async activate(kid: string, instead: string | undefined): Promise<void> {
    const { db, clock } = this.#parts;
    const now = clock.now();
    const retire = db
      .update(signingKey)
      .set({ state: 'retired', retiredAt: now })
      .where(and(eq(signingKey.kid, instead ?? ''), eq(signingKey.state, 'active')));
    const activate = db
      .update(signingKey)
      .set({ state: 'active', activeAt: now })
      .where(and(eq(signingKey.kid, kid), eq(signingKey.state, 'next')));
    await db.batch([retire, activate]);
  }

  async remove(kid: string): Promise<void> {
    await this.#parts.db.delete(signingKey).where(and(eq(signingKey.kid, kid), eq(signingKey.state, 'retired')));
  }

  /** Wraps with the current key of the installation what is still wrapped with the one before. */
  async rewrap(): Promise<void> {
    const { db, rings } = this.#parts;
    const kek = await rings[0].fingerprint(PURPOSE);
    const rows = await db.select().from(signingKey).where(ne(signingKey.kek, kek)).all();
    for (const row of rows.filter(({ state }) => state !== 'retired')) {
      const from = await (await this.#ringOf(row)).wrappingKey(PURPOSE);
      const { iv, bytes } = await rewrapRsaKey(sealedOf(row), from, await rings[0].wrappingKey(PURPOSE), row.kid);
      await db
        .update(signingKey)
        .set({ kek, iv, wrapped: bytes })
        .where(and(eq(signingKey.kid, row.kid), eq(signingKey.kek, row.kek)));
    }
  }

  async privateKey(row: SigningKeyRow): Promise<CryptoKey> {
    return unwrapRsaKey(sealedOf(row), await (await this.#ringOf(row)).wrappingKey(PURPOSE), row.kid);
  }

  async #ringOf({ kid, kek }: SigningKeyRow): Promise<KeyRing> {
    for (const ring of this.#parts.rings) if ((await ring.fingerprint(PURPOSE)) === kek) return ring;
    throw new Error(`signing key ${kid} is wrapped with a key that is not set; set MILLRACE_KEY_PREVIOUS to it`);
  }
}

function sealedOf({ iv, wrapped }: SigningKeyRow) {
  return { iv, bytes: wrapped };
}
