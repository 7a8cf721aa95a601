import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1';

export type Database = DrizzleD1Database;

/** The one shard that there is today; tokens and hook ids name their tenant, so that a second one could be told apart. */
export function database(binding: D1Database): Database {
  return drizzle(binding);
}
