import type { ByteStore } from './byte-ledger.ts';
import type { Tables } from './tables.ts';

export function sqlByteStore(sql: SqlStorage, tables: Tables): ByteStore {
  return {
    get(name) {
      if (!tables.exist) return undefined;
      const [row] = sql
        .exec<{ used: number; counted_at: number }>('SELECT used, counted_at FROM stored_bytes WHERE name = ?', name)
        .toArray();
      return row === undefined ? undefined : { used: row.used, countedAt: row.counted_at };
    },

    put(name, { used, countedAt }) {
      tables.prepare();
      sql.exec(
        `INSERT INTO stored_bytes (name, used, counted_at) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET used = excluded.used, counted_at = excluded.counted_at`,
        name,
        used,
        countedAt,
      );
    },
  };
}
