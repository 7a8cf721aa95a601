import { describe, expect, it } from 'vitest';
import { withQuery } from '#lib/api/client.ts';
import { filterSearch, isFiltered, parseFilter, toggleStatus } from '#lib/features/history/filter.ts';

describe('parseFilter', () => {
  it('reads what the address says', () => {
    expect(parseFilter('status=Failed&status=Succeeded&by=ada&branch=main')).toEqual({
      status: ['Succeeded', 'Failed'],
      by: 'ada',
      branch: 'main',
    });
  });

  it('leaves out what says nothing, and what is no time or status', () => {
    expect(parseFilter('status=Lost&by=+&from=yesterday')).toEqual({});
  });
});

describe('filterSearch', () => {
  it('is read back as the same filter', () => {
    const filter = { status: ['Failed'] as const, revision: 'a b', from: '2026-11-25T00:00:00.000Z' };
    expect(parseFilter(filterSearch('', filter))).toEqual(filter);
  });

  it('keeps the rest of the address and forgets the old filter', () => {
    expect(filterSearch('?view=history&by=ada', { branch: 'main' })).toBe('?view=history&branch=main');
  });
});

describe('toggleStatus', () => {
  it('adds, takes away, and says nothing when none is left', () => {
    const one = toggleStatus({}, 'Failed');
    expect(one).toEqual({ status: ['Failed'] });
    expect(isFiltered(toggleStatus(one, 'Failed'))).toBe(false);
  });
});

describe('withQuery', () => {
  it('repeats a name for every value of a list', () => {
    expect(withQuery('/x', { status: ['A', 'B'], by: undefined })).toBe('/x?status=A&status=B');
  });
});
