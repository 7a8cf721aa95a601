import { describe, expect, it } from 'vitest';
import { queuePlace } from '#lib/features/executions/queue-place.ts';
import { followedIds, stageStanding, type BoardStage } from '#lib/features/pipelines/board-view.ts';
import { aSummary, at } from './factories.ts';

const occupant = (number: number) => ({
  id: `exe_${number}`,
  number,
  since: at(number),
  kind: 'STANDARD' as const,
  isAtGate: false,
});
const stage = (over: Partial<BoardStage> = {}): BoardStage => ({
  name: 'Build',
  actions: [],
  transition: { enabled: true, by: null, at: null, reason: null },
  inside: [],
  inbound: [],
  lastSucceeded: null,
  ...over,
});

describe('stageStanding', () => {
  it('follows what is inside', () => {
    const executions = [aSummary({ id: 'exe_4', number: 4, attention: 'Approval' })];
    expect(stageStanding(stage({ inside: [occupant(4)] }), executions).word).toBe('Awaiting approval');
  });

  it('is in progress for somebody inside whom it does not know', () => {
    expect(stageStanding(stage({ inside: [occupant(4)] }), []).word).toBe('In progress');
  });

  it('shows the failure that is newer than the last success', () => {
    const failed = aSummary({ number: 5, status: 'Failed', stage: 'Build' });
    expect(stageStanding(stage({ lastSucceeded: { ...occupant(4), at: at(0) } }), [failed]).word).toBe('Failed');
  });

  it('shows the success that is newer than the last failure', () => {
    const failed = aSummary({ number: 3, status: 'Failed', stage: 'Build' });
    expect(stageStanding(stage({ lastSucceeded: { ...occupant(4), at: at(0) } }), [failed]).word).toBe('Succeeded');
  });

  it('does not take over the failure of another stage', () => {
    const failed = aSummary({ number: 5, status: 'Failed', stage: 'Release' });
    expect(stageStanding(stage(), [failed]).word).toBe('Not reached');
  });
});

describe('followedIds', () => {
  it('prefers the newest and knows its limit', () => {
    const state = {
      name: 'p',
      version: 1,
      mode: 'PARALLEL' as const,
      stages: [stage({ inside: [occupant(1), occupant(9)] }), stage({ inside: [occupant(5)] })],
    };
    expect(followedIds(state, 2)).toEqual(['exe_9', 'exe_5']);
  });
});

describe('queuePlace', () => {
  const state = {
    name: 'p',
    version: 1,
    mode: 'QUEUED' as const,
    stages: [stage({ inside: [occupant(1)], inbound: [occupant(2), occupant(3), occupant(4)] })],
  };

  it('says who is inside, who is ahead and how many are behind', () => {
    expect(queuePlace(state, 'Build', 'exe_3')).toEqual({ inside: [occupant(1)], ahead: [occupant(2)], behind: 1 });
  });

  it('knows nothing of one that does not wait there', () => {
    expect(queuePlace(state, 'Build', 'exe_1')).toBeUndefined();
  });
});
