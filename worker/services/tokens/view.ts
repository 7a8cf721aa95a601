import type { Token } from '../../../contract/tokens.ts';
import type { TokenRow } from '../../storage/tokens.ts';
import { serviceRole } from './limits.ts';

/** `names`: of pipelines by their ids; one that has been deleted is shown by its id. */
export function tokenView(row: Omit<TokenRow, 'tenantId'>, names: ReadonlyMap<string, string>): Token {
  const { id, name, kind, createdBy, scopes, pipelines, rotatedTo } = row;
  return {
    id,
    name,
    kind,
    role: kind === 'service' ? (serviceRole(row.role) ?? null) : null,
    scopes: scopes === null ? null : [...scopes],
    pipelines: pipelines?.map((pipeline) => names.get(pipeline) ?? pipeline) ?? null,
    createdAt: iso(row.createdAt),
    createdBy,
    expiresAt: iso(row.expiresAt),
    lastUsedAt: row.lastUsedAt === null ? null : iso(row.lastUsedAt),
    usedAt: row.usedAt === null ? null : iso(row.usedAt),
    rotatedTo,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
