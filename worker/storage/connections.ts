import { and, asc, count, eq, ne, or } from 'drizzle-orm';
import type { TenantId } from '../engine/ids.ts';
import type { HostCredentials } from '../hosts/git-host.ts';
import { open, seal, type Sealed } from '../kernel/sealing.ts';
import type { Database } from './database.ts';
import type { DataKeys } from './data-keys.ts';
import { connection } from './schema/index.ts';

export type ConnectionRow = typeof connection.$inferSelect;
type SealedMember = 'version' | 'dataKeyId' | 'iv' | 'sealed';
/** All about a connection but its credentials. */
export type ConnectionInfo = Omit<ConnectionRow, SealedMember>;
export type NewConnection = Omit<ConnectionRow, SealedMember | 'tenantId'>;
export type ConnectionChange = Partial<Omit<NewConnection, 'id' | 'createdAt' | 'createdBy'>>;

/** What lies sealed. Whatever may be read stands beside it, in the row's public parts. */
export type StoredCredentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'app'; readonly privateKey: string }
  | { readonly kind: 'keys'; readonly secretAccessKey: string };

export interface AwsCredentials {
  readonly kind: 'keys';
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Connections of tenants. Credentials go in, and come out of `open` alone. */
export class SealedConnections {
  readonly #db: Database;
  readonly #keys: DataKeys;

  constructor(db: Database, keys: DataKeys) {
    this.#db = db;
    this.#keys = keys;
  }

  list(tenant: TenantId): Promise<ConnectionRow[]> {
    return this.#db
      .select()
      .from(connection)
      .where(eq(connection.tenantId, tenant))
      .orderBy(asc(connection.name))
      .all();
  }

  byId(tenant: TenantId, id: string): Promise<ConnectionRow | undefined> {
    return this.#db.select().from(connection).where(isRow(tenant, id)).get();
  }

  /** By what a definition calls it: its name, or the ARN that it stands for. No name looks like an ARN. */
  byReference(tenant: TenantId, reference: string): Promise<ConnectionRow | undefined> {
    return this.#db
      .select()
      .from(connection)
      .where(and(eq(connection.tenantId, tenant), or(eq(connection.name, reference), eq(connection.arn, reference))))
      .get();
  }

  /** Undefined: its name or its ARN is another one's. */
  async insert(
    tenant: TenantId,
    row: NewConnection,
    credentials: StoredCredentials,
  ): Promise<ConnectionRow | undefined> {
    const { id: dataKeyId } = await this.#keys.current(tenant);
    const about = { tenantId: tenant, ...row, version: 1, dataKeyId };
    const { iv, bytes } = await this.#seal(about, credentials);
    const inserted = await this.#db
      .insert(connection)
      .values({ ...about, iv, sealed: bytes })
      .onConflictDoNothing()
      .returning();
    return inserted[0];
  }

  /** Without credentials those that it has stay. Undefined: somebody has changed or deleted it meanwhile. */
  async change(
    row: ConnectionRow,
    change: ConnectionChange,
    credentials: StoredCredentials | undefined,
  ): Promise<ConnectionRow | undefined> {
    const changed = await this.#db
      .update(connection)
      .set({ ...change, ...(credentials === undefined ? {} : await this.#sealedAnew(row, credentials)) })
      .where(and(isRow(row.tenantId, row.id), isAsRead(row)))
      .returning();
    return changed[0];
  }

  /** A test says nothing of credentials or addresses that have come since. */
  async recordTest(row: ConnectionRow, test: Pick<ConnectionRow, 'lastTestedAt' | 'lastTest'>): Promise<void> {
    await this.#db
      .update(connection)
      .set(test)
      .where(and(isRow(row.tenantId, row.id), isAsRead(row)));
  }

  /** False: there was none. */
  async remove(tenant: TenantId, id: string): Promise<boolean> {
    const removed = await this.#db.delete(connection).where(isRow(tenant, id)).returning({ id: connection.id });
    return removed.length > 0;
  }

  /** The credentials themselves: for one call to where the connection leads. */
  async open(row: ConnectionRow): Promise<HostCredentials | AwsCredentials> {
    const key = await this.#keys.byId(row.tenantId as TenantId, row.dataKeyId);
    const bytes = await open(key, { iv: row.iv, bytes: row.sealed }, about(row));
    return whole(JSON.parse(new TextDecoder().decode(bytes)) as StoredCredentials, row.publicParts);
  }

  /** Seals with the current data key what is sealed with another one, so many at a time; says how many are left. */
  async reseal(tenant: TenantId, limit: number): Promise<{ readonly resealed: number; readonly remaining: number }> {
    const current = await this.#keys.current(tenant);
    const isOld = and(eq(connection.tenantId, tenant), ne(connection.dataKeyId, current.id));
    const rows = await this.#db.select().from(connection).where(isOld).limit(limit).all();
    for (const row of rows) {
      const next = await this.#sealedAnew(row, stored(await this.open(row)));
      await this.#db
        .update(connection)
        .set(next)
        .where(and(isRow(tenant, row.id), eq(connection.version, row.version)));
    }
    const left = await this.#db.select({ of: count() }).from(connection).where(isOld).get();
    return { resealed: rows.length, remaining: left?.of ?? 0 };
  }

  async #sealedAnew(row: ConnectionRow, credentials: StoredCredentials): Promise<Pick<ConnectionRow, SealedMember>> {
    const { id: dataKeyId } = await this.#keys.current(row.tenantId as TenantId);
    const version = row.version + 1;
    const { iv, bytes } = await this.#seal({ ...row, version, dataKeyId }, credentials);
    return { version, dataKeyId, iv, sealed: bytes };
  }

  async #seal(row: Pick<ConnectionRow, AboutMember>, credentials: StoredCredentials): Promise<Sealed> {
    const key = await this.#keys.byId(row.tenantId as TenantId, row.dataKeyId);
    return seal(key, new TextEncoder().encode(JSON.stringify(credentials)), about(row));
  }
}

type AboutMember = 'tenantId' | 'id' | 'version' | 'dataKeyId';

/** Sealed in with the credentials, so that no row can be passed off as another. */
function about({ tenantId, id, version, dataKeyId }: Pick<ConnectionRow, AboutMember>): string {
  return `v1|${tenantId}|connection|${id}|${version}|${dataKeyId}`;
}

function isRow(tenant: string, id: string) {
  return and(eq(connection.tenantId, tenant), eq(connection.id, id));
}

function isAsRead({ version, updatedAt }: ConnectionRow) {
  return and(eq(connection.version, version), eq(connection.updatedAt, updatedAt));
}

/** With what may be read of them. */
export function whole(
  credentials: StoredCredentials,
  { user, appId = '', installationId, accessKeyId = '' }: ConnectionRow['publicParts'],
): HostCredentials | AwsCredentials {
  switch (credentials.kind) {
    case 'token':
      return { ...credentials, ...(user === undefined ? {} : { user }) };
    case 'app':
      return { ...credentials, appId, ...(installationId === undefined ? {} : { installationId }) };
    case 'keys':
      return { ...credentials, accessKeyId };
  }
}

function stored(credentials: HostCredentials | AwsCredentials): StoredCredentials {
  switch (credentials.kind) {
    case 'token':
      return { kind: 'token', token: credentials.token };
    case 'app':
      return { kind: 'app', privateKey: credentials.privateKey };
    case 'keys':
      return { kind: 'keys', secretAccessKey: credentials.secretAccessKey };
  }
}
