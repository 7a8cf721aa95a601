import { withQuery } from '#lib/api/client.ts';

/** What the address says after the `?`; empty means everything. */
export interface AuditFilter {
  readonly actor?: string;
  readonly verb?: string;
  readonly object?: string;
  readonly outcome?: string;
}

const names = ['actor', 'verb', 'object', 'outcome'] as const;

export const outcomes = ['allowed', 'denied', 'failed', 'unknown'] as const;

export function parseAuditFilter(search: string): AuditFilter {
  const query = new URLSearchParams(search);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = query.get(name)?.trim() ?? '';
      return value === '' || (name === 'outcome' && !outcomes.some((one) => one === value)) ? [] : [[name, value]];
    }),
  );
}

/** The path with this filter in it; nothing that is empty. */
export function withAuditFilter(path: string, filter: AuditFilter): string {
  return withQuery(
    path,
    Object.fromEntries(names.map((name) => [name, filter[name] === '' ? undefined : filter[name]])),
  );
}
