import { describe, expect, it } from 'vitest';
import { actionRemarks, describeDurations, differingInputs } from '#lib/features/compare/compare-view.ts';

const side = {
  id: 'e',
  number: 1,
  pipeline: 'shop',
  version: 1,
  status: 'Succeeded',
  startedAt: '',
  endedAt: null,
} as const;
const comparison = {
  a: side,
  b: side,
  duration: { a: null, b: null, differenceMs: null },
  variables: [{ name: 'target', a: 'staging', b: null, isSame: false }],
  revisions: [
    {
      action: 'Checkout',
      a: { id: 'a1', digest: '', summary: 'Fix' },
      b: { id: 'b2', digest: '', summary: '' },
      isSame: false,
    },
    { action: 'Config', a: null, b: null, isSame: true },
  ],
  stages: [],
  artifacts: [],
  definition: [],
};

describe('differingInputs', () => {
  it('names variables and revisions that are not the same', () => {
    expect(differingInputs(comparison)).toEqual([
      { name: 'target', a: 'staging', b: '–' },
      { name: 'revision of Checkout', a: 'Fix', b: 'b2' },
    ]);
  });
});

describe('describeDurations', () => {
  it('says which was slower, and nothing where one is not known', () => {
    expect(describeDurations({ a: 2_000, b: 5_000, differenceMs: 3_000 }).difference).toBe('3.0 s slower');
    expect(describeDurations({ a: 5_000, b: 2_000, differenceMs: -3_000 }).difference).toBe('3.0 s faster');
    expect(describeDurations({ a: null, b: 2_000, differenceMs: null })).toEqual({
      a: '–',
      b: '2.0 s',
      difference: undefined,
    });
  });
});

describe('actionRemarks', () => {
  it('tell what differs besides status and duration', () => {
    const action = {
      name: 'Unit',
      isSame: false,
      status: { a: 'Failed', b: 'Succeeded', isSame: false },
      duration: { a: 1, b: 1, differenceMs: 0 },
      attempts: { a: 2, b: 1 },
      error: { a: 'exit code 1', b: null, isSame: false },
      outputs: [{ name: 'VERSION', a: '1', b: '2', isSame: false }],
    } as const;
    expect(actionRemarks(action)).toEqual(['attempts: 2 and 1', 'error: exit code 1 and none', 'VERSION: 1 and 2']);
  });
});
