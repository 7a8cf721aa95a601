import { describe, expect, it } from 'vitest';
import {
  confirm,
  enter,
  type Live,
  move,
  type Newcomer,
  settle,
  type Tracks,
} from '../../../../worker/engine/admission.ts';
import type { ExecutionId } from '../../../../worker/engine/ids.ts';
import { whyAdmission, whyNotIn } from '../../../../worker/engine/why/admission.ts';
import { MINUTE } from '../../../support/factories.ts';

const DAY = 24 * 60 * MINUTE;
const STAGES = ['Build', 'Deploy'];

class GivenQueue {
  live: Live = [];
  #tracks: Tracks = { closed: new Set(), entered: {} };

  enters(number: number, of: Partial<Newcomer> = {}): this {
    const id = `e${number}` as ExecutionId;
    this.live = enter(this.live, { id, number, stages: STAGES, mode: 'QUEUED', ...of }, this.#tracks, number);
    return this;
  }

  closes(stage: string): this {
    this.#tracks = { ...this.#tracks, closed: new Set([stage]) };
    this.live = settle(this.live, this.#tracks, 100);
    return this;
  }

  isAt(number: number, stage: number, waiting?: 'ready' | 'shut'): this {
    const { id, step, epoch } = this.row(number);
    const position =
      waiting === undefined
        ? ({ step: step + 1, kind: 'In', stage } as const)
        : ({ step: step + 1, kind: 'Waiting', stage, isReady: waiting === 'ready' } as const);
    this.live = move(this.live, id, position, this.#tracks, 100);
    this.live = confirm(this.live, id, { epoch, position }, this.#tracks, 100);
    return this;
  }

  why(number: number): ReturnType<typeof whyAdmission> {
    const transitions = Object.fromEntries(
      [...this.#tracks.closed].map((stage) => [stage, { by: 'bob', at: 50, reason: 'audit' }]),
    );
    return whyAdmission({ pipeline: 'web shop', live: this.live, transitions }, this.row(number));
  }

  row(number: number): Live[number] {
    return this.live.find((row) => row.number === number)!;
  }
}

describe('why the pipeline does not let an execution in', () => {
  it('names who is in the stage, and the place in the queue', () => {
    const given = new GivenQueue().enters(1).enters(2).enters(3);
    expect(given.why(1)).toEqual([]);
    expect(given.why(2)).toEqual([
      expect.objectContaining({
        kind: 'StageHeld',
        message: 'Execution 1 is in Build.',
        holder: { type: 'execution', id: 'e1', number: 1, href: '/executions/e1' },
        place: 1,
        since: 2,
        deadline: 2 + 30 * DAY,
      }),
    ]);
    expect(given.why(3)).toMatchObject([
      { kind: 'StageHeld', holder: { number: 1 }, place: 2 },
      { kind: 'Behind', holder: { number: 2 }, place: 2 },
    ]);
  });

  it('says who has closed the transition, why, and how it is opened', () => {
    const given = new GivenQueue().closes('Build').enters(1).enters(2);
    const closed = {
      kind: 'TransitionDisabled',
      owner: 'person',
      message: 'bob has closed the transition into Build: audit',
      holder: { type: 'transition', href: '/pipelines/web%20shop' },
      may: [{ call: 'PUT /pipelines/web%20shop/stages/Build/transition' }],
    };
    expect(given.why(1)).toMatchObject([{ ...closed, place: 1, since: 50, deadline: 1 + 30 * DAY }]);
    expect(given.why(2)).toMatchObject([closed, { kind: 'Behind', because: [closed] }]);
  });

  it('says that the first in the queue stands at a gate of its own', () => {
    const given = new GivenQueue().enters(1).isAt(1, 0, 'shut').enters(2);
    expect(given.why(1)).toMatchObject([{ kind: 'AtGate', holder: { number: 1 } }]);
    expect(given.why(2)).toMatchObject([
      { kind: 'Behind', place: 2, because: [{ kind: 'AtGate', holder: { number: 1 } }] },
    ]);
  });

  it('says that a rollback goes first, and that a grant must be given up before', () => {
    const given = new GivenQueue().enters(1).enters(2, { at: 1, last: 1, isRollback: true });
    // Execution 1 had been let as far as Deploy, and has not said yet that it stops before it.
    expect(given.why(2)).toMatchObject([{ kind: 'GrantUnconfirmed', holder: { number: 1 }, owner: 'pipeline' }]);
    given.isAt(1, 0);
    expect(given.why(2)).toEqual([]);
    given.isAt(1, 1, 'ready');
    expect(given.why(1)).toMatchObject([{ kind: 'StageHeld', holder: { number: 2 } }]);
  });

  it('gives an execution that comes back an hour', () => {
    const given = new GivenQueue().enters(1).enters(2, { at: 0, epoch: 3, step: 4, isReturning: true });
    expect(given.why(2)).toMatchObject([{ kind: 'StageHeld', deadline: 2 + 60 * MINUTE }]);
  });

  it('says that one that is to end has not heard so yet', () => {
    const given = new GivenQueue().enters(2).isAt(2, 0).enters(1, { at: 0, epoch: 3, step: 4, isReturning: true });
    expect(given.why(1)).toMatchObject([
      { kind: 'EndUnderWay', message: 'It is to end Refused; word of it is on its way.' },
    ]);
  });

  it('says that word of a grant is on its way', () => {
    const queue = { pipeline: 'shop', live: new GivenQueue().enters(1).live, transitions: {} };
    const e1 = 'e1' as ExecutionId;
    expect(whyNotIn(queue, e1, 'Build')).toMatchObject([{ kind: 'GrantUnderWay', owner: 'pipeline' }]);
    expect(whyNotIn(queue, 'e2' as ExecutionId, 'Build')).toBeUndefined();
  });

  it('has nothing to say about a wait that the pipeline has not heard of', () => {
    const { live } = new GivenQueue().closes('Deploy').enters(1);
    expect(whyNotIn({ pipeline: 'shop', live, transitions: {} }, 'e1' as ExecutionId, 'Deploy')).toBeUndefined();
  });
});
