import { describe, expect, it } from 'vitest';
import { confirm, enter, type Live, move, settle, type Tracks } from '../../../worker/engine/admission.ts';
import type { ExecutionId } from '../../../worker/engine/ids.ts';
import { positionOf } from '../../../worker/engine/position.ts';
import { aCondition, anAction, aPlan, aRule, T0 } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** What walking through every interleaving has found: `test/simulation/exhaustive`. */

const open: Tracks = { closed: new Set(), entered: {} };
const closed: Tracks = { closed: new Set(['B']), entered: {} };
const one = 'e1' as ExecutionId;

describe('an execution that waits while its grant is on its way', () => {
  /** It has been let into both stages, and does not know of it yet. */
  const granted = (): Live => {
    const stages = ['A', 'B'];
    const inA = enter([], { id: one, number: 1, stages, mode: 'QUEUED', epoch: 1 }, closed, T0);
    return settle(inA, open, T0);
  };
  const waiting = { kind: 'Waiting', stage: 1, step: 2, isReady: true } as const;

  it('may be in the stage by the time its wait is heard of', () => {
    const [row] = granted();
    expect(row).toMatchObject({ at: 0, through: 1, epoch: 3 });
    const heard = move(granted(), one, { ...waiting, epoch: 2 }, open, T0);
    expect(heard).toEqual(granted());
    // The transition closes: it is told, and until it has confirmed, the stage is not taken to be free.
    const narrowed = settle(heard, closed, T0);
    expect(narrowed[0]).toMatchObject({ through: 1, limit: 0, epoch: 4 });
    expect(move(narrowed, one, { ...waiting, epoch: 2 }, closed, T0)).toEqual(narrowed);
  });

  it('holds nothing once it has heard of everything', () => {
    const narrowed = settle(granted(), closed, T0);
    const position = { ...waiting, epoch: 4 };
    const [row] = confirm(narrowed, one, { epoch: 4, position }, closed, T0);
    expect(row).toMatchObject({ at: 1, waiting: true, through: 0 });
    expect(row).not.toHaveProperty('limit');
    const [last] = move(granted(), one, { ...waiting, epoch: 3 }, closed, T0);
    expect(last).toMatchObject({ at: 1, waiting: true, through: 0 });
  });

  it('is taken at its word when no grant goes so far, and when it does not say', () => {
    const short = enter([], { id: one, number: 1, stages: ['A', 'B'], mode: 'QUEUED', epoch: 1 }, closed, T0);
    expect(move(short, one, { ...waiting, epoch: 0 }, closed, T0)[0]).toMatchObject({ at: 1, waiting: true });
    expect(move(granted(), one, waiting, closed, T0)[0]).toMatchObject({ at: 1, waiting: true });
  });

  it('holds the stage while it looks at its gate once more', () => {
    const [row] = confirm(granted(), one, { epoch: 3, position: { ...waiting, epoch: 2 } }, closed, T0);
    expect(row).toMatchObject({ at: 1, waiting: false, through: 1, step: 2 });
    const [older] = confirm(granted(), one, { epoch: 2, position: { ...waiting, epoch: 1 } }, closed, T0);
    expect(older).toMatchObject({ at: 0, through: 1 });
  });

  it('says up to which grant that is', () => {
    const [a, b] = aPlan({ A: [anAction('a')], B: [anAction('b')] }).stages;
    const gate = aCondition('B', 'beforeEntry', { otherwise: 'WAIT', rules: [aRule('r')] });
    const test = Given.execution({ stages: [a!, { ...b!, beforeEntry: gate }] }, {}, 0).succeed('A/a');
    expect(positionOf(test.state!)).toMatchObject({ kind: 'Waiting', isReady: false, epoch: 1 });
    test.when({ type: 'Admit', epoch: 5, through: 1 });
    expect(positionOf(test.state!)).toMatchObject({ kind: 'Waiting', isReady: false, epoch: 4 });
  });
});

describe('an execution that comes back', () => {
  const plan = aPlan({ A: [anAction('a')], B: [anAction('b')] });

  it('is not let in by what was granted to the life before', () => {
    const test = Given.execution(plan, {}, 0).fail('A/a');
    test.when({ type: 'RetryStage', stage: 'A', mode: 'FAILED_ACTIONS', by: 'ada' });
    const { epoch } = test.state!.admission;
    test.when({ type: 'Admit', epoch: 2, through: 1 }).thenNothingHappened();
    expect(positionOf(test.state!)).toMatchObject({ kind: 'Returning', epoch });
    test.when({ type: 'Admit', epoch: epoch + 1, through: 1 }).thenStatus('InProgress');
  });

  it('says how it had ended, in case nobody has heard', () => {
    const test = Given.execution(plan).succeed('A/a').fail('B/b');
    test.when({ type: 'RetryStage', stage: 'B', mode: 'FAILED_ACTIONS', by: 'ada' });
    const end = { status: 'Failed', entered: [0, 1], succeeded: [0] };
    expect(positionOf(test.state!)).toMatchObject({ kind: 'Returning', end });
  });
});
