import { isMet } from './conditions.ts';
import type { Instant } from './ids.ts';
import type { ExecutionEvent } from './messages.ts';
import type { ActionState, Admission, ConditionState, ExecutionState, StageState } from './model.ts';
import { omit } from './omit.ts';
import { conditionState } from './stages.ts';

/** A gate may be looked at for weeks; the state need not remember each time, since the events do. */
const LOOKS_KEPT = 5;

/** Running again what has run before: the attempts stay as history, what they led to is forgotten. */

/** An execution that had ended goes on at this stage. */
export function revive(state: ExecutionState, stage: number, step: number, at: Instant): ExecutionState {
  const admission = ready(state.admission, { step, stage, since: at });
  return { ...omit(state, 'endedAt', 'returning', 'stop'), status: 'InProgress', admission };
}

/** Past the gate, or past the lock: nothing of its own holds the execution up any more. */
export function ready(
  { atGate: _, ...admission }: Admission,
  changes: Pick<Admission, 'step'> & Partial<Admission>,
): Admission {
  return { ...admission, waiting: false, ...changes };
}

export function retryStage(stage: StageState, event: Extract<ExecutionEvent, { type: 'StageRetried' }>): StageState {
  const isManual = event.by !== undefined;
  const { automatic = 0, manual = 0 } = stage.retries ?? {};
  const entry = conditionState(stage, 'beforeEntry');
  const keepsEntry = event.mode === 'FAILED_ACTIONS' && entry !== undefined && isMet(entry);
  return {
    ...inProgress(stage),
    actions: stage.actions.map((action) => (event.actions.includes(action.key) ? anew(action) : action)),
    ...(stage.conditions === undefined
      ? {}
      : {
          conditions: {
            ...forgotten(stage.conditions),
            ...(keepsEntry ? { beforeEntry: entry } : {}),
          },
        }),
    retries: {
      automatic: isManual ? automatic : automatic + 1,
      manual: isManual ? manual + 1 : manual,
      latest: isManual ? 'ManualStageRetry' : 'AutomatedStageRetry',
    },
  };
}

export function inProgress(stage: StageState): StageState {
  return { ...omit(stage, 'endedAt', 'reason', 'rollback', 'retryAt'), status: 'InProgress' };
}

export function notReached(stage: StageState): StageState {
  return {
    ...omit(inProgress(stage), 'status', 'startedAt'),
    actions: stage.actions.map(anew),
    ...(stage.conditions === undefined ? {} : { conditions: forgotten(stage.conditions) }),
  };
}

function forgotten(conditions: NonNullable<StageState['conditions']>): NonNullable<StageState['conditions']> {
  return Object.fromEntries(
    Object.entries(conditions).map(([place, condition]) => [place, { rules: condition.rules.map(anew) }]),
  );
}

/** The same condition before another evaluation. */
export function again(condition: ConditionState): ConditionState {
  const rules = condition.rules.map(anew).map((rule) => ({ ...rule, attempts: rule.attempts.slice(-LOOKS_KEPT) }));
  return { ...omit(condition, 'status', 'endedAt', 'checkAt'), rules };
}

/** The attempts so far are history; the action has not been reached in this run. */
function anew({ retryAt: _, ...action }: ActionState): ActionState {
  return { ...action, previous: action.attempts.at(-1)?.number ?? 0 };
}
