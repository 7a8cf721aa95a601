import type { ExecutionStatus } from '#lib/api/contract.ts';

/** What is asked of a history, in the words of the API. */
export interface ExecutionFilter {
  readonly status?: readonly ExecutionStatus[];
  readonly trigger?: string | undefined;
  readonly by?: string | undefined;
  readonly branch?: string | undefined;
  readonly revision?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export const statuses: readonly ExecutionStatus[] = [
  'InProgress',
  'Stopping',
  'Succeeded',
  'Failed',
  'Stopped',
  'Superseded',
  'Cancelled',
];

const TEXTS = ['trigger', 'by', 'branch', 'revision', 'from', 'to'] as const;

/** From the page's address; what it does not know, or what says nothing, is left out. */
export function parseFilter(query: string): ExecutionFilter {
  const search = new URLSearchParams(query);
  const chosen = statuses.filter((status) => search.getAll('status').includes(status));
  const texts = TEXTS.flatMap((name) => {
    const value = search.get(name)?.trim() ?? '';
    const isUseless = value === '' || ((name === 'from' || name === 'to') && Number.isNaN(Date.parse(value)));
    return isUseless ? [] : [[name, value] as const];
  });
  return { ...(chosen.length > 0 ? { status: chosen } : {}), ...Object.fromEntries(texts) };
}

/** The page's address with another filter; everything else in it stays. */
export function filterSearch(query: string, filter: ExecutionFilter): string {
  const next = new URLSearchParams(query);
  for (const name of ['status', ...TEXTS]) next.delete(name);
  for (const status of filter.status ?? []) next.append('status', status);
  for (const name of TEXTS) {
    const value = filter[name];
    if (value !== undefined && value !== '') next.set(name, value);
  }
  return next.size === 0 ? '?' : `?${next.toString()}`;
}

export function isFiltered(filter: ExecutionFilter): boolean {
  return Object.keys(filter).length > 0;
}

/** With the status added, or taken away where it is there already. */
export function toggleStatus(filter: ExecutionFilter, status: ExecutionStatus): ExecutionFilter {
  const { status: chosen = [], ...others } = filter;
  const next = chosen.includes(status) ? chosen.filter((each) => each !== status) : [...chosen, status];
  return next.length === 0 ? others : { ...others, status: statuses.filter((each) => next.includes(each)) };
}
