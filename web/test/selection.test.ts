import { describe, expect, it } from 'vitest';
import { parseSelection, selectionSearch } from '#lib/features/executions/selection.ts';

describe('selection', () => {
  it('is read from the address', () => {
    expect(parseSelection('?view=timeline&action=Build/Unit&attempt=2')).toMatchObject({
      view: 'timeline',
      action: { stage: 'Build', action: 'Unit' },
      attempt: 2,
    });
  });

  it('tells nothing on purpose from nothing said', () => {
    expect(parseSelection('?action=none').action).toBeNull();
    expect(parseSelection('').action).toBeUndefined();
  });

  it('ignores nonsense', () => {
    expect(parseSelection('?view=x&attempt=-1')).toMatchObject({ view: 'graph', attempt: undefined });
  });

  it('is written back without what goes without saying', () => {
    expect(selectionSearch('?view=timeline&attempt=2', { view: 'graph', attempt: undefined })).toBe('?');
    expect(selectionSearch('', { action: { stage: 'A', action: 'B' } })).toBe('?action=A/B');
  });
});
