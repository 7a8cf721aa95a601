import type { JobId } from '../../engine/ids.ts';
import { isBorn, migrate } from '../sql.ts';
import type { JobRow, KnownRunner, PoolStore } from './pool-store.ts';

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE job (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE runner (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;`,
];

type Body = { body: string };

export class SqlPoolStore implements PoolStore {
  readonly #sql: SqlStorage;
  #born = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    if (this.#isBorn()) migrate(sql, MIGRATIONS);
  }

  jobs(): readonly JobRow[] {
    return this.#all('job') as readonly JobRow[];
  }

  putJob(row: JobRow): void {
    this.#put('job', row.job.id, row);
  }

  deleteJob(id: JobId): void {
    this.#sql.exec('DELETE FROM job WHERE id = ?', id);
  }

  runners(): readonly KnownRunner[] {
    return this.#all('runner') as readonly KnownRunner[];
  }

  putRunner(runner: KnownRunner): void {
    this.#put('runner', runner.id, runner);
  }

  deleteRunner(id: string): void {
    this.#sql.exec('DELETE FROM runner WHERE id = ?', id);
  }

  #put(table: 'job' | 'runner', id: string, value: JobRow | KnownRunner): void {
    if (!this.#isBorn()) migrate(this.#sql, MIGRATIONS);
    this.#sql.exec(
      `INSERT INTO ${table} (id, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body`,
      id,
      JSON.stringify(value),
    );
  }

  /** Only this class writes these bodies, each from the type that its reader casts it back to. */
  #all(table: 'job' | 'runner'): readonly unknown[] {
    if (!this.#isBorn()) return [];
    const rows = this.#sql.exec<Body>(`SELECT body FROM ${table}`).toArray();
    return rows.map(({ body }): unknown => JSON.parse(body));
  }

  #isBorn(): boolean {
    this.#born ||= isBorn(this.#sql);
    return this.#born;
  }
}
