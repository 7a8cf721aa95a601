import { describe, expect, it } from 'vitest';
import { enter, isEnteredByNewer, type Live, move, type Tracks } from '../../../worker/engine/admission.ts';
import { board } from '../../../worker/engine/board.ts';
import type { ExecutionId } from '../../../worker/engine/ids.ts';
import { anAction, aPlan, T0 } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** What `npm run simulate` has found, each with the seed that showed it. */

describe('retrying all actions while a stage waits for its own retry', () => {
  it('runs those again, too, that have succeeded (histories, seed 80)', () => {
    const [stage] = aPlan({ A: [anAction('a'), anAction('b')] }).stages;
    const retry = { mode: 'FAILED_ACTIONS', retriesMax: 1, backoffMs: 1_000, on: [] } as const;
    const test = Given.execution({ stages: [{ ...stage!, onFailure: { rollback: false, retry } }] });
    test.succeed('A/a').fail('A/b').thenStages('InProgress');
    test.when({ type: 'RetryStage', stage: 'A', mode: 'ALL_ACTIONS', by: 'ada' });
    test.thenAction('A/a', 'InProgress').thenAction('A/b', 'InProgress');
    expect(test.attempt('A/a').number).toBe(2);
  });
});

describe('a rollback that runs in a later stage', () => {
  const tracks: Tracks = { closed: new Set(), entered: {} };
  const stages = ['A', 'B'];
  const rolling = (): Live => {
    const newcomer = { id: 'r2' as ExecutionId, number: 2, stages, mode: 'QUEUED' } as const;
    return enter([], { ...newcomer, at: 1, last: 1, isRollback: true }, tracks, T0);
  };

  it('keeps no older execution from coming back to an earlier one (lines, seed 129)', () => {
    expect(isEnteredByNewer(rolling(), tracks, 1, 'A')).toBe(false);
    expect(isEnteredByNewer(rolling(), tracks, 1, 'B')).toBe(true);
  });

  it('has not succeeded in the stages that it never ran', () => {
    const plan = aPlan({ A: [anAction('a')], B: [anAction('b')] });
    const lastGood = { A: { id: 'e1' as ExecutionId, number: 1, at: T0 } };
    const [a] = board(plan, rolling(), lastGood);
    expect(a?.lastSucceeded).toMatchObject({ id: 'e1' });
  });

  it('is not the last success where a newer execution has passed', () => {
    const plan = aPlan({ A: [anAction('a')], B: [anAction('b')] });
    const lastGood = { A: { id: 'e5' as ExecutionId, number: 5, at: T0 } };
    const back = {
      id: 'e3' as ExecutionId,
      number: 3,
      stages,
      mode: 'QUEUED',
      at: 1,
      epoch: 1,
      isReturning: true,
    } as const;
    const [a] = board(plan, enter([], back, tracks, T0), lastGood);
    expect(a?.lastSucceeded).toMatchObject({ id: 'e5' });
    const ahead = move(
      enter([], { id: 'e7' as ExecutionId, number: 7, stages, mode: 'QUEUED' }, tracks, T0),
      'e7' as ExecutionId,
      { step: 1, kind: 'In', stage: 1 },
      tracks,
      T0,
    );
    expect(board(plan, ahead, lastGood)[0]?.lastSucceeded).toMatchObject({ id: 'e7' });
  });
});
