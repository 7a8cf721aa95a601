import { describe, expect, it } from 'vitest';
import type { ActionView, ExecutionView, StageView } from '#lib/api/contract.ts';
import { whyAction } from '#lib/features/executions/why.ts';
import { anAction, anAttempt, anExecution, aStage, at, instant } from './factories.ts';

interface Given {
  readonly action: ActionView;
  readonly stage?: Partial<StageView>;
  readonly execution?: Partial<ExecutionView>;
  readonly nowSeconds?: number;
  readonly unreachableSince?: number;
}

function why({ action, stage = {}, execution = {}, nowSeconds = 100, unreachableSince }: Given): string {
  const placed = aStage({ actions: [action], ...stage });
  return whyAction({
    execution: anExecution({ stages: [placed], ...execution }),
    stage: placed,
    action,
    now: instant(nowSeconds),
    unreachableSince,
  });
}

const inProgress = (over: Partial<ActionView>) => anAction({ status: 'InProgress', attempt: 1, ...over });

describe('whyAction', () => {
  it('says that a queued action waits for a runner', () => {
    expect(why({ action: inProgress({ activity: 'Queued' }) })).toContain('Waits for a runner');
  });

  it('says where and for how long an action runs', () => {
    const action = inProgress({
      activity: 'Running',
      runner: 'mill-01',
      attempts: [anAttempt({ startedAt: at(40) })],
    });
    expect(why({ action })).toBe('Has been running on mill-01 for 1 m 00 s.');
  });

  it('says since when a runner is silent, when the events tell', () => {
    const action = inProgress({ activity: 'RunnerUnreachable', runner: 'mill-01' });
    expect(why({ action, unreachableSince: instant(88) })).toContain('mill-01 has not answered for 12 s');
  });

  it('says when an approval expires', () => {
    const action = inProgress({
      activity: 'AwaitingApproval',
      approval: {
        token: 't',
        expiresAt: at(100 + 3 * 86_400),
        approvers: [],
        count: 1,
        self: true,
        given: [],
        covers: null,
      },
    });
    expect(why({ action })).toContain('expires in 3 d');
  });

  it('counts down to the next attempt', () => {
    const action = inProgress({ activity: 'AwaitingRetry', retryAt: at(112) });
    expect(why({ action })).toBe('Attempt 1 failed; the next one starts in 12 s.');
  });

  it('names what a later run order waits for', () => {
    const first = inProgress({ name: 'Unit', activity: 'Running' });
    const second = anAction({ name: 'Package', runOrder: 2 });
    const stage = { status: 'InProgress' as const, actions: [first, second] };
    expect(why({ action: second, stage })).toBe('Starts after Unit.');
  });

  it('names the stage in front of one not entered', () => {
    const source = aStage({ name: 'Source' });
    const action = anAction();
    const build = aStage({ name: 'Build', actions: [action] });
    const execution = anExecution({ stages: [source, build] });
    expect(whyAction({ execution, stage: build, action, now: 0 })).toBe('Starts after stage Source.');
  });

  it('says that the execution waits for the stage', () => {
    expect(why({ action: anAction(), execution: { waitingForStage: 'Build' } })).toContain('Waits for stage Build');
  });

  it('does not promise anything after the end', () => {
    expect(why({ action: anAction(), execution: { status: 'Failed' } })).toContain('Was not reached');
  });

  it('says in which attempt it worked out', () => {
    const attempts = [anAttempt({ number: 1, status: 'Failed' }), anAttempt({ number: 2, status: 'Succeeded' })];
    const action = anAction({ status: 'Succeeded', startedAt: at(0), endedAt: at(65), attempts });
    expect(why({ action })).toBe('Succeeded in attempt 2 after 1 m 05 s.');
  });
});
