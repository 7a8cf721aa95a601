import type { Instant } from '../engine/ids.ts';
import type { Durable } from './durable.ts';

/**
 * Brings an object's tables up to date. The list is append-only: objects sleep for months and migrate when they wake.
 * `_schema` holds one row, so that an object that was never born has no row at all.
 */
export function migrate(sql: SqlStorage, migrations: readonly string[]): void {
  sql.exec('CREATE TABLE IF NOT EXISTS _schema (version INTEGER PRIMARY KEY) WITHOUT ROWID');
  const version = schemaVersion(sql);
  if (version >= migrations.length) return;
  for (const migration of migrations.slice(version)) sql.exec(migration);
  sql.exec('DELETE FROM _schema');
  sql.exec('INSERT INTO _schema (version) VALUES (?)', migrations.length);
}

export function isBorn(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE name = '_schema'").toArray().length > 0;
}

function schemaVersion(sql: SqlStorage): number {
  const [row] = sql.exec<{ version: number }>('SELECT version FROM _schema').toArray();
  return row?.version ?? 0;
}

export function durableOf(storage: DurableObjectStorage): Durable {
  return {
    transact: (body) => storage.transactionSync(body),
    flush: () => storage.sync(),
    // The write is part of the transaction around it; its promise only says that it has been taken in.
    setAlarm: (at: Instant) => void storage.setAlarm(at),
    clearAlarm: () => void storage.deleteAlarm(),
  };
}

/** A callback for later, if the object is still in memory then. Nothing that must happen may depend on it. */
export function later(ms: number, callback: () => void): void {
  setTimeout(callback, ms);
}
