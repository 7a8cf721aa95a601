import { describe, expect, it } from 'vitest';
import {
  cancelAll,
  confirm,
  enter,
  type ExecutionMode,
  type Live,
  type LiveExecution,
  move,
  type Newcomer,
  settle,
  stays,
  type Tracks,
  withdraw,
  without,
} from '../../../worker/engine/admission.ts';
import type { ExecutionId } from '../../../worker/engine/ids.ts';
import type { Position } from '../../../worker/engine/position.ts';

const STAGES = ['Source', 'Build', 'Deploy'];

const NO_TRACKS: Tracks = { closed: new Set(), entered: {} };

class GivenPipeline {
  live: Live = [];
  tracks: Tracks = NO_TRACKS;
  #number = 0;
  readonly #steps = new Map<string, number>();
  readonly #mode: ExecutionMode;

  constructor(mode: ExecutionMode = 'SUPERSEDED') {
    this.#mode = mode;
  }

  start(id: string, stages: readonly string[] = STAGES): this {
    this.#number += 1;
    return this.enters({ id: id as ExecutionId, number: this.#number, stages, mode: this.#mode });
  }

  /** Sends one stage of an earlier execution out again. */
  rollback(id: string, at: number): this {
    this.#number += 1;
    const number = this.#number;
    const span = { at, last: at, isRollback: true as const };
    return this.enters({ id: id as ExecutionId, number, stages: STAGES, mode: this.#mode, ...span });
  }

  /** An execution that had ended asks to be let in again. */
  returns(id: string, number: number, at: number): this {
    this.#steps.set(id, 9);
    const back = { at, epoch: 5, step: 9, isReturning: true as const };
    return this.enters({ id: id as ExecutionId, number, stages: STAGES, mode: this.#mode, ...back });
  }

  enters(newcomer: Newcomer): this {
    this.live = enter(this.live, newcomer, this.tracks, 0);
    return this;
  }

  closes(...stages: readonly string[]): this {
    this.tracks = { ...this.tracks, closed: new Set(stages) };
    this.live = settle(this.live, this.tracks, 0);
    return this;
  }

  moves(id: string, position: Moved): this {
    return this.#report(id, position.kind === 'Waiting' ? { isReady: true, ...position } : position);
  }

  /** The execution has heard its latest grant, and tells where it was then. */
  confirms(id: string, stage: number): this {
    const { epoch, step } = this.row(id);
    const position: Position = { kind: 'In', stage, step: stage === this.row(id).at ? step : step + 1 };
    if (position.step > step) this.#steps.set(id, position.step);
    this.live = confirm(this.live, id as ExecutionId, { epoch, position }, this.tracks, 0);
    return this;
  }

  ends(id: string): this {
    return this.#report(id, { kind: 'Ended', status: 'Succeeded', entered: [0, 1, 2], succeeded: [0, 1, 2] });
  }

  row(id: string): LiveExecution {
    const row = this.live.find((candidate) => candidate.id === id);
    if (row === undefined) throw new Error(`${id} is not live`);
    return row;
  }

  #report(id: string, position: DistributiveOmit<Position, 'step'>): this {
    const step = (this.#steps.get(id) ?? 0) + 1;
    this.#steps.set(id, step);
    this.live = move(this.live, id as ExecutionId, { ...position, step }, this.tracks, 0);
    return this;
  }
}
type Moved =
  | { readonly kind: 'In'; readonly stage: number; readonly yields?: true }
  | { readonly kind: 'Waiting'; readonly stage: number; readonly isReady?: boolean };
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
    expect(move(before, 'e1' as ExecutionId, { step: 1, kind: 'In', stage: 0 }, NO_TRACKS, 0)).toBe(before);
    expect(move(before, 'gone' as ExecutionId, { step: 1, kind: 'In', stage: 0 }, NO_TRACKS, 0)).toBe(before);
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
    const live = withdraw(given.live, 'e2' as ExecutionId, 'Stopped', NO_TRACKS, 0);
    expect(live?.find(({ id }) => id === 'e2')?.ending).toBe('Stopped');
    expect(without(live ?? [], 'e2' as ExecutionId)).toHaveLength(1);
  });

  it('leaves an admitted one to its own object', () => {
    const given = new GivenPipeline().start('e1');
    expect(withdraw(given.live, 'e1' as ExecutionId, 'Stopped', NO_TRACKS, 0)).toBeUndefined();
  });
});

describe('a closed transition', () => {
  it('holds up everybody in front of it, and lets them in when it opens', () => {
    const given = new GivenPipeline().closes('Build').start('e1');
    expect(given.row('e1')).toMatchObject({ waiting: false, through: 0 });
    given.moves('e1', { kind: 'Waiting', stage: 1 });
    expect(given.row('e1')).toMatchObject({ waiting: true });
    expect(given.closes().row('e1')).toMatchObject({ waiting: false, through: 2 });
  });

  it('is not promised until whoever could be on the way through has confirmed', () => {
    const given = new GivenPipeline().start('e1').closes('Deploy');
    expect(given.row('e1')).toMatchObject({ through: 2, limit: 1, epoch: 2 });
    expect(given.confirms('e1', 0).row('e1')).toMatchObject({ through: 1 });
    expect(given.row('e1').limit).toBeUndefined();
  });

  it('leaves alone whoever had come through before they heard', () => {
    const given = new GivenPipeline().start('e1').closes('Deploy').confirms('e1', 2);
    expect(given.row('e1')).toMatchObject({ at: 2, through: 2 });
  });

  it('still lets a newer execution supersede the one that waits there', () => {
    const given = new GivenPipeline().closes('Build').start('e1').moves('e1', { kind: 'Waiting', stage: 1 });
    given.start('e2').moves('e2', { kind: 'Waiting', stage: 1 });
    expect(given.row('e1').ending).toBe('Superseded');
  });

  it('takes a limit back when it opens again before the limit was confirmed', () => {
    const given = new GivenPipeline().start('e1').closes('Deploy').closes();
    expect(given.row('e1')).toMatchObject({ through: 2, epoch: 3 });
    expect(given.row('e1').limit).toBeUndefined();
  });
});

describe('a gate of its own', () => {
  it('keeps an execution from being let in, but not from being superseded', () => {
    const given = new GivenPipeline().start('e1').moves('e1', { kind: 'Waiting', stage: 1, isReady: false });
    expect(given.row('e1')).toMatchObject({ waiting: true, isShut: true });
    given.start('e2').moves('e2', { kind: 'Waiting', stage: 1, isReady: false });
    expect(given.row('e1').ending).toBe('Superseded');
  });

  it('is forgotten once it has opened', () => {
    const given = new GivenPipeline().start('e1').moves('e1', { kind: 'Waiting', stage: 1, isReady: false });
    given.moves('e1', { kind: 'Waiting', stage: 1, isReady: true });
    expect(given.row('e1')).toMatchObject({ waiting: false, through: 2 });
  });
});

describe('coming back', () => {
  it('is granted at once when nobody is on the way to the stage', () => {
    const given = new GivenPipeline().returns('old', 1, 2);
    expect(given.row('old')).toMatchObject({ waiting: false, at: 2, through: 2, epoch: 6 });
  });

  it('waits until a newer one that might be in the stage has said that it is not', () => {
    const given = new GivenPipeline().start('e1').ends('e1').start('e2').moves('e2', { kind: 'In', stage: 1 });
    given.returns('e1', 1, 2);
    expect(given.live.map(({ id }) => id)).toEqual(['e1', 'e2']);
    expect(given.row('e1')).toMatchObject({ waiting: true });
    expect(given.row('e2')).toMatchObject({ limit: 1, through: 2 });
    expect(given.confirms('e2', 1).row('e1')).toMatchObject({ waiting: false, through: 2 });
  });

  it('is refused when the newer one turns out to have entered the stage', () => {
    const given = new GivenPipeline().start('e1').ends('e1').start('e2').returns('e1', 1, 2);
    given.confirms('e2', 2);
    expect(given.row('e1').ending).toBe('Refused');
  });

  it('is refused when a newer one has been in the stage and ended', () => {
    const given = new GivenPipeline();
    given.tracks = { closed: new Set(), entered: { Deploy: 2 } };
    expect(given.returns('e1', 1, 2).row('e1').ending).toBe('Refused');
  });
});

describe('a rollback', () => {
  it('goes past those that are still on their way to its stage', () => {
    const given = new GivenPipeline().start('e1').moves('e1', { kind: 'In', stage: 0 }).rollback('back', 2);
    expect(given.live.map(({ id }) => id)).toEqual(['back', 'e1']);
    expect(given.confirms('e1', 0).row('back')).toMatchObject({ waiting: false, at: 2, through: 2 });
    given.ends('back');
    expect(given.row('e1')).toMatchObject({ through: 2 });
  });

  it('waits for the one inside, and is neither superseded nor supersedes', () => {
    const given = new GivenPipeline().start('e1').moves('e1', { kind: 'In', stage: 2 });
    given.start('e2').moves('e2', { kind: 'Waiting', stage: 2 }).rollback('back', 2);
    expect(given.row('back')).toMatchObject({ waiting: true });
    expect(given.row('e2').ending).toBeUndefined();
    given.ends('e1');
    expect(given.row('back')).toMatchObject({ waiting: false });
    expect(given.row('e2')).toMatchObject({ waiting: true });
  });
});

describe('an execution that would make way', () => {
  it('is asked when a newer one waits for its stage', () => {
    const given = new GivenPipeline().start('e1').moves('e1', { kind: 'In', stage: 0, yields: true });
    expect(given.row('e1').isAskedToYield).toBeUndefined();
    given.start('e2');
    expect(given.row('e1').isAskedToYield).toBe(true);
    given.live = stays(given.live, 'e1' as ExecutionId, NO_TRACKS, 0);
    expect(given.row('e1')).not.toHaveProperty('yields');
    expect(given.row('e2')).toMatchObject({ waiting: true });
  });

  it('is left alone in the other modes', () => {
    const given = new GivenPipeline('QUEUED')
      .start('e1')
      .moves('e1', { kind: 'In', stage: 0, yields: true })
      .start('e2');
    expect(given.row('e1').isAskedToYield).toBeUndefined();
  });
});

describe('a change of the pipeline', () => {
  it('cancels all but parallel executions, and frees no stage before its holder has ended', () => {
    const given = new GivenPipeline().start('e1').start('e2');
    const live = cancelAll(given.live, NO_TRACKS, 0);
    expect(live.map(({ ending }) => ending)).toEqual(['Cancelled', 'Cancelled']);
    const next = enter(
      live,
      { id: 'e3' as ExecutionId, number: 3, stages: STAGES, mode: 'SUPERSEDED' },
      NO_TRACKS,
      0,
    );
    expect(next.at(-1)).toMatchObject({ waiting: true });
    expect(cancelAll(new GivenPipeline('PARALLEL').start('p').live, NO_TRACKS, 0)[0]?.ending).toBeUndefined();
  });
});
