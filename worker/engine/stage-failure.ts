import type { FailureCode } from './failure-code.ts';
import type { Instant } from './ids.ts';
import type { ExecutionEvent } from './messages.ts';
import type { ExecutionState, StageState } from './model.ts';
import type { StagePlan, StageRetryPlan } from './plan.ts';
import { evaluate } from './rules.ts';
import { currentAttempt, failedActions } from './stages.ts';

/** A person's no is an answer; asking again by itself would be nagging. */
const NEVER_RETRIED: readonly FailureCode[] = ['Rejected', 'ApprovalExpired'];
const BACKOFF_MAX_MS = 60 * 60_000;
/** CodePipeline retries a stage by itself once (user guide, "Configure stage retry"). */
const CONDITION_RETRIES_MAX = 1;

/** Its actions have ended and some have failed: automatic retries first, then the condition, then the rollback. */
export function advanceFailedStage(
  state: ExecutionState,
  { onFailure }: StagePlan,
  stage: StageState,
  at: Instant,
): readonly ExecutionEvent[] {
  const index = state.admission.stage;
  if (onFailure === undefined) return failStage(state, index);
  const { retry, condition, rollback } = onFailure;
  if (retry !== undefined && mayRetry(retry, stage)) return retryStage(retry, stage, index, at);
  const outcome = condition === undefined ? 'Met' : evaluate(state, stage, 'onFailure', condition, at);
  if (outcome !== 'Met' && outcome !== 'Unmet') return outcome;
  if (outcome === 'Unmet' && condition?.otherwise === 'RETRY' && automaticRetries(stage) < CONDITION_RETRIES_MAX) {
    return [retried(stage, index, 'FAILED_ACTIONS')];
  }
  const isRollback = rollback || (outcome === 'Unmet' && condition?.otherwise === 'ROLLBACK');
  return failStage(state, index, undefined, isRollback ? 'onFailure' : undefined);
}

export function failStage(
  state: ExecutionState,
  stage: number,
  reason?: string,
  rollback?: 'onSuccess' | 'onFailure',
): readonly ExecutionEvent[] {
  // A rollback that fails is not rolled back: that would go round in circles.
  const place = state.kind === 'ROLLBACK' ? undefined : rollback;
  return [
    { type: 'StageFailed', stage, ...(reason === undefined ? {} : { reason }) },
    ...(place === undefined ? [] : [{ type: 'RollbackRequested' as const, stage, place }]),
    { type: 'ExecutionEnded', status: 'Failed', step: state.admission.step + 1 },
  ];
}

function retryStage(plan: StageRetryPlan, stage: StageState, index: number, at: Instant): readonly ExecutionEvent[] {
  const pauseMs = Math.min(plan.backoffMs * 2 ** automaticRetries(stage), BACKOFF_MAX_MS);
  if (pauseMs === 0 || (stage.retryAt !== undefined && stage.retryAt <= at)) {
    return [retried(stage, index, plan.mode)];
  }
  return stage.retryAt === undefined ? [{ type: 'StageRetryScheduled', stage: index, retryAt: at + pauseMs }] : [];
}

function retried(stage: StageState, index: number, mode: StageRetryPlan['mode']): ExecutionEvent {
  const actions = mode === 'ALL_ACTIONS' ? stage.actions.map(({ key }) => key) : failedActions(stage);
  return { type: 'StageRetried', stage: index, mode, actions };
}

function mayRetry(plan: StageRetryPlan, stage: StageState): boolean {
  if (automaticRetries(stage) >= plan.retriesMax) return false;
  return failureCodes(stage).every((code) =>
    plan.on.length === 0 ? !NEVER_RETRIED.includes(code) : plan.on.includes(code),
  );
}

function failureCodes(stage: StageState): readonly FailureCode[] {
  return stage.actions.flatMap((action) => {
    const phase = currentAttempt(action)?.phase;
    return phase?.kind === 'Ended' && phase.status === 'Failed' ? [phase.failure.code] : [];
  });
}

function automaticRetries(stage: StageState): number {
  return stage.retries?.automatic ?? 0;
}
