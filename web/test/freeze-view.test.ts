import { describe, expect, it } from 'vitest';
import type { SaveFreeze } from '#lib/api/contract.ts';
import {
  describeScope,
  describeTimes,
  draftOf,
  freezeOf,
  heldSpans,
  newDraft,
} from '#lib/features/freezes/freeze-view.ts';

const weekly: SaveFreeze = {
  name: 'Weekends',
  reason: '',
  calendar: 'default',
  scope: { pipelines: ['web-*', 'shop'], stages: ['Production'] },
  when: {
    kind: 'weekly',
    windows: [
      { from: 'FRI 16:00', to: 'MON 06:00' },
      { from: 'WED 12:00', to: 'WED 13:00' },
    ],
    timezone: 'Europe/Berlin',
  },
};

describe('a draft', () => {
  it('becomes the same entry again, further windows and all', () => {
    expect(freezeOf(draftOf(weekly, 'UTC'))).toEqual(weekly);
  });

  it('keeps moments through the local fields of the form', () => {
    const when = { kind: 'once' as const, from: '2026-12-22T00:00:00.000Z', to: '2027-01-02T00:00:00.000Z' };
    expect(freezeOf(draftOf({ ...weekly, when }, 'UTC'))?.when).toEqual(when);
  });

  it('is no entry before it has a name and its times', () => {
    expect(freezeOf(newDraft('UTC'))).toBeUndefined();
    expect(freezeOf({ ...newDraft('UTC'), name: 'x' })).toBeUndefined();
    expect(freezeOf({ ...newDraft('UTC'), name: 'x', kind: 'cron' })?.when.kind).toBe('cron');
  });
});

describe('the words of an entry', () => {
  it('say when it lasts and what it is about', () => {
    expect(describeTimes(weekly.when)).toBe(
      'every week, FRI 16:00 to MON 06:00, WED 12:00 to WED 13:00 (Europe/Berlin)',
    );
    expect(describeScope(weekly.scope)).toBe('Production of web-*, shop');
    expect(describeScope({ pipelines: [], stages: [] })).toBe('every pipeline');
  });
});

describe('heldSpans', () => {
  it('are fractions of the previewed time, and never beyond it', () => {
    const held = {
      pipeline: 'shop',
      stage: 'Production',
      place: 'beforeEntry' as const,
      rule: 'calm',
      otherwise: 'WAIT' as const,
      when: [{ from: '2026-01-06T00:00:00Z', to: '2026-02-01T00:00:00Z' }],
      freezes: [],
    };
    const bounds = { from: '2026-01-01T00:00:00Z', to: '2026-01-11T00:00:00Z' };
    expect(heldSpans(held, bounds)).toEqual([{ from: 0.5, to: 1 }]);
  });
});
