import type { ActionKey } from './ids.ts';
import type { ExecutionState, Trigger } from './model.ts';
import { findAction, isTerminal } from './stages.ts';
import { type Trust, trustOf } from './trust.ts';

/** Who brought an attempt about, as far as it decides what the attempt may have. */
export interface AttemptOrigin extends Trust {
  readonly trigger: Trigger;
}

/** Undefined: this attempt does not run, or no longer. */
export function attemptOrigin(state: ExecutionState, action: ActionKey, attempt: number): AttemptOrigin | undefined {
  const current = findAction(state, action)?.action.attempts.at(-1);
  if (isTerminal(state) || current?.number !== attempt || current.phase.kind !== 'Running') return undefined;
  return { ...trustOf(state), trigger: state.trigger };
}
