import { evolve } from '../../engine/evolve.ts';
import type { Instant } from '../../engine/ids.ts';
import type { Effect } from '../../engine/messages.ts';
import type { ExecutionState } from '../../engine/model.ts';
import type { Step } from '../../engine/step.ts';
import { EVENT_VERSION, upcast } from '../../engine/upcast.ts';
import type { PendingEffect, Turn, TurnStore } from './turn-store.ts';

const SNAPSHOT_EVERY = 20;

/** The execution as it is now, folded from its stored turns. */
export interface Folded {
  readonly state: ExecutionState | undefined;
  /** Number of the last event; 0 before the first. */
  readonly seq: number;
  readonly pending: readonly PendingEffect[];
  readonly turnsSinceSnapshot: number;
}

export function load(store: TurnStore): Folded {
  const start: Folded = { state: undefined, seq: 0, pending: [], turnsSinceSnapshot: 0 };
  return store.recent().reduce(foldStored, start);
}

function foldStored(folded: Folded, turn: Turn): Folded {
  if (turn.snapshot !== undefined) {
    return { ...turn.snapshot, seq: lastSeq(turn), turnsSinceSnapshot: 0 };
  }
  const events = upcast(turn.version, turn.events);
  const state = events.reduce<ExecutionState | undefined>((so, event) => evolve(so, event, turn.at), folded.state);
  return fold(folded, turn, state);
}

/** Writes a step as one turn; `done` are the effects whose completion it records. */
export function append(
  store: TurnStore,
  before: Folded,
  step: Pick<Step, 'state' | 'events' | 'effects'>,
  done: readonly string[],
  at: Instant,
): Folded {
  const { events, effects } = step;
  const turn: Turn = { seq: before.seq + 1, at, version: EVENT_VERSION, events, effects, done };
  const after = fold(before, turn, step.state);
  if (after.turnsSinceSnapshot < SNAPSHOT_EVERY || after.state === undefined) {
    store.append(turn);
    return after;
  }
  store.append({ ...turn, snapshot: { state: after.state, pending: after.pending } });
  return { ...after, turnsSinceSnapshot: 0 };
}

function fold(before: Folded, turn: Turn, state: ExecutionState | undefined): Folded {
  const added = turn.effects.map((effect: Effect, index): PendingEffect => ({
    id: `${turn.seq}:${index}`,
    effect,
    since: turn.at,
  }));
  return {
    state,
    seq: lastSeq(turn),
    pending: [...before.pending.filter(({ id }) => !turn.done.includes(id)), ...added],
    turnsSinceSnapshot: before.turnsSinceSnapshot + 1,
  };
}

/** A turn without events takes up a number too, so that no two turns share a key. */
function lastSeq(turn: Turn): number {
  return turn.seq + Math.max(turn.events.length, 1) - 1;
}
