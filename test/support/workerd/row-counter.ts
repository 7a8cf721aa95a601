import { env } from 'cloudflare:workers';
import { runInDurableObject } from 'cloudflare:test';

/**
 * Counts every row that anything writes: statements of all objects (indexes included), alarms set and cleared, and D1. All
 * objects and the Worker share the test's isolate, so wrapping the platform's own methods once sees everything.
 */
export class RowCounter {
  readonly byKind: Record<string, number> = {};
  #isCounting = false;

  static async install(): Promise<RowCounter> {
    const counter = new RowCounter();
    const stub = env.TENANTS.getByName('v1:rows:tenant');
    await runInDurableObject(stub, (_, { storage }) => {
      const sql = Object.getPrototypeOf(storage.sql) as SqlStorage;
      const exec = sql.exec;
      sql.exec = function (this: SqlStorage, query: string, ...bindings: unknown[]) {
        const cursor = exec.call(this, query, ...bindings);
        counter.#add(
          /^\s*(\w+)\s+(?:INTO\s+|FROM\s+|TABLE\s+(?:IF NOT EXISTS\s+)?)?(\w+)/i.exec(query)?.slice(1).join(' ') ??
            query,
          cursor.rowsWritten,
        );
        return cursor;
      } as typeof exec;
      const prototype = Object.getPrototypeOf(storage) as DurableObjectStorage;
      const { setAlarm, deleteAlarm } = prototype;
      prototype.setAlarm = function (this: DurableObjectStorage, ...args) {
        counter.#add('setAlarm', 1);
        return setAlarm.apply(this, args);
      };
      prototype.deleteAlarm = function (this: DurableObjectStorage, ...args) {
        counter.#add('deleteAlarm', 1);
        return deleteAlarm.apply(this, args);
      };
    });
    const statement = Object.getPrototypeOf(env.DB.prepare('SELECT 1')) as D1PreparedStatement;
    for (const method of ['run', 'all'] as const) {
      const original = statement[method];
      statement[method] = async function (this: D1PreparedStatement) {
        const result = await original.call(this);
        counter.#add('D1', result.meta.rows_written);
        return result;
      } as typeof original;
    }
    return counter;
  }

  get total(): number {
    return Object.values(this.byKind).reduce((sum, rows) => sum + rows, 0);
  }

  start(): void {
    for (const kind of Object.keys(this.byKind)) this.byKind[kind] = 0;
    this.#isCounting = true;
  }

  #add(kind: string, rows: number): void {
    if (this.#isCounting && rows > 0) this.byKind[kind] = (this.byKind[kind] ?? 0) + rows;
  }
}
