import type { Instant } from './ids.ts';
import { again, inProgress, notReached, ready, retryStage, revive } from './again.ts';
import { evolveAction } from './evolve-action.ts';
import type { EndStatus, ExecutionEvent } from './messages.ts';
import type { Admission, ConditionState, ExecutionState, StageState, Stop } from './model.ts';
import { lastStage } from './stages.ts';
import { withCondition, withStage } from './with-stage.ts';

/** What is now true. Total over every stored event: it never refuses and never looks at anything but its arguments. */
export function evolve(state: ExecutionState | undefined, event: ExecutionEvent, at: Instant): ExecutionState {
  if (event.type === 'ExecutionBegun') return begin(event, at);
  if (state === undefined) throw new Error(`${event.type} before ExecutionBegun`);
  switch (event.type) {
    case 'Admitted': {
      const { epoch, through } = event;
      return { ...state, admission: { ...state.admission, epoch, through } };
    }
    case 'AdmissionAwaited': {
      const { atGate: _, ...admission } = state.admission;
      return {
        ...state,
        // Waiting gives up what was granted before: `docs/protocol.md`, admission.
        admission: {
          ...admission,
          step: event.step,
          waiting: true,
          through: event.stage - 1,
          since: at,
          ...(event.atGate === true ? { atGate: true } : {}),
        },
      };
    }
    case 'StageEntered': {
      const entered: ExecutionState = {
        ...state,
        admission: ready(state.admission, { step: event.step, since: at }),
      };
      return withStage(entered, event.stage, (stage) => ({ ...stage, status: 'InProgress', startedAt: at }));
    }
    case 'StageSucceeded':
    case 'StageSkipped': {
      const next = Math.min(event.stage + 1, lastStage(state));
      const status = event.type === 'StageSucceeded' ? 'Succeeded' : 'Skipped';
      const ended = withStage(state, event.stage, (stage) => ({ ...stage, status, endedAt: at }));
      return { ...ended, admission: { ...ended.admission, stage: next, since: at } };
    }
    case 'StageFailed':
      return withStage(state, event.stage, ({ retryAt: _, ...stage }) => ({
        ...stage,
        status: 'Failed',
        endedAt: at,
        ...(event.reason === undefined ? {} : { reason: event.reason }),
      }));
    case 'StageStopped':
    case 'StageCancelled':
      return withStage(state, event.stage, ({ retryAt: _, ...stage }) => ({
        ...stage,
        status: event.type === 'StageStopped' ? 'Stopped' : 'Cancelled',
        endedAt: at,
      }));
    case 'StageRetryScheduled':
      return withStage(state, event.stage, (stage) => ({ ...stage, retryAt: event.retryAt }));
    case 'StageRetried': {
      const alive = event.step === undefined ? state : revive(state, event.stage, event.step, at);
      return withStage(alive, event.stage, (stage) => retryStage(stage, event));
    }
    case 'ConditionStarted':
      return withStage(state, event.stage, (stage, plan) =>
        withCondition(stage, event.place, plan, (condition) => ({
          ...again(condition),
          status: 'InProgress',
          startedAt: at,
          ...(event.deadline === undefined ? {} : { deadline: event.deadline }),
        })),
      );
    case 'ConditionEnded': {
      const { status, checkAt } = event;
      const next: ExecutionState =
        event.step === undefined ? state : { ...state, admission: open(state.admission, event.step) };
      return withStage(next, event.stage, (stage, plan) =>
        withCondition(stage, event.place, plan, (condition) => ({
          ...condition,
          status,
          endedAt: at,
          ...(checkAt === undefined ? {} : { checkAt }),
        })),
      );
    }
    case 'ConditionOverridden': {
      const isGate = state.endedAt === undefined;
      const step = event.step ?? state.admission.step;
      const next: ExecutionState = isGate
        ? { ...state, admission: open(state.admission, step) }
        : revive(state, event.stage, step, at);
      return withStage(next, event.stage, (stage, plan) => {
        const overridden = withCondition(stage, event.place, plan, ({ checkAt: _, ...condition }) => ({
          ...condition,
          status: 'Overridden',
          endedAt: at,
          overriddenBy: event.by,
        }));
        return isGate ? overridden : inProgress(overridden);
      });
    }
    case 'RollbackRequested':
      return withStage(state, event.stage, (stage) => ({
        ...stage,
        rollback: { kind: 'Requested', place: event.place },
      }));
    case 'RollbackStarted':
      return withStage(state, event.stage, (stage) => ({
        ...stage,
        rollback: { kind: 'Started', execution: event.execution },
      }));
    case 'RollbackRefused':
      return withStage(state, event.stage, (stage) => ({
        ...stage,
        rollback: { kind: 'Refused', message: event.message },
      }));
    case 'ReturnRequested': {
      const { stage, order, by, deadline, step, epoch = state.admission.epoch } = event;
      return {
        ...state,
        returning: { stage, order, by, since: at, deadline },
        admission: { ...state.admission, epoch, step, through: stage - 1 },
      };
    }
    case 'ReturnRefused': {
      const { returning: _, ...ended } = state;
      return { ...ended, admission: { ...ended.admission, step: event.step } };
    }
    case 'ExecutionResumed': {
      const alive = revive(state, event.stage, event.step, at);
      return {
        ...alive,
        stages: alive.stages.map((stage, index) => (index < event.stage ? stage : notReached(stage))),
      };
    }
    case 'ExecutionStopping': {
      const { abandon, by, reason, isCancel } = event;
      const stop: Stop = { abandon, by, reason, ...(isCancel === true ? { isCancel } : {}) };
      // CodePipeline goes from InProgress to Cancelled without a status in between.
      if (isCancel === true) return { ...state, stop };
      const stopping: ExecutionState = { ...state, status: 'Stopping', stop };
      return withStage(stopping, state.admission.stage, (stage) =>
        stage.status === 'InProgress' ? { ...stage, status: 'Stopping' } : stage,
      );
    }
    case 'ExecutionEnded':
      return {
        ...withStage(state, state.admission.stage, (stage) => unevaluated(stage, event.status, at)),
        status: event.status,
        endedAt: at,
        admission: ready(state.admission, { step: event.step }),
      };
    default:
      return evolveAction(state, event, at);
  }
}

function begin(event: Extract<ExecutionEvent, { type: 'ExecutionBegun' }>, at: Instant): ExecutionState {
  const { origin, epoch, through } = event;
  return {
    ...origin,
    status: 'InProgress',
    startedAt: at,
    admission: { epoch, through, step: 0, stage: origin.span?.first ?? 0, waiting: false, since: at },
    stages: origin.plan.stages.map((stage) => ({
      name: stage.name,
      actions: stage.actions.map(({ key, name }) => ({ key, name, attempts: [] })),
    })),
    artifacts: origin.seed?.artifacts ?? {},
    namespaces: origin.seed?.namespaces ?? {},
  };
}

/** The execution ends while a condition is still being evaluated: nobody will hear its answer. */
function unevaluated(stage: StageState, end: EndStatus, at: Instant): StageState {
  if (stage.conditions === undefined) return stage;
  const status = end === 'Stopped' ? 'Abandoned' : 'Cancelled';
  const conditions = Object.entries(stage.conditions).map(([place, condition]): [string, ConditionState] => [
    place,
    condition.status === 'InProgress' ? { ...condition, status, endedAt: at } : condition,
  ]);
  return { ...stage, conditions: Object.fromEntries(conditions) };
}

/** The gate is open; what is left is the pipeline's lock. */
function open({ atGate: _, ...admission }: Admission, step: number): Admission {
  return { ...admission, step };
}
