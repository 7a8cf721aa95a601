import { describe, expect, it } from 'vitest';
import { describePlace, reasonMark, subjectHref } from '#lib/features/why/reason-view.ts';

describe('reasonMark', () => {
  it('has the colour of a question where a person is to act, or where something is shut', () => {
    expect(reasonMark({ kind: 'AwaitingApproval', owner: 'person' }).tone).toBe('ask');
    expect(reasonMark({ kind: 'GateShut', owner: 'timer' }).tone).toBe('ask');
    expect(reasonMark({ kind: 'Running', owner: 'runner' }).tone).toBe('run');
  });
});

describe('subjectHref', () => {
  it('leads to the action or the condition that waits', () => {
    const action = { type: 'action' as const, execution: 'e1', stage: 'Prod', action: 'Ship', attempt: 1 };
    expect(subjectHref({ subject: action })).toBe('/executions/e1?action=Prod%2FShip');
    const gate = { type: 'condition' as const, execution: 'e1', stage: 'Prod', place: 'beforeEntry' as const };
    expect(subjectHref({ subject: gate })).toBe('/executions/e1?action=Prod%2FbeforeEntry~');
  });
});

describe('describePlace', () => {
  it.each([
    [1, 'It is the next one.'],
    [2, 'One is ahead of it.'],
    [4, '3 are ahead of it.'],
  ])('says what place %i means', (place, words) => {
    expect(describePlace(place)).toBe(words);
  });
});
