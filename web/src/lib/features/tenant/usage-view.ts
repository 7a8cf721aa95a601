import type { Usage } from '#lib/api/contract.ts';
import { formatBytes } from '#lib/ui/data-size.ts';

export interface UsageRow {
  readonly name: string;
  readonly title: string;
  readonly used: number;
  readonly limit: number;
  /** Like "3 of 1,000". */
  readonly text: string;
  readonly standing: 'Free' | 'Close' | 'Full';
  /** What a row says that is close to its limit, or at it. */
  readonly warning: string | undefined;
}

/** From here on it is worth a word. */
const CLOSE = 0.8;
const numbers = new Intl.NumberFormat('en');

export function usageRows({ items }: Usage): readonly UsageRow[] {
  return items.map(({ name, title, unit, used, limit }) => {
    const amount = unit === 'bytes' ? formatBytes : (value: number): string => numbers.format(value);
    const standing = used >= limit ? 'Full' : used >= limit * CLOSE ? 'Close' : 'Free';
    const warning =
      standing === 'Full'
        ? 'At the limit'
        : standing === 'Close'
          ? `${Math.floor((used / limit) * 100)} % used`
          : undefined;
    return { name, title, used, limit, text: `${amount(used)} of ${amount(limit)}`, standing, warning };
  });
}
