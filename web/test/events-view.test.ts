import { describe, expect, it } from 'vitest';
import {
  answerOf,
  claimedAt,
  describeEvent,
  mergeEvents,
  unreachableSince,
} from '#lib/features/executions/events-view.ts';
import { at, instant } from './factories.ts';

const event = (seq: number, type: string, members: Record<string, unknown> = {}) => ({
  seq,
  at: at(seq),
  type,
  ...members,
});

describe('mergeEvents', () => {
  it('puts events in order and each in once', () => {
    const known = [event(1, 'A'), event(3, 'C')];
    expect(mergeEvents(known, [event(3, 'C'), event(2, 'B')]).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('keeps the identity when nothing is new', () => {
    const known = [event(1, 'A')];
    expect(mergeEvents(known, [event(1, 'A')])).toBe(known);
  });
});

describe('describeEvent', () => {
  const stages = ['Source', 'Build'];

  it('names the stage that a number means', () => {
    expect(describeEvent(event(1, 'StageEntered', { stage: 1 }), stages)).toBe('It entered Build');
  });

  it('says what a condition decided, and who let it through', () => {
    const of = { stage: 1, place: 'beforeEntry' };
    expect(describeEvent(event(1, 'ConditionEnded', { ...of, status: 'Failed' }), stages)).toBe(
      'The gate of Build: not met',
    );
    expect(describeEvent(event(2, 'ConditionOverridden', { ...of, by: 'ada' }), stages)).toBe(
      'The gate of Build was overridden by ada',
    );
  });

  it('tells a retry that somebody asked for from one by itself', () => {
    expect(describeEvent(event(1, 'StageRetried', { stage: 1, by: 'ada' }), stages)).toBe('Build was retried by ada');
    expect(describeEvent(event(1, 'StageRetried', { stage: 1 }), stages)).toBe('Build is retried by itself');
  });

  it('says who rejected, and why', () => {
    const rejected = event(1, 'ActionFailed', {
      action: 'Release/SignOff',
      by: 'grace',
      failure: { message: 'not today' },
    });
    expect(describeEvent(rejected, stages)).toBe('Release/SignOff was rejected by grace: not today');
  });

  it('says which attempt failed, beyond the first', () => {
    const failed = event(1, 'ActionFailed', {
      action: 'Build/Unit',
      attempt: 2,
      failure: { message: 'exit code 1' },
    });
    expect(describeEvent(failed, stages)).toBe('Build/Unit failed (attempt 2): exit code 1');
  });

  it('shows the name of a type that it does not know', () => {
    expect(describeEvent(event(1, 'SomethingNew'), stages)).toBe('SomethingNew');
  });
});

describe('facts read from events', () => {
  const silent = event(5, 'RunnerUnreachable', { action: 'Build/Unit', attempt: 1 });
  const back = event(6, 'RunnerReturned', { action: 'Build/Unit', attempt: 1 });

  it('tell since when a runner is silent', () => {
    expect(unreachableSince([silent], 'Build/Unit', 1)).toBe(instant(5));
  });

  it('forget it when the runner has returned, or in another attempt', () => {
    expect(unreachableSince([silent, back], 'Build/Unit', 1)).toBeUndefined();
    expect(unreachableSince([silent], 'Build/Unit', 2)).toBeUndefined();
  });

  it('tell when a job was taken', () => {
    const claim = event(7, 'ActionClaimed', { action: 'Build/Unit', attempt: 2 });
    expect(claimedAt([claim], 'Build/Unit', 2)).toBe(instant(7));
    expect(claimedAt([claim], 'Build/Unit', 1)).toBeUndefined();
  });

  it('tell who answered an approval', () => {
    const approved = event(8, 'ActionSucceeded', { action: 'Release/SignOff', by: 'grace', summary: 'go' });
    expect(answerOf([approved], 'Release/SignOff')).toEqual({ by: 'grace', summary: 'go' });
  });
});
