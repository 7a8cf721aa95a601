import type { Connection, ConnectionTest } from '../../../contract/connections.ts';
import type { TenantId } from '../../engine/ids.ts';
import type { ConnectionInfo, ConnectionRow } from '../../storage/connections.ts';
import { externalIdOf } from './ports.ts';

export function connectionView(row: ConnectionInfo, pipelines: readonly string[]): Connection {
  const { user, appId, installationId, accessKeyId, region, roleArn } = row.publicParts;
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    baseUrl: row.baseUrl === '' ? null : row.baseUrl,
    apiUrl: row.apiUrl,
    arn: row.arn,
    credentials: {
      kind: row.credentialKind,
      user: user ?? null,
      appId: appId ?? null,
      installationId: installationId ?? null,
      accessKeyId: accessKeyId ?? null,
    },
    region: region ?? null,
    roleArn: roleArn ?? null,
    externalId: row.kind === 'aws' ? externalIdOf(row.tenantId as TenantId) : null,
    disabled: row.disabled,
    createdAt: iso(row.createdAt),
    createdBy: row.createdBy,
    updatedAt: iso(row.updatedAt),
    updatedBy: row.updatedBy,
    lastTest: row.lastTest === null || row.lastTestedAt === null ? null : testView(row.lastTest, row.lastTestedAt),
    pipelines: [...pipelines],
  };
}

export function testView(test: NonNullable<ConnectionRow['lastTest']>, at: number): ConnectionTest {
  const none = { identity: null, scopes: [], warnings: [], problem: null, place: null };
  if (!test.ok) return { ...none, at: iso(at), ...test };
  return { ...none, at: iso(at), ...test, scopes: [...test.scopes], warnings: [...test.warnings] };
}

/** For the audit log: everything that can be read, and whether it worked. */
export function auditView(row: ConnectionInfo) {
  const { name, kind, baseUrl, apiUrl, arn, credentialKind, publicParts, disabled, lastTest } = row;
  return { name, kind, baseUrl, apiUrl, arn, credentialKind, ...publicParts, disabled, works: lastTest?.ok ?? null };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
