import type { Freeze } from '../../calendar/freeze.ts';
import { isBorn, migrate } from '../sql.ts';
import { MIGRATIONS } from './schema.ts';

/** An entry of the freeze calendar with its history; times in milliseconds since the Unix epoch. */
export interface StoredFreeze {
  readonly freeze: Freeze;
  readonly reason: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** The tenant's freeze calendar, one row an entry. A tenant that has never had one has no table either. */
export class FreezeStore {
  readonly #sql: SqlStorage;
  #isReady = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  all(): readonly StoredFreeze[] {
    if (!this.#isBorn()) return [];
    const rows = this.#sql.exec<{ body: string }>('SELECT body FROM freeze').toArray();
    // Only `put` writes these bodies.
    return rows.map(({ body }) => JSON.parse(body) as StoredFreeze);
  }

  put(stored: StoredFreeze): void {
    this.#prepare();
    this.#sql.exec(
      'INSERT INTO freeze (id, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
      stored.freeze.id,
      JSON.stringify(stored),
    );
  }

  /** False: there was none. */
  remove(id: string): boolean {
    return this.#isBorn() && this.#sql.exec('DELETE FROM freeze WHERE id = ? RETURNING id', id).toArray().length > 0;
  }

  #isBorn(): boolean {
    if (!this.#isReady && isBorn(this.#sql)) this.#prepare();
    return this.#isReady;
  }

  #prepare(): void {
    if (this.#isReady) return;
    migrate(this.#sql, MIGRATIONS);
    this.#isReady = true;
  }
}
