import type { Effect, ExecutionEvent } from '../../engine/messages.ts';
import { isBorn, migrate } from '../sql.ts';
import type { Snapshot, Turn, TurnStore } from './turn-store.ts';

const MIGRATIONS: readonly string[] = [
  'CREATE TABLE turn (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL, snapshot TEXT)',
];

type Row = { seq: number; at: number; body: string; snapshot: string | null };

interface Body {
  readonly v: number;
  readonly events: readonly ExecutionEvent[];
  readonly effects: readonly Effect[];
  readonly done: readonly string[];
}

/** Turns in the object's own SQLite. Reading never writes: an object that was never begun stays without a single row. */
export class SqlTurnStore implements TurnStore {
  readonly #sql: SqlStorage;
  #born: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#born = isBorn(sql);
    if (this.#born) migrate(sql, MIGRATIONS);
  }

  recent(): readonly Turn[] {
    if (!this.#isBorn()) return [];
    const rows = this.#sql.exec<Row>(
      `SELECT seq, at, body, snapshot FROM turn
       WHERE seq >= (SELECT COALESCE(MAX(seq), 0) FROM turn WHERE snapshot IS NOT NULL) ORDER BY seq`,
    );
    return rows.toArray().map(turnOf);
  }

  after(seq: number): readonly Turn[] {
    if (!this.#isBorn()) return [];
    const rows = this.#sql.exec<Row>(
      // A turn is stored under its first event, so the one that `seq` falls into may hold later ones too.
      `SELECT seq, at, body, NULL AS snapshot FROM turn
       WHERE seq >= (SELECT COALESCE(MAX(seq), 0) FROM turn WHERE seq <= ?) ORDER BY seq`,
      seq,
    );
    return rows.toArray().map(turnOf);
  }

  append(turn: Turn): void {
    if (!this.#isBorn()) migrate(this.#sql, MIGRATIONS);
    const { seq, at, version, events, effects, done, snapshot } = turn;
    const body: Body = { v: version, events, effects, done };
    this.#sql.exec(
      'INSERT INTO turn (seq, at, body, snapshot) VALUES (?, ?, ?, ?)',
      seq,
      at,
      JSON.stringify(body),
      snapshot === undefined ? null : JSON.stringify(snapshot),
    );
  }

  /** Asked anew until it is true: the first append may be rolled back. */
  #isBorn(): boolean {
    this.#born ||= isBorn(this.#sql);
    return this.#born;
  }
}

function turnOf({ seq, at, body, snapshot }: Row): Turn {
  const { v, events, effects, done } = JSON.parse(body) as Body;
  const turn: Turn = { seq, at, version: v, events, effects, done };
  return snapshot === null ? turn : { ...turn, snapshot: JSON.parse(snapshot) as Snapshot };
}
