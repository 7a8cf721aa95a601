import { describe, expect, it } from 'vitest';
import { describeChange, valueText } from '#lib/features/definitions/diff-view.ts';
import { comparedVersions, pipelineView } from '#lib/features/pipelines/pipeline-views.ts';

describe('the address of a pipeline', () => {
  it('shows the board where it names no view that there is', () => {
    expect(pipelineView('history')).toBe('history');
    expect(pipelineView('moon')).toBe('board');
  });

  it('names two versions to compare, or none', () => {
    expect(comparedVersions('?view=definition&from=2&to=5')).toEqual({ from: 2, to: 5 });
    expect(comparedVersions('?from=2')).toBeUndefined();
    expect(comparedVersions('?from=a&to=0')).toBeUndefined();
  });
});

describe('a change of a definition', () => {
  it('says what it is about', () => {
    expect(describeChange({ kind: 'added', what: 'stage', name: 'Beta', path: 'stages[1]' })).toBe(
      'added stage Beta',
    );
    expect(describeChange({ kind: 'changed', what: 'member', path: 'mode' })).toBe('changed');
  });

  it('shows text as it is, and the rest as JSON', () => {
    expect(valueText('QUEUED')).toBe('QUEUED');
    expect(valueText({ a: 1 })).toBe('{\n  "a": 1\n}');
    expect(valueText(undefined)).toBeUndefined();
  });
});
