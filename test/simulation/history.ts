import { evolve } from '../../worker/engine/evolve.ts';
import { brokenInvariants } from '../../worker/engine/invariants.ts';
import type { ExecutionCommand, ExecutionEvent } from '../../worker/engine/messages.ts';
import type { ExecutionState } from '../../worker/engine/model.ts';
import { type Position, positionOf } from '../../worker/engine/position.ts';
import { isTerminal } from '../../worker/engine/stages.ts';
import { type Step, step } from '../../worker/engine/step.ts';
import { nextWakeAt } from '../../worker/engine/timeouts.ts';
import { T0 } from '../support/factories.ts';
import { shapeOf } from './shape.ts';
import { difference } from './reference/compare.ts';
import { ExecutionModel } from './reference/execution-model.ts';
import { anyOrigin } from './plans.ts';
import { anyLine, type Line } from './script.ts';
import { Violation } from './violation.ts';
import { Chance } from './world.ts';

const FINAL = ['Succeeded', 'Superseded', 'Cancelled'];
/** Deadlines that follow each other until the end of an execution of which nobody hears any more; there are fewer in any plan. */
const WAKES_MAX = 2_000;

export interface HistoryReport {
  readonly turns: number;
  readonly events: number;
  readonly status: ExecutionState['status'];
}

/** One execution: a random definition under a random script, beside the reference model. */
export function playHistory(
  seed: number,
  onShape: (shape: number) => void,
  onEvent: (event: ExecutionEvent) => void = () => undefined,
): HistoryReport {
  return new History(seed, onShape, onEvent).play();
}

class History {
  readonly #chance: Chance;
  readonly #onShape: (shape: number) => void;
  readonly #onEvent: (event: ExecutionEvent) => void;
  readonly #model: ExecutionModel;
  readonly #started = new Set<string>();
  #state: ExecutionState;
  /** Every event as it would be stored, and when it happened. */
  readonly #stored: { readonly text: string; readonly at: number }[] = [];
  #at = T0;
  #epoch = 1;
  #turns = 0;
  #events = 0;

  constructor(seed: number, onShape: (shape: number) => void, onEvent: (event: ExecutionEvent) => void) {
    this.#chance = new Chance(seed);
    this.#onShape = onShape;
    this.#onEvent = onEvent;
    const origin = anyOrigin(this.#chance);
    const through = this.#chance.is(0.6) ? this.#chance.whole(0, 3) : 9;
    const turn = step(undefined, { type: 'Begin', origin, epoch: 1, through }, this.#at);
    if (turn.state === undefined) throw new Violation('it was not begun');
    this.#state = turn.state;
    this.#model = new ExecutionModel(origin, 1, through, this.#at);
    this.#check({ type: 'Wake' }, undefined, turn);
  }

  play(): HistoryReport {
    const lines = this.#chance.whole(5, 45);
    let last: Line | undefined;
    for (let line = 0; line < lines; line += 1) {
      this.#epoch = Math.max(this.#epoch, this.#state.admission.epoch) + 1;
      last = anyLine(this.#chance, this.#state, this.#epoch, this.#at, last);
      this.#at += last.ms;
      this.#take(last.command);
    }
    this.#beSilent();
    this.#checkFold();
    return { turns: this.#turns, events: this.#events, status: this.#state.status };
  }

  /** L1: whatever it waits for, its own deadlines bring it to its end when nobody is heard of any more. */
  #beSilent(): void {
    for (let wakes = 0; !isTerminal(this.#state); wakes += 1) {
      const due = nextWakeAt(this.#state);
      if (due === undefined || wakes > WAKES_MAX) throw new Violation('L1 it does not come to its end');
      // L3: a timer that a wake does not settle would ring for ever.
      if (wakes > 0 && due <= this.#at) throw new Violation(`L3 it is woken again at ${due}`);
      this.#at = Math.max(this.#at, due);
      this.#take({ type: 'Wake' });
    }
  }

  #take(command: ExecutionCommand): void {
    const before = this.#state;
    const turn = step(before, command, this.#at);
    if (turn.state === undefined) throw new Violation('it has vanished');
    this.#state = turn.state;
    const isRefused = this.#model.take(command, this.#at);
    if (isRefused !== (turn.rejection !== undefined)) {
      throw new Violation(`${command.type} is refused by only one: ${turn.rejection?.message ?? 'the model'}`);
    }
    this.#check(command, before, turn);
  }

  #check(command: ExecutionCommand, before: ExecutionState | undefined, turn: Step): void {
    this.#turns += 1;
    this.#events += turn.events.length;
    this.#onShape(shapeOf(this.#state));
    for (const event of turn.events) {
      this.#onEvent(event);
      this.#stored.push({ text: JSON.stringify(event), at: this.#at });
    }
    const found = difference(this.#state, this.#model) ?? brokenInvariants(this.#state)[0];
    if (found !== undefined) throw new Violation(`after ${command.type}: ${found}`);
    if (before !== undefined) {
      this.#checkFinal(before, turn);
      this.#checkPosition(before, this.#state, turn);
    }
    for (const effect of turn.effects) {
      if (effect.type !== 'StartAction') continue;
      const key = `${effect.action}:${effect.attempt}`;
      if (this.#started.has(key)) throw new Violation(`I1 ${key} is started again`);
      this.#started.add(key);
    }
    if (
      this.#started.size !== this.#model.started.length ||
      this.#model.started.some((key) => !this.#started.has(key))
    ) {
      throw new Violation(`I2 started: ${[...this.#started].join(' ')}, the model: ${this.#model.started.join(' ')}`);
    }
  }

  /** I3, I4: what has ended for good never changes, and a refused order changes nothing. */
  #checkFinal(before: ExecutionState, turn: Step): void {
    if (turn.rejection !== undefined && (turn.state !== before || turn.events.length > 0)) {
      throw new Violation('a refused order has changed something');
    }
    if (FINAL.includes(before.status) && turn.state?.status !== before.status) {
      throw new Violation(`I3 ${before.status} became ${turn.state?.status ?? 'nothing'}`);
    }
    const ends = turn.events.filter(({ type }) => type === 'ExecutionEnded').length;
    const isBack = before.endedAt !== undefined && turn.state?.endedAt === undefined;
    const expected = turn.state?.endedAt !== undefined && (before.endedAt === undefined || isBack) ? 1 : 0;
    if (ends > 1 + Number(isBack) || (ends === 0 && expected === 1)) {
      throw new Violation(`I4 ${ends} ends in one turn`);
    }
  }

  /** I9: whatever the pipeline would be told otherwise than before is numbered anew, and is going to be told. */
  #checkPosition(before: ExecutionState, after: ExecutionState, turn: Step): void {
    const [was, is] = [positionOf(before), positionOf(after)];
    if (is.step < was.step) throw new Violation(`I9 the position's step went from ${was.step} to ${is.step}`);
    const isNew = is.kind !== was.kind || stageOf(is) !== stageOf(was) || readinessOf(is) !== readinessOf(was);
    if (isNew && is.step === was.step) throw new Violation(`I9 it is ${is.kind} without a new step`);
    const isTold = turn.effects.some(({ type }) => type === 'ReportPosition');
    // The pipeline itself has put it into its first stage.
    const isPutThere = is.kind === 'In' && is.stage === (after.span?.first ?? 0);
    if (isNew && !isTold && !isPutThere) {
      throw new Violation(`I9 it is ${is.kind}, and its pipeline does not hear of it`);
    }
  }

  /** The state is its events, as they come back from storage. */
  #checkFold(): void {
    const folded = this.#stored.reduce<ExecutionState | undefined>(
      (state, { text, at }) => evolve(state, JSON.parse(text) as ExecutionEvent, at),
      undefined,
    );
    if (JSON.stringify(folded) !== JSON.stringify(this.#state)) throw new Violation('the state is not its events');
  }
}

function stageOf(position: Position): number | undefined {
  return position.kind === 'Ended' ? undefined : position.stage;
}

function readinessOf(position: Position): boolean | undefined {
  return position.kind === 'Waiting' ? position.isReady : undefined;
}
