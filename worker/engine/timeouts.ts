import type { ActionPlan } from './plan.ts';
import type { ActionKey, Instant } from './ids.ts';
import type { ActionState, ExecutionState, StageState } from './model.ts';
import { currentAttempt, everyAction, isTerminal } from './stages.ts';

/** A job may wait this long for a runner before it fails. */
export const QUEUED_MAX_MS = 24 * 60 * 60_000;
/** A cancelled job has the runner's grace, a network hiccup and the pool's lease to be confirmed in. */
export const CANCEL_CONFIRM_MS = 150_000;
/** A held action waits for a person as long as an approval does by default. */
const HELD_MAX_MS = 7 * 24 * 60 * 60_000;
/** CodePipeline lets an execution wait this long in front of a stage (user guide, "Disable or enable a transition"). */
export const ADMISSION_MAX_MS = 30 * 24 * 60 * 60_000;
/** The pipeline answers a return at once; this is for a pipeline that never does. */
const RETURN_MAX_MS = 60 * 60_000;

export function startDeadline(plan: ActionPlan, at: Instant): Instant {
  return at + (plan.carrier === 'runner' ? QUEUED_MAX_MS : plan.timeoutMs);
}

export function cancelDeadline(at: Instant): Instant {
  return at + CANCEL_CONFIRM_MS;
}

export function holdDeadline(at: Instant): Instant {
  return at + HELD_MAX_MS;
}

export function returnDeadline(at: Instant): Instant {
  return at + RETURN_MAX_MS;
}

export type Timer =
  | {
      readonly kind: 'Deadline' | 'Poll' | 'Retry';
      readonly action: ActionKey;
      readonly attempt: number;
      readonly due: Instant;
    }
  | { readonly kind: 'StageRetry' | 'Gate' | 'Admission' | 'Return'; readonly due: Instant };

/** Every timer that the state implies. Nothing else wakes an execution, so a wait without one would be stuck. */
export function timers(state: ExecutionState): readonly Timer[] {
  if (isTerminal(state)) return [];
  if (state.returning !== undefined) return [{ kind: 'Return', due: state.returning.deadline }];
  const stage = state.stages[state.admission.stage];
  return [
    ...state.stages.flatMap((each) => everyAction(each).flatMap(actionTimers)),
    ...(stage === undefined ? [] : stageTimers(state, stage)),
  ];
}

function stageTimers({ admission }: ExecutionState, stage: StageState): readonly Timer[] {
  if (stage.status !== undefined) {
    return stage.retryAt === undefined ? [] : [{ kind: 'StageRetry', due: stage.retryAt }];
  }
  if (!admission.waiting || admission.stage <= admission.through) return [];
  const gate = stage.conditions?.beforeEntry;
  const { checkAt, deadline } = gate ?? {};
  return [
    { kind: 'Admission', due: admission.since + ADMISSION_MAX_MS },
    ...(checkAt === undefined ? [] : [{ kind: 'Gate' as const, due: Math.min(checkAt, deadline ?? checkAt) }]),
  ];
}

function actionTimers(action: ActionState): readonly Timer[] {
  const attempt = currentAttempt(action);
  if (attempt === undefined) return [];
  const of = (kind: 'Deadline' | 'Poll' | 'Retry', due: Instant): Timer => ({
    action: action.key,
    attempt: attempt.number,
    due,
    kind,
  });
  if (attempt.phase.kind === 'Ended') return action.retryAt === undefined ? [] : [of('Retry', action.retryAt)];
  const deadline = of('Deadline', attempt.phase.deadline);
  return attempt.phase.kind === 'Running' && attempt.phase.pollAt !== undefined
    ? [deadline, of('Poll', attempt.phase.pollAt)]
    : [deadline];
}

export function firstTimer(state: ExecutionState): Timer | undefined {
  return timers(state).reduce<Timer | undefined>(
    (first, timer) => (first === undefined || timer.due < first.due ? timer : first),
    undefined,
  );
}

/** When the execution must be woken at the latest, or undefined when only a message can move it. */
export function nextWakeAt(state: ExecutionState): Instant | undefined {
  return firstTimer(state)?.due;
}
