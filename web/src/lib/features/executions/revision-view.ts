import type { ExecutionView } from '#lib/api/contract.ts';

type Revision = ExecutionView['revisions'][number];

export function revisionName({ id, summary }: Pick<Revision, 'id' | 'summary'>): string {
  return summary === '' ? id : summary;
}

/** Which action fetched it, from which branch, and whether it may be trusted. */
export function revisionOrigin({ action, branch, isUntrusted }: Revision): string {
  return [action, ...(branch === null ? [] : [branch]), ...(isUntrusted ? ['from a fork'] : [])].join(' · ');
}

/** One revision that may not be trusted is enough: all of the execution goes without secrets. */
export function isFromFork({ revisions }: Pick<ExecutionView, 'revisions'>): boolean {
  return revisions.some(({ isUntrusted }) => isUntrusted);
}
