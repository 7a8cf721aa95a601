import { advance } from './advance.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import type { Instant } from './ids.ts';
import type { Effect, ExecutionCommand, ExecutionEvent, Rejection } from './messages.ts';
import type { ExecutionState } from './model.ts';
import { react } from './react.ts';
import { firstTimer } from './timeouts.ts';

/** One turn: everything that one command causes, to be stored in one transaction. */
export interface Step {
  readonly state: ExecutionState | undefined;
  readonly events: readonly ExecutionEvent[];
  readonly effects: readonly Effect[];
  readonly rejection?: Rejection;
}

/** Far above what any plan can cause in one turn; a rule that feeds itself must not take the object down with it. */
const CONSEQUENCES_MAX = 100_000;

/** decide, then all that follows from it. The only door to the engine that a Durable Object uses. */
export function step(before: ExecutionState | undefined, command: ExecutionCommand, at: Instant): Step {
  const events: ExecutionEvent[] = [];
  const effects: Effect[] = [];
  let state = before;

  const apply = (happened: readonly ExecutionEvent[]): boolean => {
    for (const event of happened) {
      effects.push(...react(event, state));
      state = evolve(state, event, at);
      events.push(event);
    }
    if (events.length > CONSEQUENCES_MAX) throw new Error('one turn does not come to an end');
    return happened.length > 0;
  };
  const settle = (): void => {
    while (state !== undefined && apply(advance(state, at)));
  };

  const decision = decide(state, command, at);
  if ('rejection' in decision) return { state, events, effects, rejection: decision.rejection };
  apply(decision.events);
  settle();
  // Several timers may have come due; each sees the consequences of the one before.
  while (command.type === 'Wake' && isTimerDue(state, at) && apply(decide(state, command, at).events)) settle();
  return { state, events, effects };
}

function isTimerDue(state: ExecutionState | undefined, at: Instant): boolean {
  const timer = state === undefined ? undefined : firstTimer(state);
  return timer !== undefined && timer.due <= at;
}
