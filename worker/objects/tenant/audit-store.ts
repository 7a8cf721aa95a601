import type { AuditDraft, AuditEntry } from '../../audit/entry.ts';
import type { Instant } from '../../engine/ids.ts';
import { isBorn, migrate } from '../sql.ts';
import { MIGRATIONS } from './schema.ts';

/** A stretch of the chain, from its first entry to its last. */
export interface Segment {
  readonly first: number;
  readonly last: number;
  readonly at: Instant;
}

interface Row extends Record<string, SqlStorageValue> {
  readonly body: string;
}

/** The rows of the chain: recent entries, intents without an outcome, and the list of segments. */
export class AuditStore {
  readonly #sql: SqlStorage;
  #isReady = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** A tenant of which nothing has been recorded has no tables, and gets none by being asked. */
  get isEmpty(): boolean {
    if (!this.#isReady && isBorn(this.#sql)) this.prepare();
    return !this.#isReady;
  }

  prepare(): void {
    if (this.#isReady) return;
    migrate(this.#sql, MIGRATIONS);
    this.#isReady = true;
  }

  head(): AuditEntry | undefined {
    return this.#entries('SELECT body FROM audit ORDER BY seq DESC LIMIT 1')[0];
  }

  has(id: string): boolean {
    return this.#sql.exec('SELECT 1 FROM audit WHERE id = ?', id).toArray().length > 0;
  }

  append(entry: AuditEntry): void {
    const { seq, id, at } = entry;
    this.#sql.exec(
      'INSERT INTO audit (seq, id, at, body) VALUES (?, ?, ?, ?)',
      seq,
      id,
      Date.parse(at),
      JSON.stringify(entry),
    );
    this.#sql.exec('DELETE FROM audit_intent WHERE id = ?', id);
  }

  intend(draft: AuditDraft): void {
    this.#sql.exec(
      'INSERT INTO audit_intent (id, at, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      draft.id,
      Date.parse(draft.at),
      JSON.stringify(draft),
    );
  }

  /** Intents of which nobody has said how they ended, the oldest first. */
  intentsBefore(at: Instant): readonly AuditDraft[] {
    const rows = this.#sql
      .exec<Row>('SELECT body FROM audit_intent WHERE at <= ? ORDER BY at LIMIT 100', at)
      .toArray();
    // Only `intend` writes these bodies.
    return rows.map(({ body }) => JSON.parse(body) as AuditDraft);
  }

  oldestIntentAt(): Instant | undefined {
    const [row] = this.#sql.exec<{ at: number | null }>('SELECT MIN(at) AS at FROM audit_intent').toArray();
    return row?.at ?? undefined;
  }

  /** Ascending, from the one after `after` on. */
  after(after: number, limit: number): readonly AuditEntry[] {
    return this.#entries('SELECT body FROM audit WHERE seq > ? ORDER BY seq LIMIT ?', after, limit);
  }

  /** Descending, from the one before `before` on. */
  before(before: number, limit: number): readonly AuditEntry[] {
    return this.#entries('SELECT body FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?', before, limit);
  }

  oldestSeq(): number | undefined {
    const [row] = this.#sql.exec<{ seq: number | null }>('SELECT MIN(seq) AS seq FROM audit').toArray();
    return row?.seq ?? undefined;
  }

  /** How many entries no segment holds yet, and since when. */
  unsealed(): { readonly count: number; readonly since: Instant | undefined } {
    const [row] = this.#sql
      .exec<{ count: number; since: number | null }>(
        'SELECT COUNT(*) AS count, MIN(at) AS since FROM audit WHERE seq > ?',
        this.sealedTo(),
      )
      .toArray();
    return { count: row?.count ?? 0, since: row?.since ?? undefined };
  }

  sealedTo(): number {
    const [row] = this.#sql
      .exec<{ last: number | null }>('SELECT MAX(last) AS last FROM audit_segment WHERE is_sealed = 1')
      .toArray();
    return row?.last ?? 0;
  }

  /** Begun, and perhaps half written: what it holds is settled. */
  planned(): Segment | undefined {
    return this.#sql.exec<SegmentRow>('SELECT first, last, at FROM audit_segment WHERE is_sealed = 0').toArray()[0];
  }

  plan({ first, last, at }: Segment): void {
    this.#sql.exec('INSERT INTO audit_segment (first, last, at, is_sealed) VALUES (?, ?, ?, 0)', first, last, at);
  }

  sealed(first: number): void {
    this.#sql.exec('UPDATE audit_segment SET is_sealed = 1 WHERE first = ?', first);
  }

  /** Sealed entries are kept as rows too while they are recent, so that most questions need no segment. */
  prune(keep: number): void {
    this.#sql.exec(
      'DELETE FROM audit WHERE seq <= ? AND seq <= (SELECT MAX(seq) FROM audit) - ?',
      this.sealedTo(),
      keep,
    );
  }

  /** Sealed ones. Ascending, from the one after `after` on. */
  segmentsAfter(after: number, limit: number): readonly Segment[] {
    return this.#segments('first > ? ORDER BY first', after, limit);
  }

  /** Sealed ones that begin before `before`. Descending. */
  segmentsBefore(before: number, limit: number): readonly Segment[] {
    return this.#segments('first < ? ORDER BY first DESC', before, limit);
  }

  #segments(where: string, bound: number, limit: number): readonly Segment[] {
    const query = `SELECT first, last, at FROM audit_segment WHERE is_sealed = 1 AND ${where} LIMIT ?`;
    return this.#sql.exec<SegmentRow>(query, bound, limit).toArray();
  }

  #entries(query: string, ...bindings: readonly number[]): readonly AuditEntry[] {
    // Only `append` writes these bodies.
    return this.#sql
      .exec<Row>(query, ...bindings)
      .toArray()
      .map(({ body }) => JSON.parse(body) as AuditEntry);
  }
}

interface SegmentRow extends Record<string, SqlStorageValue> {
  readonly first: number;
  readonly last: number;
  readonly at: number;
}
