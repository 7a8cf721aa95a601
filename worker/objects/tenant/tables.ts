import { isBorn, migrate } from '../sql.ts';
import { MIGRATIONS } from './schema.ts';

/** A tenant that has never needed a table has none, and gets none by being asked. */
export class Tables {
  readonly #sql: SqlStorage;
  #isReady = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get exist(): boolean {
    if (!this.#isReady && isBorn(this.#sql)) this.prepare();
    return this.#isReady;
  }

  prepare(): void {
    if (this.#isReady) return;
    migrate(this.#sql, MIGRATIONS);
    this.#isReady = true;
  }
}
