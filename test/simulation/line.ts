import {
  cancelAll,
  confirm,
  enter,
  type ExecutionMode,
  granted,
  held,
  isEnteredByNewer,
  isInLine,
  jumps,
  type Live,
  type LiveExecution,
  move,
  settle,
  stays,
  type Tracks,
  without,
} from '../../worker/engine/admission.ts';
import type { ExecutionId } from '../../worker/engine/ids.ts';
import type { Position } from '../../worker/engine/position.ts';
import { T0 } from '../support/factories.ts';
import { LineModel, type Walker } from './reference/line-model.ts';
import { Violation } from './violation.ts';
import { Chance } from './world.ts';

/** What an execution knows of itself: it takes each grant in at once, and says at once where it is. */
interface Member {
  readonly walker: Walker;
  epoch: number;
  through: number;
  step: number;
  at: number;
  isInside: boolean;
  isShut: boolean;
}

export interface LineReport {
  readonly moves: number;
}

/** One pipeline's line under a random course of events, with messages that take no time, beside the reference model. */
export function playLine(seed: number): LineReport {
  return new Line(seed).play();
}

class Line {
  readonly #chance: Chance;
  readonly #model: LineModel;
  readonly #names: readonly string[];
  readonly #modes: readonly ExecutionMode[];
  readonly #members = new Map<string, Member>();
  /** They have failed or were stopped, and may come back. */
  readonly #failed: Member[] = [];
  #live: Live = [];
  #closed: ReadonlySet<string> = new Set();
  #entered: Record<string, number> = {};
  #number = 0;
  #at = T0;

  constructor(seed: number) {
    this.#chance = new Chance(seed ^ 0x5bd1e995);
    const stages = this.#chance.whole(1, 4);
    this.#names = Array.from({ length: stages }, (_, index) => `S${index}`);
    this.#model = new LineModel(stages);
    const mode = this.#chance.of<ExecutionMode>(['SUPERSEDED', 'SUPERSEDED', 'QUEUED', 'PARALLEL']);
    this.#modes = this.#chance.is(0.15) ? ['SUPERSEDED', 'QUEUED', 'PARALLEL'] : [mode];
  }

  play(): LineReport {
    const moves = this.#chance.whole(5, 40);
    for (let index = 0; index < moves; index += 1) {
      this.#at += 1;
      const what = this.#move();
      this.#deliver();
      this.#compare(what);
    }
    return { moves };
  }

  get #tracks(): Tracks {
    return { closed: this.#closed, entered: this.#entered };
  }

  #move(): string {
    const { is, of, whole } = bound(this.#chance);
    const members = [...this.#members.values()];
    const inside = members.filter(({ isInside }) => isInside);
    const waiting = members.filter(({ isInside }) => !isInside);
    if (members.length === 0 || is(0.2)) return this.#start();
    if (is(0.06)) return this.#rollBack(whole(0, this.#names.length - 1));
    if (this.#failed.length > 0 && is(0.15)) return this.#comeBack(of(this.#failed));
    if (is(0.1)) return this.#switch(whole(0, this.#names.length - 1));
    if (is(0.01)) return this.#cancelAll();
    if (waiting.length > 0 && is(0.25)) return is(0.6) ? this.#toggleGate(of(waiting)) : this.#stop(of(waiting));
    if (inside.length === 0) return 'nothing';
    if (is(0.2)) return this.#offerToYield(of(inside), is(0.7));
    return is(0.2) ? this.#stop(of(inside)) : this.#goOn(of(inside), is(0.2));
  }

  #start(): string {
    this.#number += 1;
    const id = `e${this.#number}`;
    const mode = this.#chance.of(this.#modes);
    this.#adopt(this.#model.start(id, this.#number, mode));
    const newcomer = { id: id as ExecutionId, number: this.#number, stages: this.#names, mode };
    this.#live = enter(this.#live, newcomer, this.#tracks, this.#at);
    return `start ${id}`;
  }

  #rollBack(stage: number): string {
    this.#number += 1;
    const id = `e${this.#number}`;
    const mode = this.#chance.of(this.#modes);
    this.#adopt(this.#model.rollBack(id, this.#number, mode, stage), stage);
    const newcomer = { id: id as ExecutionId, number: this.#number, stages: this.#names, mode };
    const span = { at: stage, last: stage, isRollback: true } as const;
    this.#live = enter(this.#live, { ...newcomer, ...span }, this.#tracks, this.#at);
    return `roll back ${id} to ${stage}`;
  }

  #comeBack(member: Member): string {
    const { id, number, mode, last, isRollback } = member.walker;
    this.#failed.splice(this.#failed.indexOf(member), 1);
    const stage = isRollback ? member.at : this.#chance.whole(0, member.at);
    const name = this.#names[stage] ?? '';
    const walker = this.#model.comeBack(member.walker, stage);
    const isOrdered = mode !== 'PARALLEL';
    const isRefused = isOrdered && isEnteredByNewer(this.#live, this.#tracks, number, name);
    if (isRefused !== (walker === undefined)) throw new Violation(`I6 only one lets ${id} come back to ${name}`);
    if (walker === undefined) return 'nothing';
    const { epoch, step } = member;
    this.#members.set(id, {
      ...member,
      walker,
      step: step + 1,
      at: stage,
      through: stage - 1,
      isInside: false,
      isShut: false,
    });
    const newcomer = {
      id: id as ExecutionId,
      number,
      stages: this.#names,
      mode,
      at: stage,
      last,
      epoch,
      step: step + 1,
    };
    const kind = isRollback ? { isRollback } : {};
    this.#live = enter(this.#live, { ...newcomer, ...kind, isReturning: true }, this.#tracks, this.#at);
    return `${id} comes back to ${stage}`;
  }

  #switch(stage: number): string {
    const closed = this.#model.closed;
    if (!closed.delete(stage)) closed.add(stage);
    this.#closed = new Set([...closed].map((index) => this.#names[index] ?? ''));
    this.#model.settle();
    this.#live = settle(this.#live, this.#tracks, this.#at);
    return `switch ${stage}`;
  }

  #cancelAll(): string {
    this.#model.cancelAll();
    this.#live = cancelAll(this.#live, this.#tracks, this.#at);
    // Whoever is inside hears of it and ends at once; those who wait are told below.
    for (const member of [...this.#members.values()].filter(({ walker }) => walker.isInside && walker.isCancelled)) {
      this.#model.leave(member.walker, 'Cancelled');
      this.#end(member);
    }
    return 'cancel all';
  }

  #toggleGate(member: Member): string {
    member.isShut = !member.isShut;
    member.walker.isShut = member.isShut;
    this.#model.settle();
    if (this.#row(member)?.epoch === 0) {
      member.walker.isShut = member.isShut = false;
    } // it has no object to have a gate
    else this.#report(member, { step: 0, kind: 'Waiting', stage: member.at, isReady: !member.isShut });
    return `gate of ${member.walker.id}`;
  }

  /** An approval that makes way is asked for, or answered: of the latter the pipeline hears nothing. */
  #offerToYield(member: Member, isAsked: boolean): string {
    member.walker.yields = isAsked;
    if (isAsked) this.#report(member, { step: 0, kind: 'In', stage: member.at, yields: true });
    this.#model.settle();
    return `${member.walker.id} ${isAsked ? 'offers to yield' : 'stays'}`;
  }

  #goOn(member: Member, isShut: boolean): string {
    const { walker } = member;
    if (walker.isCancelled || member.at === walker.last) {
      this.#model.goOn(walker, false);
      this.#end(member);
      return `${walker.id} ends`;
    }
    member.at += 1;
    // A gate of its own is asked before the lock, so it stops in front of it whatever it was granted.
    const isWaiting = isShut || member.at > member.through;
    this.#model.goOn(walker, isShut);
    member.isInside = !isWaiting;
    member.isShut = isShut;
    if (isWaiting) member.through = member.at - 1;
    const position = isWaiting
      ? ({ step: 0, kind: 'Waiting', stage: member.at, isReady: !isShut } as const)
      : ({ step: 0, kind: 'In', stage: member.at } as const);
    this.#report(member, position);
    return `${walker.id} goes on`;
  }

  #stop(member: Member): string {
    const isBack = this.#chance.is(0.7);
    this.#model.leave(member.walker, 'Stopped');
    this.#end(member);
    if (isBack && member.epoch > 0) this.#failed.push(member);
    return `${member.walker.id} stops`;
  }

  #end(member: Member): void {
    const entered = [...member.walker.entered];
    for (const stage of entered) {
      const name = this.#names[stage] ?? '';
      this.#entered = { ...this.#entered, [name]: Math.max(this.#entered[name] ?? 0, member.walker.number) };
    }
    this.#members.delete(member.walker.id);
    this.#report(member, { step: 0, kind: 'Ended', status: 'Stopped', entered, succeeded: [] });
  }

  #report(member: Member, position: Position): void {
    member.step += 1;
    const id = member.walker.id as ExecutionId;
    this.#live = move(this.#live, id, { ...position, step: member.step }, this.#tracks, this.#at);
  }

  /** Every grant and every end arrives, and is answered. */
  #deliver(): void {
    for (let round = 0; ; round += 1) {
      if (round > 1_000) throw new Violation('L2 the grants do not come to an end');
      const row = this.#live.find((one) => this.#owes(one));
      if (row === undefined) return;
      const member = this.#members.get(row.id);
      if (member === undefined) throw new Violation(`${row.id} is live and has ended`);
      if (row.ending !== undefined) {
        this.#members.delete(row.id);
        if (member.walker.end !== row.ending) {
          throw new Violation(`${row.id} is ${row.ending}, and ${member.walker.end ?? 'in the line'} to the model`);
        }
        if (row.ending === 'Refused' || row.ending === 'Superseded' || row.ending === 'Cancelled') {
          const stages = [...member.walker.entered].map((stage) => this.#names[stage] ?? '');
          for (const name of stages) {
            this.#entered = { ...this.#entered, [name]: Math.max(this.#entered[name] ?? 0, row.number) };
          }
        }
        this.#live = settle(without(this.#live, row.id), this.#tracks, this.#at);
        continue;
      }
      if (row.isAskedToYield === true) {
        this.#giveWay(member, row);
        continue;
      }
      member.epoch = row.epoch;
      member.through = granted(row);
      if (!member.isInside && !member.isShut && member.through >= member.at) {
        member.isInside = true;
        member.step += 1;
      }
      const position: Position = member.isInside
        ? { step: member.step, kind: 'In', stage: member.at }
        : { step: member.step, kind: 'Waiting', stage: member.at, isReady: !member.isShut };
      this.#live = confirm(this.#live, row.id, { epoch: row.epoch, position }, this.#tracks, this.#at);
    }
  }

  #giveWay(member: Member, row: LiveExecution): void {
    if (member.walker.end === 'Superseded') this.#end(member);
    else this.#live = stays(this.#live, row.id, this.#tracks, this.#at);
  }

  #owes(row: LiveExecution): boolean {
    if (row.ending !== undefined) return row.waiting;
    if (row.isAskedToYield === true) return true;
    return row.epoch > (this.#members.get(row.id)?.epoch ?? -1);
  }

  #compare(what: string): void {
    const engine = this.#live.map((row) => `${row.id}:${row.waiting ? 'waits' : 'in'}:${row.at}`).join(' ');
    const model = this.#model.line
      .map(({ id, isInside, at }) => `${id}:${isInside ? 'in' : 'waits'}:${at}`)
      .join(' ');
    if (engine !== model) throw new Violation(`I6 after ${what}: the engine says ${engine}, the model ${model}`);
    const owned = new Map<string, string>();
    for (const row of this.#live.filter(isInLine)) {
      for (const stage of held(row)) {
        const other = owned.get(stage);
        if (other !== undefined) throw new Violation(`I6 ${stage} is owned by ${other} and ${row.id}`);
        owned.set(stage, row.id);
      }
    }
    const isSorted = this.#live.every((row, index) => index === 0 || (this.#live[index - 1]?.rank ?? 0) < row.rank);
    if (!isSorted) throw new Violation('I6 the ranks are not in order');
    if (this.#live.some((row) => row.isReturning === true && !row.waiting && jumps(row) && row.isRollback !== true)) {
      throw new Violation('it has come back and still returns');
    }
  }

  #row(member: Member): LiveExecution | undefined {
    return this.#live.find(({ id }) => id === member.walker.id);
  }

  #adopt(walker: Walker, at = 0): void {
    const member = { walker, epoch: 0, through: at - 1, step: 0, at, isInside: false, isShut: false };
    this.#members.set(walker.id, member);
  }
}

function bound(chance: Chance) {
  return {
    is: (probability: number) => chance.is(probability),
    of: <T>(items: readonly T[]) => chance.of(items),
    whole: (low: number, high: number) => chance.whole(low, high),
  };
}
