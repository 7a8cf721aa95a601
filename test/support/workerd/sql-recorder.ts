import { env } from 'cloudflare:workers';

/** Remembers every statement that is given to D1. The Worker and its objects share the test's isolate, so wrapping it once sees all. */
export class SqlRecorder {
  readonly statements = new Set<string>();

  static install(): SqlRecorder {
    const recorder = new SqlRecorder();
    const database = Object.getPrototypeOf(env.DB) as D1Database;
    const { prepare } = database;
    database.prepare = function (this: D1Database, statement: string) {
      recorder.statements.add(statement);
      return prepare.call(this, statement);
    };
    return recorder;
  }
}

/**
 * The tables of tenants that a statement touches without saying whose rows it means. Each mention needs a `tenant_id` that is
 * compared to something, or, where rows are inserted, given.
 */
export function tablesWithoutTenant(statement: string, tables: readonly string[]): readonly string[] {
  const sql = statement.replaceAll(/["`[\]]/g, '').toLowerCase();
  const inserted = /^\s*insert\s+into\s+(\w+)\s*\(([^)]*)\)/.exec(sql);
  const rest = inserted === null ? sql : sql.slice(inserted[0].length);
  const missing: string[] = [];
  if (inserted !== null && tables.includes(inserted[1] ?? '') && !/\btenant_id\b/.test(inserted[2] ?? '')) {
    missing.push(inserted[1] ?? '');
  }
  const read = [...rest.matchAll(/\b(?:from|join|update)\s+(\w+)(?:\s+as\s+(\w+))?/g)].filter(([, table = '']) =>
    tables.includes(table),
  );
  for (const [, table = '', alias] of read) {
    const names = [table, ...(alias === undefined ? [] : [alias])].join('|');
    const qualified = new RegExp(String.raw`\b(?:${names})\.tenant_id\s*(?:=|in\b)|=\s*(?:${names})\.tenant_id\b`);
    const bare = /(?<![.\w])tenant_id\s*(?:=|in\b)/;
    if (!qualified.test(rest) && !(read.length === 1 && bare.test(rest))) missing.push(table);
  }
  return missing;
}
