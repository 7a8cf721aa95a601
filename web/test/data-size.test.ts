import { describe, expect, it } from 'vitest';
import { formatBytes } from '#lib/ui/data-size.ts';

describe('sizes', () => {
  it('have the unit that keeps them short', () => {
    expect([0, 999, 1_500, 4_812_331, 250_000_000].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.5 kB',
      '4.8 MB',
      '250 MB',
    ]);
  });
});
