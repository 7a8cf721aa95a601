import { assertNever } from '../../engine/assert-never.ts';
import type { Instant } from '../../engine/ids.ts';
import { brokenInvariants } from '../../engine/invariants.ts';
import type { Effect, ExecutionCommand, ExecutionEvent, Rejection } from '../../engine/messages.ts';
import type { ExecutionState } from '../../engine/model.ts';
import { type EffectRequest, movesBytes, requestFor } from '../../engine/request.ts';
import { isTerminal } from '../../engine/stages.ts';
import { type Step, step } from '../../engine/step.ts';
import { nextWakeAt } from '../../engine/timeouts.ts';
import type { Clock } from '../../kernel/clock.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import type { Log } from '../../kernel/log.ts';
import { Courier } from '../courier.ts';
import { Alarm, type Durable, earliest, WATCHDOG_MS } from '../durable.ts';
import { append, type Folded, load } from './turn-log.ts';
import type { PendingEffect, Turn, TurnStore } from './turn-store.ts';

/** What is not urgent waits this long for something newer that makes it obsolete: quick stages cost no message each. */
const PATIENCE_MS = { ReportPosition: 20, PublishSummary: 300, ReportStatus: 1_000 };
/** A source moves many bytes, and begins anew if it is taken for lost. */
const FETCH_MAX_MS = 5 * 60_000;
/** A host that cannot be told for this long is not told: its owner has other worries by then. */
const STATUS_GIVE_UP_MS = 60 * 60_000;
/** A start that the world has refused for this long fails its action instead of being tried for ever. */
const START_GIVE_UP_MS = 10 * 60_000;
/** Whoever ordered a return looks again after this long; the return goes on without them. */
const RETURN_PATIENCE_MS = 10_000;
/** An overdue timer means that the alarm was lost. */
const OVERDUE_MS = 5_000;

export interface ExecutionParts {
  readonly durable: Durable;
  readonly store: TurnStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly armedAt: Instant | undefined;
  readonly later: (ms: number, callback: () => void) => void;
  /** Carries an effect out; what it learns comes back as commands. */
  readonly execute: (request: EffectRequest) => Promise<readonly ExecutionCommand[]>;
  /** Called after each committed turn that changed something. */
  readonly onTurn: (turn: CommittedTurn) => void;
  /** When one that has ended and has nothing left to do is to be rung again; absent: never. */
  readonly retireAt?: (state: ExecutionState) => Instant | undefined;
}

export interface CommittedTurn {
  readonly seq: number;
  readonly at: Instant;
  readonly firstSeq: number;
  readonly events: readonly ExecutionEvent[];
  readonly before: ExecutionState | undefined;
  readonly state: ExecutionState;
}

/** The shell of one execution: loads, steps, stores, and sees to it that the effects happen. Decides nothing itself. */
export class ExecutionCore {
  readonly #parts: ExecutionParts;
  readonly #alarm: Alarm;
  readonly #courier: Courier<PendingEffect>;
  #folded: Folded;
  /** Carried out, but not yet recorded; recorded along with the next turn, since repeating them does no harm. */
  #done: string[] = [];
  /** Who waits to hear whether the execution may come back. */
  readonly #returns: ((refusal: string | undefined) => void)[] = [];

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.durable, parts.armedAt);
    this.#courier = new Courier<PendingEffect>({
      durable: parts.durable,
      clock: parts.clock,
      later: parts.later,
      deliver: (_, pending) => this.#carryOut(pending),
      onFailure: (_, pending, error, dueAt) => this.#onFailure(pending, error, dueAt),
    });
    this.#folded = load(parts.store);
    for (const pending of this.#folded.pending) this.#post(pending, parts.clock.now());
  }

  get state(): ExecutionState | undefined {
    return this.#folded.state;
  }

  get seq(): number {
    return this.#folded.seq;
  }

  /** Ended, with nothing left to do or to say. */
  get isAtRest(): boolean {
    const { state } = this.#folded;
    if (state === undefined || !isTerminal(state) || nextWakeAt(state) !== undefined) return false;
    return this.#courier.keys().length === 0;
  }

  /** The index has yet to hear of the latest. */
  get owesSummary(): boolean {
    return this.#folded.pending.some(({ id, effect }) => effect.type === 'PublishSummary' && this.#courier.has(id));
  }

  turnsAfter(seq: number): readonly Turn[] {
    return this.#folded.state === undefined ? [] : this.#parts.store.after(seq);
  }

  /** One command, one transaction; its effects are under way when this returns. */
  submit(command: ExecutionCommand): Step {
    const turn = this.#run(command, []);
    this.#courier.kick();
    return turn;
  }

  /** Any entry may find that the alarm was lost; the work that is due is done then. */
  heal(): void {
    const { state } = this.#folded;
    const due = state === undefined ? undefined : nextWakeAt(state);
    if (due !== undefined && due < this.#parts.clock.now() - OVERDUE_MS) this.#run({ type: 'Wake' }, []);
    this.#courier.kick();
    this.awaitRetirement();
  }

  /** Sets the alarm for it, unless it is set; `isMoved`: it may be set for another time than it should be. */
  awaitRetirement(isMoved = false): void {
    if (this.isAtRest && (isMoved || !this.#alarm.isArmed)) {
      this.#alarm.settle(this.#retireAt(), this.#parts.clock.now());
    }
  }

  ring(): void {
    const { clock, log } = this.#parts;
    this.#alarm.ring(
      () => {
        if (this.#folded.state === undefined) return;
        this.#run({ type: 'Wake' }, []);
        this.#courier.kick();
        this.#alarm.settle(this.#nextDueAt(), clock.now());
      },
      () => clock.now(),
      (error) => log.error('alarm failed', { execution: this.#folded.state?.id }, error),
    );
  }

  /** Resolves when the pipeline has let the execution in again, or with the refusal when it has not. */
  async returned(): Promise<Rejection | undefined> {
    const refusal = await new Promise<string | undefined>((resolve) => {
      this.#returns.push(resolve);
      this.#parts.later(RETURN_PATIENCE_MS, () => resolve(undefined));
    });
    return refusal === undefined ? undefined : { code: 'return_refused', message: refusal };
  }

  /** Resolves when every effect that can be carried out now has been. */
  async settled(): Promise<void> {
    await this.#courier.settled();
  }

  #run(command: ExecutionCommand, done: readonly string[]): Step {
    const { durable, store, clock } = this.#parts;
    const now = clock.now();
    const before = this.#folded;
    const recorded = [...this.#done, ...done];
    const { turn, after, commit } = durable.transact(() => {
      const turn = step(before.state, command, now);
      if (turn.events.length === 0) return { turn, after: before, commit: () => undefined };
      const after = append(store, before, turn, recorded, now);
      const wakeAt = turn.state === undefined ? undefined : nextWakeAt(turn.state);
      const watchdog = turn.effects.length > 0 ? now + WATCHDOG_MS : undefined;
      return { turn, after, commit: this.#alarm.arm(earliest(wakeAt, watchdog), now) };
    });
    commit();
    if (after === before) {
      this.#done = recorded;
      return turn;
    }
    this.#done = [];
    this.#adopt(before, after, turn, now);
    return turn;
  }

  #adopt(before: Folded, after: Folded, turn: Step, at: Instant): void {
    this.#folded = after;
    for (const pending of after.pending.slice(after.pending.length - turn.effects.length)) this.#post(pending, at);
    if (after.state === undefined) return;
    const firstSeq = before.seq + 1;
    const { events } = turn;
    if (before.state?.returning !== undefined && after.state.returning === undefined) {
      const refused = events.find((event) => event.type === 'ReturnRefused');
      for (const resolve of this.#returns.splice(0)) resolve(refused?.message);
    }
    this.#confess(after.state, after.seq);
    this.#parts.onTurn({ seq: after.seq, at, firstSeq, events, before: before.state, state: after.state });
  }

  /** A broken invariant is a fault of ours: somebody must hear of it, and the execution goes on. `docs/decisions/0020`. */
  #confess(state: ExecutionState, seq: number): void {
    const broken = brokenInvariants(state);
    if (broken.length === 0) return;
    this.#parts.log.error('invariant broken', { execution: state.id, seq, invariants: broken.join('; ') });
  }

  #post(pending: PendingEffect, now: Instant): void {
    const lane = laneOf(pending.effect);
    for (const other of this.#folded.pending) {
      if (other.id === pending.id || !this.#courier.has(other.id) || this.#courier.isFlying(other.id)) continue;
      if (!makesObsolete(pending.effect, other.effect)) continue;
      this.#courier.drop(other.id);
      this.#done.push(other.id);
    }
    const { effect } = pending;
    const isPatient = 'urgent' in effect && !effect.urgent;
    this.#courier.put(pending.id, pending, {
      lane,
      ...(isPatient ? { notBefore: now + PATIENCE_MS[effect.type] } : {}),
      ...(movesBytes(this.#folded.state, effect) ? { flightMaxMs: FETCH_MAX_MS } : {}),
    });
  }

  async #carryOut(pending: PendingEffect): Promise<void> {
    const { state } = this.#folded;
    const request = state === undefined ? undefined : requestFor(state, this.#folded.seq, pending.effect);
    const commands = request === undefined ? [] : await this.#executed(request);
    const [first, ...rest] = commands;
    if (first === undefined) this.#done.push(pending.id);
    else this.#run(first, [pending.id]);
    for (const command of rest) this.#run(command, []);
    this.#close(pending.id);
  }

  async #executed(request: EffectRequest): Promise<readonly ExecutionCommand[]> {
    try {
      return await this.#parts.execute(request);
    } catch (error) {
      if (!(error instanceof PermanentFailure) || !('run' in request)) throw error;
      const { action, attempt } = request.run;
      return [{ type: 'ReportFailed', action, attempt, failure: { code: error.code, message: error.message } }];
    }
  }

  /** An ended execution with nothing left to do says so in its log; its alarm is for its retirement then. */
  #close(carriedOut: string): void {
    const { state } = this.#folded;
    const open = this.#courier.keys().filter((key) => key !== carriedOut);
    if (state === undefined || !isTerminal(state) || open.length > 0) return;
    const { durable, store, clock } = this.#parts;
    const now = clock.now();
    const done = this.#done;
    if (done.length > 0) {
      const nothing = { state, events: [], effects: [] };
      this.#folded = durable.transact(() => append(store, this.#folded, nothing, done, now));
      this.#done = [];
    }
    this.#alarm.settle(this.#retireAt(), now);
  }

  #onFailure(pending: PendingEffect, error: unknown, dueAt: Instant): void {
    const { clock, durable, log } = this.#parts;
    const { effect } = pending;
    log.error('effect failed', { execution: this.#folded.state?.id, effect: effect.type, id: pending.id }, error);
    const now = clock.now();
    if (effect.type === 'ReportStatus' && now - pending.since > STATUS_GIVE_UP_MS) {
      this.#courier.drop(pending.id);
      this.#done.push(pending.id);
      this.#close(pending.id);
      return;
    }
    if (effect.type === 'StartAction' && now - pending.since > START_GIVE_UP_MS) {
      const message = 'Its start could not be delivered for ten minutes.';
      const { action, attempt } = effect;
      this.#courier.drop(pending.id);
      this.#run({ type: 'ReportFailed', action, attempt, failure: { code: 'SystemUnavailable', message } }, [
        pending.id,
      ]);
      return;
    }
    durable.transact(() => this.#alarm.arm(dueAt, now))();
  }

  #nextDueAt(): Instant | undefined {
    const { state } = this.#folded;
    const due = earliest(state === undefined ? undefined : nextWakeAt(state), this.#courier.nextDueAt());
    return due ?? this.#retireAt();
  }

  #retireAt(): Instant | undefined {
    const { state } = this.#folded;
    return state === undefined ? undefined : this.#parts.retireAt?.(state);
  }
}

function laneOf(effect: Effect): string {
  switch (effect.type) {
    case 'StartAction':
    case 'PollAction':
    case 'CancelAction':
      return effect.action;
    case 'ReportPosition':
    case 'PublishSummary':
    case 'TellCaller':
    case 'ReportStatus':
      return effect.type;
    case 'StartRollback':
      return `${effect.type}:${effect.stage}`;
    default:
      return assertNever(effect);
  }
}

/** A newer report says all that an older one would; a cancel makes a start that was never sent pointless. */
function makesObsolete(newer: Effect, older: Effect): boolean {
  switch (newer.type) {
    case 'ReportPosition':
    case 'PublishSummary':
      return older.type === newer.type;
    case 'ReportStatus':
      return older.type === newer.type && older.stage === newer.stage;
    case 'CancelAction':
      return older.type === 'StartAction' && older.action === newer.action && older.attempt === newer.attempt;
    case 'StartAction':
    case 'PollAction':
    case 'StartRollback':
    case 'TellCaller':
      return false;
    default:
      return assertNever(newer);
  }
}
