import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Miniflare } from 'miniflare';

type Database = Pick<Awaited<ReturnType<Miniflare['getD1Database']>>, 'prepare' | 'batch'>;

const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;

/** What `wrangler d1 migrations apply` does, with the same table, without a second process. Each file all or nothing. */
export async function migrate(db: Database, folder: string): Promise<readonly string[]> {
  await db.prepare(TABLE).run();
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const pending = readdirSync(folder)
    .filter((name) => name.endsWith('.sql') && !applied.has(name))
    .sort();
  for (const name of pending) {
    const statements = readFileSync(join(folder, name), 'utf8').split('--> statement-breakpoint');
    const done = db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name);
    await db.batch([...statements.filter((sql) => sql.trim() !== '').map((sql) => db.prepare(sql)), done]);
  }
  return pending;
}
