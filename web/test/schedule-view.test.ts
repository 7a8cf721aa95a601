import { describe, expect, it } from 'vitest';
import type { ScheduleView } from '#lib/api/contract.ts';
import { lastOutcome, silence, zonedTimes } from '#lib/features/pipelines/schedule-view.ts';

function schedule(change: Partial<ScheduleView> = {}): ScheduleView {
  return {
    name: 'n',
    cron: '0 2 * * *',
    timezone: 'UTC',
    enabled: true,
    variables: {},
    last: null,
    next: [],
    ...change,
  };
}

describe('a firing', () => {
  const at = '2026-12-01T01:30:00.000Z';

  it('is told by the clocks of the reader, and of the schedule where they differ', () => {
    expect(zonedTimes(at, 'Europe/Berlin', 'America/New_York')).toEqual([
      { zone: 'your time', text: 'Mon 30 Nov, 20:30' },
      { zone: 'Europe/Berlin', text: 'Tue 1 Dec, 02:30' },
    ]);
    expect(zonedTimes(at, 'Europe/Paris', 'Europe/Berlin')).toEqual([
      { zone: 'your time', text: 'Tue 1 Dec, 02:30' },
    ]);
  });

  it('knows zones that are an offset, and does without what the browser does not know', () => {
    expect(zonedTimes(at, 'UTC+05:30', 'UTC')[1]).toEqual({ zone: 'UTC+05:30', text: 'Tue 1 Dec, 07:00' });
    expect(zonedTimes(at, 'Mars/Olympus', 'UTC')).toHaveLength(1);
  });
});

describe('the last firing', () => {
  const last = { dueAt: '2026-12-01T01:30:00.000Z', at: '2026-12-01T01:30:01.000Z', problem: null };
  const execution = { id: 'p-1', number: 7 };

  it.each([
    [undefined, null],
    ['started', { ...last, execution }],
    ['caught up', { ...last, execution, at: '2026-12-01T03:00:00.000Z' }],
    ['not started', { ...last, execution: null, problem: 'Too many.' }],
  ] as const)('%s', (expected, value) => {
    expect(lastOutcome(schedule({ last: value }))).toBe(expected);
  });

  it('says why nothing comes next', () => {
    expect([silence(schedule()), silence(schedule({ enabled: false }))]).toEqual(['fires no more', 'disabled']);
  });
});
