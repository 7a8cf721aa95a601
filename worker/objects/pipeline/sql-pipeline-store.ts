import type { Instant } from '../../engine/ids.ts';
import { isBorn, migrate } from '../sql.ts';
import { DELIVERY_KEY } from './deliveries.ts';
import type { Head, LiveRow, PipelineStore, StartKey, StoredRevision, StoredVersion } from './pipeline-store.ts';

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL);
   CREATE TABLE live (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE version (version INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE start_key (key TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE revision (action TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (action, seq)) WITHOUT ROWID;`,
];

/** Executions may be started from this many past uploads of a source action. */
const REVISIONS_KEPT = 50;

type Body = { body: string };

export class SqlPipelineStore implements PipelineStore {
  readonly #sql: SqlStorage;
  #born = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    if (this.#isBorn()) migrate(this.#sql, MIGRATIONS);
  }

  head(): Head | undefined {
    return this.#one('SELECT body FROM head') as Head | undefined;
  }

  putHead(head: Head): void {
    if (!this.#isBorn()) migrate(this.#sql, MIGRATIONS);
    this.#sql.exec(
      'INSERT INTO head (one, body) VALUES (1, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
      JSON.stringify(head),
    );
  }

  live(): readonly LiveRow[] {
    return this.#all('SELECT body FROM live ORDER BY number') as readonly LiveRow[];
  }

  putLive(row: LiveRow): void {
    this.#sql.exec(
      'INSERT INTO live (number, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
      row.live.number,
      JSON.stringify(row),
    );
  }

  deleteLive(number: number): void {
    this.#sql.exec('DELETE FROM live WHERE number = ?', number);
  }

  version(version: number): StoredVersion | undefined {
    return this.#one('SELECT body FROM version WHERE version = ?', version) as StoredVersion | undefined;
  }

  versions(before: number, limit: number): readonly StoredVersion[] {
    return this.#all(
      'SELECT body FROM version WHERE version < ? ORDER BY version DESC LIMIT ?',
      before,
      limit,
    ) as readonly StoredVersion[];
  }

  putVersion(version: StoredVersion): void {
    this.#sql.exec('INSERT INTO version (version, body) VALUES (?, ?)', version.version, JSON.stringify(version));
  }

  startKey(key: string): StartKey | undefined {
    return this.#one('SELECT body FROM start_key WHERE key = ?', key) as StartKey | undefined;
  }

  putStartKey(key: string, value: StartKey): void {
    this.#sql.exec('INSERT INTO start_key (key, at, body) VALUES (?, ?, ?)', key, value.at, JSON.stringify(value));
  }

  forgetStartKeys(before: Instant, deliveriesBefore: Instant): void {
    const isDelivery = `substr(key, 1, ${DELIVERY_KEY.length}) = '${DELIVERY_KEY}'`;
    this.#sql.exec(
      `DELETE FROM start_key WHERE at < ?1 AND (at < ?2 OR NOT (${isDelivery}))`,
      before,
      deliveriesBefore,
    );
  }

  revisions(action: string): readonly StoredRevision[] {
    return this.#all(
      'SELECT body FROM revision WHERE action = ? ORDER BY seq DESC',
      action,
    ) as readonly StoredRevision[];
  }

  putRevision(action: string, revision: StoredRevision): void {
    this.#sql.exec(
      `INSERT INTO revision (action, seq, body)
       VALUES (?1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM revision WHERE action = ?1), ?2)`,
      action,
      JSON.stringify(revision),
    );
    this.#sql.exec(
      'DELETE FROM revision WHERE action = ?1 AND seq <= (SELECT MAX(seq) FROM revision WHERE action = ?1) - ?2',
      action,
      REVISIONS_KEPT,
    );
  }

  clear(): void {
    const tables = ['head', 'live', 'version', 'start_key', 'revision', '_schema'];
    for (const table of tables) this.#sql.exec(`DROP TABLE ${table}`);
    this.#born = false;
  }

  /** Asked anew until it is true: the first write may be rolled back. */
  #isBorn(): boolean {
    this.#born ||= isBorn(this.#sql);
    return this.#born;
  }

  #one(query: string, ...bindings: readonly SqlStorageValue[]): unknown {
    return this.#all(query, ...bindings)[0];
  }

  /** Only this class writes these bodies, each from the type that its reader casts it back to. */
  #all(query: string, ...bindings: readonly SqlStorageValue[]): readonly unknown[] {
    if (!this.#isBorn()) return [];
    const rows = this.#sql.exec<Body>(query, ...bindings).toArray();
    return rows.map(({ body }): unknown => JSON.parse(body));
  }
}
