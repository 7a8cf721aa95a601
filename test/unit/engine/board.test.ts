import { describe, expect, it } from 'vitest';
import type { LiveExecution } from '../../../worker/engine/admission.ts';
import { board } from '../../../worker/engine/board.ts';
import type { ExecutionId } from '../../../worker/engine/ids.ts';
import { anAction, anApproval, aPlan, T0 } from '../../support/factories.ts';

const plan = aPlan({ A: [anAction('a')], B: [anApproval('ok'), anAction('b', { runOrder: 2 })] });
const SINCE = new Date(T0).toISOString();

function live(number: number, at: number, more: Partial<LiveExecution> = {}): LiveExecution {
  const stages = ['A', 'B'];
  return {
    id: `e${number}` as ExecutionId,
    number,
    rank: number,
    stages,
    mode: 'QUEUED',
    at,
    waiting: false,
    through: at,
    epoch: 1,
    step: 1,
    since: T0,
    ...more,
  };
}

const seen = (number: number, more: object = {}) => ({
  id: `e${number}`,
  number,
  since: SINCE,
  kind: 'STANDARD',
  isAtGate: false,
  ...more,
});

describe('the board of a pipeline', () => {
  it('shows each stage with its actions, and nothing where nothing is', () => {
    expect(board(plan, [], {})).toEqual([
      {
        name: 'A',
        actions: [{ name: 'a', type: 'Compute/Commands', runOrder: 1 }],
        transition: { enabled: true, by: null, at: null, reason: null },
        inside: [],
        inbound: [],
        lastSucceeded: null,
      },
      {
        name: 'B',
        actions: [
          { name: 'ok', type: 'Approval/Manual', runOrder: 1 },
          { name: 'b', type: 'Compute/Commands', runOrder: 2 },
        ],
        transition: { enabled: true, by: null, at: null, reason: null },
        inside: [],
        inbound: [],
        lastSucceeded: null,
      },
    ]);
  });

  it('shows who is inside and who waits in front, at a gate or for the lock', () => {
    const waiting = { waiting: true, through: 0 };
    const rows = [
      live(1, 1),
      live(2, 1, { ...waiting, isShut: true }),
      live(3, 1, { ...waiting, isRollback: true }),
      live(4, 0),
    ];
    const [a, b] = board(plan, rows, {});
    expect(a).toMatchObject({ inside: [seen(4)], inbound: [] });
    expect(b).toMatchObject({
      inside: [seen(1)],
      inbound: [seen(2, { isAtGate: true }), seen(3, { kind: 'ROLLBACK' })],
    });
  });

  it('shows those who must end only while they still hold the stage', () => {
    const rows = [live(1, 0, { ending: 'Cancelled' }), live(2, 0, { ending: 'Superseded', waiting: true })];
    expect(board(plan, rows, {})[0]).toMatchObject({ inside: [seen(1)], inbound: [] });
  });

  it('shows who has closed a transition, when and why', () => {
    const closed = board(plan, [], {}, { B: { by: 'ada', at: T0, reason: 'no deployments' } });
    expect(closed[0]?.transition).toMatchObject({ enabled: true });
    expect(closed[1]?.transition).toEqual({ enabled: false, by: 'ada', at: SINCE, reason: 'no deployments' });
  });

  it('shows the last success: of those on their way, or of those that have ended', () => {
    const lastGood = { A: { id: 'e7' as ExecutionId, number: 7, at: T0 + 1_000 } };
    const success = (id: string, number: number, at = SINCE) => ({ id, number, at });
    const last = (rows: readonly LiveExecution[]) => board(plan, rows, lastGood)[0]?.lastSucceeded;
    expect(last([])).toEqual(success('e7', 7, new Date(T0 + 1_000).toISOString()));
    expect(last([live(8, 1), live(9, 0)])).toEqual(success('e8', 8));
    expect(last([live(8, 1), live(10, 1, { waiting: true }), live(9, 1)])).toEqual(success('e10', 10));
    expect(last([live(9, 0)])).toMatchObject({ number: 7 });
    expect(board(plan, [live(8, 1)], {})[1]?.lastSucceeded).toBeNull();
  });

  it('shows as the last success one that has come back and through again, and none that knows no such stage', () => {
    const lastGood = { A: { id: 'e7' as ExecutionId, number: 7, at: T0 - 1_000 } };
    expect(board(plan, [live(7, 1)], lastGood)[0]?.lastSucceeded).toEqual({ id: 'e7', number: 7, at: SINCE });
    expect(board(plan, [live(8, 1, { stages: ['Old', 'B'] })], {})[0]?.lastSucceeded).toBeNull();
  });

  it('shows stages of older versions as long as somebody is there', () => {
    const old = { stages: ['A', 'Old', 'B'] };
    const stages = board(plan, [live(1, 1, old), live(2, 1, { ...old, waiting: true }), live(3, 2, old)], {});
    expect(stages.map(({ name }) => name)).toEqual(['A', 'B', 'Old']);
    expect(stages[2]).toMatchObject({
      actions: [],
      inside: [seen(1)],
      inbound: [seen(2)],
      lastSucceeded: { id: 'e3' },
    });
    const nowhere = board(plan, [live(4, 9)], {});
    expect(nowhere.map(({ name }) => name)).toEqual(['A', 'B', '']);
  });
});
