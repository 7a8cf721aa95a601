import { describe, expect, it } from 'vitest';
import type { LiveExecution } from '../../../../worker/engine/admission.ts';
import type { ExecutionId } from '../../../../worker/engine/ids.ts';
import { placeInQueue, type Queue, whyAdmission, whyNotIn } from '../../../../worker/engine/why/admission.ts';
import { whyPipeline } from '../../../../worker/engine/why/pipeline.ts';
import type { Reason } from '../../../../worker/engine/why/reason.ts';
import { MINUTE } from '../../../support/factories.ts';

/** What people read of an execution that the pipeline has not let in: who is before it, and what ends the wait. */

const DAY = 24 * 60 * MINUTE;

function row(number: number, at: number, more: Partial<LiveExecution> = {}): LiveExecution {
  const id = `e${number}` as ExecutionId;
  const stages = ['Build', 'Go live', 'Verify'];
  const inside = { waiting: false, through: at };
  return { id, number, rank: number, stages, mode: 'QUEUED', at, ...inside, epoch: 1, step: 1, since: 9, ...more };
}
const waits = (number: number, at: number, more: Partial<LiveExecution> = {}): LiveExecution =>
  row(number, at, { waiting: true, through: at - 1, ...more });

function queue(live: readonly LiveExecution[], transitions: Queue['transitions'] = {}): Queue {
  return { pipeline: 'web shop', live, transitions };
}
function why(number: number, live: readonly LiveExecution[], transitions: Queue['transitions'] = {}) {
  const found = live.find((one) => one.number === number);
  if (found === undefined) throw new Error(String(number));
  return whyAdmission(queue(live, transitions), found);
}
const holder = (number: number) =>
  ({ type: 'execution', id: `e${number}`, number, href: `/executions/e${number}` }) as const;
const of = (number: number, place?: number) => ({
  subject: { type: 'stage', execution: `e${number}`, stage: 'Go live' } as const,
  ...(place === undefined ? {} : { place }),
  since: 9,
  deadline: 9 + 30 * DAY,
});
const held = (number: number, by: number, place: number): Reason => ({
  ...of(number, place),
  kind: 'StageHeld',
  owner: 'execution',
  message: `Execution ${by} is in Go live.`,
  holder: holder(by),
  until: `Execution ${by} leaves Go live.`,
});
const behind = (number: number, next: number, place: number, more: Partial<Reason> = {}): Reason => ({
  ...of(number, place),
  kind: 'Behind',
  owner: 'execution',
  message: `Execution ${next} comes before it.`,
  holder: holder(next),
  until: `Execution ${next} has come through Go live.`,
  ...more,
});
const shut = (number: number): Reason => ({
  ...of(number),
  kind: 'AtGate',
  owner: 'execution',
  message: 'A gate of its own in front of Go live is shut.',
  holder: holder(number),
  until: 'Its gate opens, or is overridden.',
});
const toldAgain = 'The execution hears of it. It is told again and again.';

describe('the pipeline says', () => {
  it('nothing of an execution that is inside a stage', () => {
    expect(why(2, [row(1, 1), row(2, 1)])).toEqual([]);
  });

  it('who is inside', () => {
    expect(why(2, [row(1, 1), waits(2, 1)])).toStrictEqual([held(2, 1, 1)]);
    // Somebody who must end holds its stage until it has, and nothing beyond.
    expect(why(2, [row(1, 1, { ending: 'Cancelled' }), waits(2, 1)])).toStrictEqual([held(2, 1, 1)]);
    expect(why(2, [row(1, 0, { ending: 'Cancelled' }), waits(2, 1)])).toEqual([]);
  });

  it('who comes first, and what keeps the very first', () => {
    const live = [waits(1, 1, { isShut: true }), waits(2, 1), waits(3, 1)];
    expect(why(1, live)).toStrictEqual([shut(1)]);
    expect(why(2, live)).toStrictEqual([behind(2, 1, 2, { because: [shut(1)] })]);
    expect(why(3, live)).toStrictEqual([behind(3, 2, 3, { because: [shut(1)] })]);
    const message = 'Execution 1 comes before it. A rollback goes first.';
    expect(why(2, [waits(1, 1, { isRollback: true }), waits(2, 1)])).toStrictEqual([behind(2, 1, 2, { message })]);
    // Once somebody is inside, that one is the reason of all.
    expect(why(3, [row(1, 1), waits(2, 1, { isShut: true }), waits(3, 1)])).toStrictEqual([
      held(3, 1, 2),
      behind(3, 2, 2),
    ]);
  });

  it('who is further ahead and has yet to come through, but not who has done so, nor who runs in parallel', () => {
    expect(why(2, [row(1, 0), waits(2, 1)])).toStrictEqual([behind(2, 1, 1)]);
    expect(why(2, [row(1, 2), waits(2, 1)])).toEqual([]);
    expect(why(2, [row(1, 0, { last: 0 }), waits(2, 1)])).toEqual([]);
    expect(why(2, [row(1, 1, { mode: 'PARALLEL' }), waits(2, 1), row(3, 1, { mode: 'PARALLEL' })])).toEqual([]);
    expect(why(2, [row(1, 1), waits(2, 1, { mode: 'PARALLEL' })])).toEqual([]);
  });

  it('who stands behind it and may enter all the same', () => {
    const unconfirmed = (message: string): Reason => ({
      ...of(1, 1),
      kind: 'GrantUnconfirmed',
      owner: 'pipeline',
      message,
      holder: holder(2),
      until: 'Execution 2 confirms, or has come through.',
    });
    const told = 'Execution 2 had been allowed into Go live and has not confirmed yet that it will not enter.';
    expect(why(1, [waits(1, 1), row(2, 0, { through: 1 })])).toStrictEqual([
      unconfirmed('Execution 2 has been let as far as Go live.'),
    ]);
    expect(why(1, [waits(1, 1), row(2, 0, { through: 1, limit: 0 })])).toStrictEqual([unconfirmed(told)]);
    expect(why(1, [waits(1, 1), row(2, 0)])).toEqual([]);
    expect(why(1, [waits(1, 1), row(2, 1)])).toStrictEqual([held(1, 2, 1)]);
  });

  it('who has closed the way in, which those sent to a stage for a second time need not heed', () => {
    const closed = { 'Go live': { by: 'bob', at: 12, reason: 'audit' } };
    const disabled: Reason = {
      kind: 'TransitionDisabled',
      subject: { type: 'stage', execution: 'e1', stage: 'Go live' },
      owner: 'person',
      message: 'bob has closed the transition into Go live: audit',
      holder: { type: 'transition', id: 'Go live', href: '/pipelines/web%20shop' },
      place: 1,
      since: 12,
      deadline: 9 + 30 * DAY,
      until: 'Somebody opens it.',
      may: [
        {
          what: 'Open the transition',
          who: 'Everybody who may change transitions',
          call: 'PUT /pipelines/web%20shop/stages/Go%20live/transition',
        },
      ],
    };
    expect(why(1, [waits(1, 1)], closed)).toStrictEqual([disabled]);
    expect(why(1, [waits(1, 1, { since: 20 })], closed)).toMatchObject([{ since: 20 }]);
    const { place: _, ...inNoQueue } = disabled;
    expect(why(1, [waits(1, 1, { mode: 'PARALLEL' })], closed)).toStrictEqual([inNoQueue]);
    expect(why(1, [waits(1, 1, { isRollback: true })], closed)).toEqual([]);
    expect(why(1, [waits(1, 0)], closed)).toEqual([]);
    const curt = { 'Go live': { by: 'bob', at: 12, reason: '' } };
    expect(why(1, [waits(1, 1)], curt)).toMatchObject([{ message: 'bob has closed the transition into Go live.' }]);
  });

  it('that word of an end or of a grant is on its way', () => {
    const ending = (number: number): Reason => ({
      ...of(number),
      kind: 'EndUnderWay',
      owner: 'pipeline',
      message: 'It is to end Stopped; word of it is on its way.',
      until: toldAgain,
    });
    expect(why(1, [waits(1, 1, { ending: 'Stopped', isShut: true })])).toStrictEqual([ending(1)]);
    const notIn = (one: LiveExecution, stage: string) => whyNotIn(queue([row(9, 0), one]), one.id, stage);
    expect(notIn(row(1, 1, { ending: 'Stopped' }), 'Go live')).toStrictEqual([ending(1)]);
    expect(notIn(waits(1, 1, { isShut: true }), 'Go live')).toStrictEqual([shut(1)]);
    expect(notIn(row(1, 1), 'Go live')).toStrictEqual([
      {
        ...of(1),
        kind: 'GrantUnderWay',
        owner: 'pipeline',
        message: 'It has been let into Go live; word of it is on its way.',
        until: toldAgain,
      },
    ]);
    expect(notIn(row(1, 1), 'Verify')).toBeUndefined();
    expect(notIn(row(1, 0, { through: 2, limit: 1 }), 'Verify')).toBeUndefined();
  });

  it('that one which comes back is answered within an hour', () => {
    const live = [row(1, 1), waits(2, 1, { isReturning: true })];
    expect(why(2, live)).toStrictEqual([{ ...held(2, 1, 1), deadline: 9 + 60 * MINUTE }]);
  });
});

it('the place in the queue counts those who wait for the same stage', () => {
  const places = (...live: readonly LiveExecution[]) => live.map((one) => placeInQueue(live, one));
  expect(places(row(1, 1), waits(2, 1), waits(3, 0), waits(4, 1))).toEqual([undefined, 1, 1, 2]);
  const odd = [waits(1, 1, { ending: 'Superseded' }), waits(2, 1, { mode: 'PARALLEL' }), waits(3, 1)];
  expect(places(...odd)).toEqual([undefined, undefined, 1]);
});

it('of a whole pipeline, the closed transitions are told and everybody in line', () => {
  const live = [row(1, 1), waits(2, 1)];
  const told = whyPipeline(queue(live, { Verify: { by: 'bob', at: 12, reason: '' } }));
  expect(told).toStrictEqual({
    transitions: [
      {
        kind: 'TransitionDisabled',
        subject: { type: 'transition', stage: 'Verify' },
        owner: 'person',
        message: 'bob has closed the transition into Verify.',
        holder: { type: 'transition', id: 'Verify', href: '/pipelines/web%20shop' },
        since: 12,
        until: 'Somebody opens it.',
        may: [
          {
            what: 'Open the transition',
            who: 'Everybody who may change transitions',
            call: 'PUT /pipelines/web%20shop/stages/Verify/transition',
          },
        ],
      },
    ],
    executions: [
      { id: 'e1', number: 1, reasons: [] },
      { id: 'e2', number: 2, reasons: [held(2, 1, 1)] },
    ],
  });
});
