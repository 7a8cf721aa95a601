import { withQuery } from '#lib/api/client.ts';
import { verdictKinds } from './delivery-view.ts';

const NAMES = ['hook', 'pipeline', 'repository', 'commit', 'verdict', 'from', 'to'] as const;

/** What the address says after the `?`, in the words of the API; empty means everything. */
export type DeliveryFilter = Readonly<Partial<Record<(typeof NAMES)[number], string>>>;

export function parseDeliveryFilter(search: string): DeliveryFilter {
  const query = new URLSearchParams(search);
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = query.get(name)?.trim() ?? '';
      return isSensible(name, value) ? [[name, value]] : [];
    }),
  );
}

/** The path with this filter in it; nothing that is empty. */
export function withDeliveryFilter(path: string, filter: DeliveryFilter): string {
  return withQuery(
    path,
    Object.fromEntries(NAMES.map((name) => [name, filter[name] === '' ? undefined : filter[name]])),
  );
}

export function isFiltered(filter: DeliveryFilter): boolean {
  return NAMES.some((name) => (filter[name] ?? '') !== '');
}

function isSensible(name: (typeof NAMES)[number], value: string): boolean {
  if (value === '') return false;
  if (name === 'verdict') return verdictKinds.some((kind) => kind === value);
  if (name === 'commit') return /^[0-9a-fA-F]{4,64}$/.test(value);
  return (name !== 'from' && name !== 'to') || !Number.isNaN(Date.parse(value));
}
