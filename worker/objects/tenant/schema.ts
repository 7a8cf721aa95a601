/** The tables of a tenant's object, for all that it keeps. Append-only, as `migrate` wants it. */
export const MIGRATIONS: readonly string[] = [
  'CREATE TABLE freeze (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;',
  `CREATE TABLE audit (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, body TEXT NOT NULL);
   CREATE TABLE audit_intent (id TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE audit_segment (
     first INTEGER PRIMARY KEY, last INTEGER NOT NULL, at INTEGER NOT NULL, is_sealed INTEGER NOT NULL
   );`,
  `CREATE TABLE slot (
     lease TEXT PRIMARY KEY, pipeline TEXT NOT NULL, at INTEGER NOT NULL, is_start INTEGER NOT NULL, is_held INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE stored_bytes (name TEXT PRIMARY KEY, used INTEGER NOT NULL, counted_at INTEGER NOT NULL) WITHOUT ROWID;`,
];
