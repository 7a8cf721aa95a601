import { describe, expect, it } from 'vitest';
import { usageRows } from '../src/lib/features/tenant/usage-view.ts';

const row = (used: number, limit: number, unit: 'count' | 'bytes' = 'count') =>
  usageRows({ items: [{ name: 'pipelines', title: 'Pipelines', unit, used, limit }] })[0];

describe('the usage of a quota', () => {
  it('is told in words, with the unit of what is counted', () => {
    expect(row(3, 1000)?.text).toBe('3 of 1,000');
    expect(row(1_500_000, 20_000_000_000, 'bytes')?.text).toBe('1.5 MB of 20.0 GB');
  });

  it('warns from four fifths on, and says when nothing is left', () => {
    expect(row(79, 100)).toMatchObject({ standing: 'Free', warning: undefined });
    expect(row(80, 100)).toMatchObject({ standing: 'Close', warning: '80 % used' });
    expect(row(999, 1000)).toMatchObject({ standing: 'Close', warning: '99 % used' });
    expect(row(100, 100)).toMatchObject({ standing: 'Full', warning: 'At the limit' });
    expect(row(7, 5)).toMatchObject({ standing: 'Full' });
    expect(row(0, 0)).toMatchObject({ standing: 'Full' });
  });
});
