import type { Instant } from '../../engine/ids.ts';
import type { Effect, ExecutionEvent } from '../../engine/messages.ts';
import type { ExecutionState } from '../../engine/model.ts';

/** Everything one command caused, as one row: its facts, the tasks that follow, and the earlier tasks it acknowledges. */
export interface Turn {
  /** Number of the turn's first event; its further events count on from here. */
  readonly seq: number;
  readonly at: Instant;
  /** Shape of the events: `engine/upcast.ts`. */
  readonly version: number;
  readonly events: readonly ExecutionEvent[];
  readonly effects: readonly Effect[];
  /** Ids (`seq:index`) of effects that have been carried out. */
  readonly done: readonly string[];
  readonly snapshot?: Snapshot;
}

/** The state after the turn with what is still to be carried out, so that loading need not go back further. */
export interface Snapshot {
  readonly state: ExecutionState;
  readonly pending: readonly PendingEffect[];
}

export interface PendingEffect {
  readonly id: string;
  readonly effect: Effect;
  readonly since: Instant;
}

export interface TurnStore {
  /** The newest turn with a snapshot and all after it, oldest first; empty for an execution that was never begun. */
  recent(): readonly Turn[];
  /** All turns that hold an event after `seq`, oldest first. */
  after(seq: number): readonly Turn[];
  append(turn: Turn): void;
}
