import type { ActionKey } from './ids.ts';
import type { ExecutionState, Trigger } from './model.ts';
import { findAction, isTerminal } from './stages.ts';

/** Who brought an attempt about, as far as it decides what the attempt may have. */
export interface AttemptOrigin {
  readonly trigger: Trigger;
  readonly isOpenToStrangers: boolean;
}

/** Undefined: this attempt does not run, or no longer. */
export function attemptOrigin(state: ExecutionState, action: ActionKey, attempt: number): AttemptOrigin | undefined {
  const current = findAction(state, action)?.action.attempts.at(-1);
  if (isTerminal(state) || current?.number !== attempt || current.phase.kind !== 'Running') return undefined;
  return { trigger: state.trigger, isOpenToStrangers: state.plan.isOpenToStrangers === true };
}
