import { describe, expect, it } from 'vitest';
import { dayEnd, dayOf, dayStart, mergeHistory, triggerName } from '#lib/features/history/history-view.ts';
import { aSummary } from './factories.ts';

describe('mergeHistory', () => {
  it('shows nothing twice when a page overlaps the one before', () => {
    const [one, two] = [aSummary({ id: 'a' }), aSummary({ id: 'b' })];
    expect(mergeHistory([one], [one, two]).map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('days', () => {
  it('become moments and days again, the last one in full', () => {
    expect(dayOf(dayStart('2026-11-25'), false)).toBe('2026-11-25');
    expect(dayOf(dayEnd('2026-11-25'), true)).toBe('2026-11-25');
    expect(Date.parse(dayEnd('2026-11-25') ?? '') - Date.parse(dayStart('2026-11-25') ?? '')).toBe(86_400_000);
  });

  it('that are none ask for nothing', () => {
    expect(dayStart('')).toBeUndefined();
    expect(dayEnd('soon')).toBeUndefined();
  });
});

describe('triggerName', () => {
  it('shows a type that it does not know by its own name', () => {
    expect(triggerName('ManualRollback')).toBe('Rollback');
    expect(triggerName('Moonrise')).toBe('Moonrise');
  });
});
