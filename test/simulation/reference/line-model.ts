import type { ExecutionMode } from '../../../worker/engine/admission.ts';

/** An execution as the line in front of the stages sees it. */
export interface Walker {
  readonly id: string;
  readonly number: number;
  readonly mode: ExecutionMode;
  /** Either is sent to a stage past those that are on their way there. */
  readonly isRollback: boolean;
  isReturning: boolean;
  readonly last: number;
  at: number;
  isInside: boolean;
  /** Its own gate is shut. */
  isShut: boolean;
  isCancelled: boolean;
  /** It is inside, and makes way for a newer one that waits for the stage. */
  yields: boolean;
  end: 'Superseded' | 'Refused' | 'Cancelled' | 'Stopped' | 'Ended' | undefined;
  readonly entered: Set<number>;
}

/**
 * Who may be in which stage, as one who could see everybody at once would say it: no ranges, no grants, no messages. An execution
 * enters the stage that it stands in front of as soon as nobody is inside, nobody ahead of it has yet to come through, and the
 * transition is open.
 */
export class LineModel {
  readonly stages: number;
  /** Who is further ahead stands further in front. */
  line: Walker[] = [];
  readonly closed = new Set<number>();
  /** The highest number that has ever entered each stage and ended. */
  readonly entered = new Map<number, number>();

  constructor(stages: number) {
    this.stages = stages;
  }

  start(id: string, number: number, mode: ExecutionMode): Walker {
    return this.#join({ ...born(id, number, mode), last: this.stages - 1 });
  }

  rollBack(id: string, number: number, mode: ExecutionMode, stage: number): Walker {
    return this.#join({ ...born(id, number, mode), at: stage, last: stage, isRollback: true });
  }

  /** Undefined: a newer one has been there meanwhile. */
  comeBack(walker: Walker, stage: number): Walker | undefined {
    if (walker.mode !== 'PARALLEL' && this.#isOvertaken(walker.number, stage)) return undefined;
    return this.#join({
      ...walker,
      at: stage,
      isInside: false,
      isShut: false,
      isCancelled: false,
      yields: false,
      end: undefined,
      isReturning: true,
    });
  }

  /** It is done with its stage. */
  goOn(walker: Walker, isShut: boolean): void {
    if (walker.at === walker.last) {
      this.leave(walker, 'Ended');
      return;
    }
    walker.at += 1;
    walker.isShut = isShut;
    walker.yields = false;
    // Whoever may go on does so without standing still.
    walker.isInside = this.#mayEnter(walker, this.line.indexOf(walker));
    if (walker.isInside) walker.entered.add(walker.at);
    this.settle();
  }

  leave(walker: Walker, end: NonNullable<Walker['end']>): void {
    walker.end = end;
    this.line = this.line.filter((other) => other !== walker);
    for (const stage of walker.entered) {
      this.entered.set(stage, Math.max(this.entered.get(stage) ?? 0, walker.number));
    }
    this.settle();
  }

  cancelAll(): void {
    for (const walker of this.line) if (walker.mode !== 'PARALLEL') walker.isCancelled = true;
    this.settle();
  }

  settle(): void {
    for (;;) {
      const loser = this.line.find((walker) => this.#fate(walker) !== undefined);
      if (loser !== undefined) {
        this.leave(loser, this.#fate(loser) ?? 'Ended');
        continue;
      }
      const next = this.line.find((walker, place) => !walker.isInside && this.#mayEnter(walker, place));
      if (next === undefined) return;
      next.isInside = true;
      next.entered.add(next.at);
      next.isReturning = false;
    }
  }

  /** How one ends without having moved. */
  #fate(walker: Walker): Walker['end'] {
    const newer = this.line.filter(
      (other) => other.number > walker.number && !other.isInside && other.at === walker.at && !other.isCancelled,
    );
    if (walker.isInside) {
      const isAsked = walker.yields && !walker.isCancelled && walker.mode === 'SUPERSEDED' && newer.length > 0;
      return isAsked ? 'Superseded' : undefined;
    }
    if (walker.isCancelled) return 'Cancelled';
    const isBeaten = walker.mode === 'SUPERSEDED' && !jumps(walker) && newer.some((other) => !jumps(other));
    if (isBeaten) return 'Superseded';
    const mustBeNewest = walker.isReturning && walker.mode !== 'PARALLEL';
    return mustBeNewest && this.#isOvertaken(walker.number, walker.at) ? 'Refused' : undefined;
  }

  #mayEnter(walker: Walker, place: number): boolean {
    if (walker.isShut || (this.closed.has(walker.at) && !jumps(walker))) return false;
    if (walker.mode === 'PARALLEL') return true;
    return this.line.every((other, index) => {
      if (other === walker || other.mode === 'PARALLEL') return true;
      if (other.isInside && other.at === walker.at) return false;
      const isYetToPass = !other.isCancelled && other.at <= walker.at && walker.at <= other.last;
      return index > place || !isYetToPass;
    });
  }

  #isOvertaken(number: number, stage: number): boolean {
    if ((this.entered.get(stage) ?? 0) > number) return true;
    return this.line.some((other) => other.number > number && other.mode !== 'PARALLEL' && other.entered.has(stage));
  }

  /** Behind everybody; one that is sent to a stage, before the first who is still on the way there. */
  #join(walker: Walker): Walker {
    const onTheWay = this.line.findIndex(
      (other) =>
        other.mode !== 'PARALLEL' &&
        !jumps(other) &&
        (other.at < walker.at || (other.at === walker.at && !other.isInside)),
    );
    const place = !jumps(walker) || onTheWay === -1 ? this.line.length : onTheWay;
    this.line.splice(place, 0, walker);
    this.settle();
    return walker;
  }
}

function born(id: string, number: number, mode: ExecutionMode): Walker {
  return {
    id,
    number,
    mode,
    isRollback: false,
    isReturning: false,
    last: 0,
    at: 0,
    isInside: false,
    isShut: false,
    isCancelled: false,
    yields: false,
    end: undefined,
    entered: new Set(),
  };
}

function jumps({ isRollback, isReturning }: Walker): boolean {
  return isRollback || isReturning;
}
