import type { Instant } from '../../engine/ids.ts';
import { isBorn, migrate } from '../sql.ts';
import {
  type Before,
  commitOf,
  type DeliveryBody,
  type DeliveryFilter,
  type ListedDelivery,
  repositoryOf,
  type StoredDelivery,
  type StoredVerdict,
  type Unverified,
} from './inbox-orders.ts';
import type { InboxStore } from './inbox-store.ts';

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE delivery (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL, open INTEGER NOT NULL,
     hash TEXT, repositories TEXT NOT NULL, commits TEXT NOT NULL, outcome TEXT, body TEXT NOT NULL, payload BLOB);
   CREATE UNIQUE INDEX delivery_id ON delivery (id);
   CREATE INDEX delivery_hash ON delivery (hash) WHERE hash IS NOT NULL;
   CREATE INDEX delivery_open ON delivery (seq) WHERE open = 1;
   CREATE TABLE verdict (seq INTEGER NOT NULL, event INTEGER NOT NULL, pipeline TEXT NOT NULL, kind TEXT NOT NULL,
     ref TEXT NOT NULL, due INTEGER, body TEXT NOT NULL, PRIMARY KEY (seq, event, pipeline)) WITHOUT ROWID;
   CREATE INDEX verdict_due ON verdict (due) WHERE due IS NOT NULL;
   CREATE TABLE unverified (at INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE setting (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;`,
];

const COLUMNS = 'd.seq, d.at, d.open, d.body';

type Row = { seq: number; at: number; open: number; body: string };

export class SqlInboxStore implements InboxStore {
  readonly #sql: SqlStorage;
  #born = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    if (this.isBorn) migrate(this.#sql, MIGRATIONS);
  }

  /** Asked anew until it is true: the first write may be rolled back. */
  get isBorn(): boolean {
    this.#born ||= isBorn(this.#sql);
    return this.#born;
  }

  insert(at: Instant, body: DeliveryBody, payload: Uint8Array<ArrayBuffer> | undefined): number | undefined {
    this.#beBorn();
    const [row] = this.#sql
      .exec<{ seq: number }>(
        `INSERT INTO delivery (id, at, open, hash, repositories, commits, outcome, body, payload)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING seq`,
        body.id,
        at,
        body.outcome === undefined ? 1 : 0,
        body.bodyHash ?? null,
        words(body.events.map((event) => repositoryOf(event)?.toLowerCase())),
        words(body.events.map(commitOf)),
        body.outcome?.kind ?? null,
        JSON.stringify(body),
        payload === undefined
          ? null
          : payload.buffer.slice(payload.byteOffset, payload.byteOffset + payload.byteLength),
      )
      .toArray();
    return row?.seq;
  }

  byId(id: string): StoredDelivery | undefined {
    return this.#deliveries('WHERE d.id = ?', id)[0];
  }

  byHash(hash: string): StoredDelivery | undefined {
    return this.#deliveries('WHERE d.hash = ?', hash)[0];
  }

  bySeq(seq: number): StoredDelivery | undefined {
    return this.#deliveries('WHERE d.seq = ?', seq)[0];
  }

  open(limit: number): readonly StoredDelivery[] {
    return this.#deliveries('WHERE d.open = 1 ORDER BY d.seq LIMIT ?', limit);
  }

  countOpen(): number {
    return this.#number('SELECT COUNT(*) AS of FROM delivery WHERE open = 1');
  }

  close(seq: number, outcome: DeliveryBody['outcome']): void {
    if (outcome === undefined) {
      this.#sql.exec('UPDATE delivery SET open = 0 WHERE seq = ?', seq);
      return;
    }
    this.#sql.exec(
      "UPDATE delivery SET open = 0, outcome = ?, body = json_set(body, '$.outcome', json(?)) WHERE seq = ?",
      outcome.kind,
      JSON.stringify(outcome),
      seq,
    );
  }

  payload(seq: number): Uint8Array<ArrayBuffer> | undefined {
    const [row] = this.#rows<{ payload: ArrayBuffer | null }>('SELECT payload FROM delivery WHERE seq = ?', seq);
    return row === undefined || row.payload === null ? undefined : new Uint8Array(row.payload);
  }

  putVerdict(verdict: StoredVerdict): void {
    const { seq, event, target, ref, dueAt } = verdict;
    this.#sql.exec(
      `INSERT INTO verdict (seq, event, pipeline, kind, ref, due, body) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET kind = excluded.kind, due = excluded.due, body = excluded.body`,
      seq,
      event,
      target.pipeline,
      verdict.verdict.kind,
      ref,
      dueAt ?? null,
      JSON.stringify(verdict),
    );
  }

  verdicts(seq: number): readonly StoredVerdict[] {
    return this.#verdicts('WHERE seq = ? ORDER BY event, pipeline', seq);
  }

  verdict(seq: number, event: number, pipeline: string): StoredVerdict | undefined {
    return this.#verdicts('WHERE seq = ? AND event = ? AND pipeline = ?', seq, event, pipeline)[0];
  }

  due(): readonly StoredVerdict[] {
    return this.#verdicts('WHERE due IS NOT NULL ORDER BY due');
  }

  newer({ seq, target, ref }: StoredVerdict): StoredDelivery | undefined {
    return this.#deliveries(
      `JOIN verdict v ON v.seq = d.seq WHERE v.seq > ? AND v.pipeline = ? AND v.ref = ?
       AND v.kind IN ('Started', 'Retrying') ORDER BY d.seq LIMIT 1`,
      seq,
      target.pipeline,
      ref,
    )[0];
  }

  replays(id: string): number {
    return this.#number("SELECT COUNT(*) AS of FROM delivery WHERE body ->> '$.replayOf' = ?", id);
  }

  list(filter: DeliveryFilter, before: Before | undefined, limit: number): readonly ListedDelivery[] {
    const { pipeline, repository, commit, verdict, from, to } = filter;
    const terms: string[] = [];
    const values: SqlStorageValue[] = [];
    const where = (term: string, ...of: SqlStorageValue[]): void => {
      terms.push(term);
      values.push(...of);
    };
    if (before !== undefined) where('(d.at < ? OR (d.at = ? AND d.seq < ?))', before.at, before.at, before.seq ?? 0);
    if (from !== undefined) where('d.at >= ?', from);
    if (to !== undefined) where('d.at < ?', to);
    if (repository !== undefined) where('instr(d.repositories, ?) > 0', `\n${repository.toLowerCase()}\n`);
    // The beginning of an id is enough, as it is everywhere.
    if (commit !== undefined) where('instr(d.commits, ?) > 0', `\n${commit.toLowerCase()}`);
    const of = [
      ...(pipeline === undefined ? [] : [{ term: 'v.pipeline = ?', value: pipeline }]),
      ...(verdict === undefined ? [] : [{ term: 'v.kind = ?', value: verdict }]),
    ];
    if (of.length > 0) {
      const exists = `EXISTS (SELECT 1 FROM verdict v WHERE v.seq = d.seq AND ${of.map(({ term }) => term).join(' AND ')})`;
      const isOutcome = pipeline === undefined && verdict !== undefined;
      where(
        isOutcome ? `(${exists} OR d.outcome = ?)` : exists,
        ...of.map(({ value }) => value),
        ...(isOutcome ? [verdict] : []),
      );
    }
    const condition = terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`;
    return this.#deliveries(`${condition} ORDER BY d.seq DESC LIMIT ?`, ...values, limit).map((delivery) => ({
      ...delivery,
      verdicts: this.verdicts(delivery.seq),
    }));
  }

  lastAt(): Instant {
    return this.#number('SELECT COALESCE((SELECT at FROM delivery ORDER BY seq DESC LIMIT 1), 0) AS of');
  }

  doomed(before: Instant, keep: number, limit: number): readonly StoredDelivery[] {
    return this.#deliveries(
      `WHERE d.open = 0 AND (d.at < ? OR d.seq <= (SELECT MAX(seq) FROM delivery) - ?)
         AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.seq = d.seq AND v.due IS NOT NULL)
       ORDER BY d.seq LIMIT ?`,
      before,
      keep,
      limit,
    );
  }

  remove(seq: number): void {
    this.#sql.exec('DELETE FROM verdict WHERE seq = ?', seq);
    this.#sql.exec('DELETE FROM delivery WHERE seq = ?', seq);
  }

  putUnverified(unverified: Unverified, keep: number): void {
    this.#beBorn();
    this.#sql.exec(
      'INSERT OR REPLACE INTO unverified (at, body) VALUES (?, ?)',
      unverified.at,
      JSON.stringify(unverified),
    );
    this.#sql.exec(
      'DELETE FROM unverified WHERE at NOT IN (SELECT at FROM unverified ORDER BY at DESC LIMIT ?)',
      keep,
    );
  }

  unverified(): readonly Unverified[] {
    return this.#rows<{ body: string }>('SELECT body FROM unverified ORDER BY at DESC').map(
      ({ body }) => JSON.parse(body) as Unverified,
    );
  }

  get(name: string): unknown {
    const [row] = this.#rows<{ body: string }>('SELECT body FROM setting WHERE name = ?', name);
    return row === undefined ? undefined : JSON.parse(row.body);
  }

  put(name: string, value: unknown): void {
    this.#beBorn();
    this.#sql.exec(
      'INSERT INTO setting (name, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
      name,
      JSON.stringify(value),
    );
  }

  clear(): void {
    if (!this.isBorn) return;
    for (const table of ['delivery', 'verdict', 'unverified', 'setting', '_schema']) {
      this.#sql.exec(`DROP TABLE ${table}`);
    }
    this.#born = false;
  }

  #beBorn(): void {
    if (!this.isBorn) migrate(this.#sql, MIGRATIONS);
  }

  /** Only this class writes these bodies, each from the type that its reader casts it back to. */
  #deliveries(rest: string, ...bindings: readonly SqlStorageValue[]): readonly StoredDelivery[] {
    return this.#rows<Row>(`SELECT ${COLUMNS} FROM delivery d ${rest}`, ...bindings).map(
      ({ seq, at, open, body }) => ({
        seq,
        at,
        isOpen: open === 1,
        body: JSON.parse(body) as DeliveryBody,
      }),
    );
  }

  #verdicts(rest: string, ...bindings: readonly SqlStorageValue[]): readonly StoredVerdict[] {
    return this.#rows<{ body: string }>(`SELECT body FROM verdict ${rest}`, ...bindings).map(
      ({ body }) => JSON.parse(body) as StoredVerdict,
    );
  }

  #number(query: string, ...bindings: readonly SqlStorageValue[]): number {
    return this.#rows<{ of: number }>(query, ...bindings)[0]?.of ?? 0;
  }

  #rows<T extends Record<string, SqlStorageValue>>(query: string, ...bindings: readonly SqlStorageValue[]): T[] {
    return this.isBorn ? this.#sql.exec<T>(query, ...bindings).toArray() : [];
  }
}

/** With a line break on each side of each, so that whole ones can be found. */
function words(all: readonly (string | undefined)[]): string {
  return `\n${[...new Set(all.filter((one) => one !== undefined))].join('\n')}\n`;
}
