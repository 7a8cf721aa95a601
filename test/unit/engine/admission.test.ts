import { describe, expect, it } from 'vitest';
import {
  enter,
  type ExecutionMode,
  type Live,
  type LiveExecution,
  move,
  withdraw,
  without,
} from '../../../worker/engine/admission.ts';
import type { ExecutionId } from '../../../worker/engine/ids.ts';
import type { Position } from '../../../worker/engine/position.ts';

const STAGES = ['Source', 'Build', 'Deploy'];

class GivenPipeline {
  live: Live = [];
  #number = 0;
  readonly #steps = new Map<string, number>();
  readonly #mode: ExecutionMode;

  constructor(mode: ExecutionMode = 'SUPERSEDED') {
    this.#mode = mode;
  }

  start(id: string, stages: readonly string[] = STAGES): this {
    this.#number += 1;
    this.live = enter(this.live, { id: id as ExecutionId, number: this.#number, stages, mode: this.#mode }, 0);
    return this;
  }

  moves(id: string, position: Omit<Extract<Position, { kind: 'In' | 'Waiting' }>, 'step'>): this {
    return this.#report(id, position);
  }

  ends(id: string): this {
    return this.#report(id, { kind: 'Ended', status: 'Succeeded', succeeded: 3 });
  }

  row(id: string): LiveExecution {
    const row = this.live.find((candidate) => candidate.id === id);
    if (row === undefined) throw new Error(`${id} is not live`);
    return row;
  }

  #report(id: string, position: DistributiveOmit<Position, 'step'>): this {
    const step = (this.#steps.get(id) ?? 0) + 1;
    this.#steps.set(id, step);
    this.live = move(this.live, id as ExecutionId, { ...position, step }, 0);
    return this;
  }
}
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

describe('admission in SUPERSEDED mode', () => {
  it('grants the execution in front all stages at once', () => {
    expect(new GivenPipeline().start('e1').row('e1')).toMatchObject({ waiting: false, through: 2, epoch: 1 });
  });

  it('lets a second execution wait in front of the first stage while the first one is in it', () => {
    expect(new GivenPipeline().start('e1').start('e2').row('e2')).toMatchObject({
      waiting: true,
      at: 0,
      through: -1,
      epoch: 0,
    });
  });

  it('widens the follower when the execution ahead moves on', () => {
    const given = new GivenPipeline().start('e1').start('e2').moves('e1', { kind: 'In', stage: 2 });
    expect(given.row('e2')).toMatchObject({ waiting: false, at: 0, through: 1, epoch: 1 });
  });

  it('supersedes the older one of two that wait in the same place', () => {
    const given = new GivenPipeline().start('e1').start('e2').start('e3');
    expect(given.row('e2').ending).toBe('Superseded');
    expect(given.row('e3')).toMatchObject({ waiting: true, at: 0 });
  });

  it('supersedes between stages, never inside one', () => {
    const given = new GivenPipeline().start('e1').moves('e1', { kind: 'In', stage: 1 });
    given.start('e2').moves('e2', { kind: 'Waiting', stage: 1 });
    given.start('e3');
    expect(given.row('e3')).toMatchObject({ waiting: false, through: 0 });
    expect(given.row('e2').ending).toBeUndefined();
    given.moves('e3', { kind: 'Waiting', stage: 1 });
    expect(given.row('e2').ending).toBe('Superseded');
    expect(given.row('e3').ending).toBeUndefined();
  });

  it('admits the one that waits when the stage is left', () => {
    const given = new GivenPipeline().start('e1').moves('e1', { kind: 'In', stage: 1 }).start('e2');
    given.moves('e2', { kind: 'Waiting', stage: 1 }).moves('e1', { kind: 'In', stage: 2 });
    expect(given.row('e2')).toMatchObject({ waiting: false, at: 1, through: 1, epoch: 2 });
    given.ends('e1');
    expect(given.row('e2')).toMatchObject({ through: 2, epoch: 3 });
  });

  it('releases everything when an execution ends', () => {
    const given = new GivenPipeline().start('e1').start('e2').ends('e1');
    expect(given.live).toHaveLength(1);
    expect(given.row('e2')).toMatchObject({ waiting: false, through: 2 });
  });

  it('takes no notice of a position that is repeated or outdated', () => {
    const given = new GivenPipeline().start('e1').moves('e1', { kind: 'In', stage: 1 });
    const before = given.live;
    expect(move(before, 'e1' as ExecutionId, { step: 1, kind: 'In', stage: 0 }, 0)).toBe(before);
    expect(move(before, 'gone' as ExecutionId, { step: 1, kind: 'In', stage: 0 }, 0)).toBe(before);
  });

  it('never lets a newer version overtake through a stage that an older one has yet to pass', () => {
    const given = new GivenPipeline().start('e1', ['Source', 'Build', 'Deploy']);
    given.moves('e1', { kind: 'In', stage: 1 }).start('e2', ['Source', 'Scan', 'Deploy']);
    expect(given.row('e2')).toMatchObject({ waiting: false, through: 1 });
    given.ends('e1');
    expect(given.row('e2')).toMatchObject({ through: 2 });
  });
});

describe('admission in the other modes', () => {
  it('QUEUED: keeps everybody, in order', () => {
    const given = new GivenPipeline('QUEUED').start('e1').start('e2').start('e3');
    expect(given.live.map(({ ending }) => ending)).toEqual([undefined, undefined, undefined]);
    given.ends('e1');
    expect(given.row('e2')).toMatchObject({ waiting: false, through: 2 });
    expect(given.row('e3')).toMatchObject({ waiting: true });
  });

  it('PARALLEL: holds nobody up', () => {
    const given = new GivenPipeline('PARALLEL').start('e1').start('e2');
    expect(given.live.map(({ through }) => through)).toEqual([2, 2]);
  });
});

describe('withdrawing', () => {
  it('ends an execution that was never admitted', () => {
    const given = new GivenPipeline().start('e1').start('e2');
    const live = withdraw(given.live, 'e2' as ExecutionId, 0);
    expect(live?.find(({ id }) => id === 'e2')?.ending).toBe('Stopped');
    expect(without(live ?? [], 'e2' as ExecutionId)).toHaveLength(1);
  });

  it('leaves an admitted one to its own object', () => {
    const given = new GivenPipeline().start('e1');
    expect(withdraw(given.live, 'e1' as ExecutionId, 0)).toBeUndefined();
  });
});
