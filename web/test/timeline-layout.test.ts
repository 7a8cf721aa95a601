import { describe, expect, it } from 'vitest';
import { layoutTimeline } from '#lib/features/executions/timeline-layout.ts';
import { anAction, anAttempt, anExecution, aStage, at, instant } from './factories.ts';

const ended = { status: 'Succeeded' as const, startedAt: at(0), endedAt: at(100) };

describe('layoutTimeline', () => {
  it('spans an ended execution from its start to its end', () => {
    const timeline = layoutTimeline(anExecution({ ...ended, stages: [] }), [], 0);
    expect(timeline.spanMs).toBe(100_000);
  });

  it('places each attempt where it was', () => {
    const action = anAction({
      status: 'Succeeded',
      attempts: [
        anAttempt({ number: 1, status: 'Failed', startedAt: at(10), endedAt: at(30) }),
        anAttempt({ number: 2, status: 'Succeeded', startedAt: at(50), endedAt: at(100) }),
      ],
    });
    const timeline = layoutTimeline(anExecution({ ...ended, stages: [aStage({ actions: [action] })] }), [], 0);
    const bars = timeline.stages[0]?.rows[0]?.bars.map(({ from, to, standing }) => [from, to, standing.word]);
    expect(bars).toEqual([
      [0.1, 0.3, 'Failed'],
      [0.5, 1, 'Succeeded'],
    ]);
  });

  it('tells waiting for a runner from running', () => {
    const action = anAction({
      status: 'Succeeded',
      hasLog: true,
      attempts: [anAttempt({ status: 'Succeeded', startedAt: at(0), endedAt: at(100) })],
    });
    const claim = { seq: 1, at: at(25), type: 'ActionClaimed', action: 'Build/Unit', attempt: 1 };
    const timeline = layoutTimeline(anExecution({ ...ended, stages: [aStage({ actions: [action] })] }), [claim], 0);
    expect(timeline.stages[0]?.rows[0]?.bars.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['runner', 0, 0.25],
      ['work', 0.25, 1],
    ]);
  });

  it('shows an approval as waiting for a person', () => {
    const action = anAction({
      type: 'Approval/Manual',
      status: 'InProgress',
      activity: 'AwaitingApproval',
      attempts: [anAttempt({ startedAt: at(0) })],
    });
    const timeline = layoutTimeline(anExecution({ stages: [aStage({ actions: [action] })] }), [], instant(60));
    expect(timeline.stages[0]?.rows[0]?.bars[0]).toMatchObject({ kind: 'person', isOpen: true });
  });

  it('shows the time in front of a stage', () => {
    const stages = [
      aStage({ name: 'A', status: 'Succeeded', startedAt: at(0), endedAt: at(20), actions: [] }),
      aStage({ name: 'B', status: 'Succeeded', startedAt: at(60), endedAt: at(100), actions: [] }),
    ];
    const timeline = layoutTimeline(anExecution({ ...ended, stages }), [], 0);
    expect(timeline.stages[1]?.lockWait).toEqual({ from: 0.2, to: 0.6 });
    expect(timeline.stages[0]?.lockWait).toBeUndefined();
  });

  it('does not change its scale with every second of a live execution', () => {
    const spans = [61, 62, 63].map(
      (seconds) => layoutTimeline(anExecution({ stages: [] }), [], instant(seconds)).spanMs,
    );
    expect(new Set(spans).size).toBe(1);
    expect(spans[0]).toBeGreaterThan(63_000);
  });

  it.each([5, 100, 4_000, 900_000])('has a readable number of ticks for %i seconds', (seconds) => {
    const { ticks } = layoutTimeline(anExecution({ ...ended, endedAt: at(seconds), stages: [] }), [], 0);
    expect(ticks.length).toBeGreaterThan(2);
    expect(ticks.length).toBeLessThan(11);
  });
});
