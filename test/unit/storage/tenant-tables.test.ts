import { is } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import * as identity from '../../../worker/storage/schema/identity.ts';
import { provenDomain } from '../../../worker/storage/schema/proven-domains.ts';
import { signingKey } from '../../../worker/storage/schema/signing-keys.ts';
import * as schema from '../../../worker/storage/schema/index.ts';

/** Rows of people, whose shape is the auth library's, and of the installation itself. */
const OF_NO_TENANT = new Set<unknown>([...Object.values(identity), provenDomain, signingKey]);

const tables = Object.values(schema).filter((one): one is never => is(one, SQLiteTable) && !OF_NO_TENANT.has(one));

describe.each(tables.map((table) => [getTableConfig(table).name, table as SQLiteTable] as const))(
  '%s',
  (_, table) => {
    const { columns, primaryKeys, indexes, uniqueConstraints } = getTableConfig(table);

    it('says of every row whose it is', () => {
      expect(columns.find(({ name }) => name === 'tenant_id')).toMatchObject({ notNull: true });
    });

    it('has the tenant first in every key and index', () => {
      expect(columns.filter(({ primary, isUnique }) => primary || isUnique)).toEqual([]);
      expect(primaryKeys).toHaveLength(1);
      const led = [
        ...primaryKeys.map((key) => key.columns),
        ...uniqueConstraints.map((constraint) => constraint.columns),
        ...indexes.map(({ config }) => config.columns),
      ];
      for (const [first] of led) expect(first).toMatchObject({ name: 'tenant_id' });
    });
  },
);

it('finds the tables of tenants', () => {
  expect(tables.length).toBeGreaterThanOrEqual(6);
});
