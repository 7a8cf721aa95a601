import type { ActionState, ExecutionState } from '../../../worker/engine/model.ts';
import { actionStatus, conditionState, currentAttempt } from '../../../worker/engine/stages.ts';
import { nextWakeAt } from '../../../worker/engine/timeouts.ts';
import type { ActionModel } from './action-model.ts';
import type { ExecutionModel } from './execution-model.ts';
import type { StageModel } from './stage-model.ts';

/** The first thing that the engine and the reference model see differently; undefined: nothing. */
export function difference(state: ExecutionState, model: ExecutionModel): string | undefined {
  const { admission } = state;
  const whole =
    differ('status', state.status, model.status) ??
    differ('stage', admission.stage, model.stage) ??
    differ('waiting', admission.waiting, model.isWaiting) ??
    differ('at its gate', admission.atGate === true, model.isAtGate) ??
    differ('through', state.endedAt === undefined ? admission.through : 0, model.hasEnded ? 0 : model.through) ??
    differ('ended', state.endedAt !== undefined, model.hasEnded) ??
    differ('returning', state.returning?.stage, model.returning?.stage) ??
    differ('next wake', nextWakeAt(state), model.nextWakeAt());
  if (whole !== undefined) return whole;
  for (const [index, stage] of state.stages.entries()) {
    const other = model.stages[index];
    const found = other === undefined ? 'a stage too many' : ofStage(stage, other);
    if (found !== undefined) return `${stage.name}: ${found}`;
  }
  return undefined;
}

function ofStage(stage: ExecutionState['stages'][number], other: StageModel): string | undefined {
  const whole =
    differ('status', stage.status, other.status) ??
    differ('retry at', stage.retryAt, other.retryAt) ??
    differ('automatic retries', stage.retries?.automatic ?? 0, other.automatic) ??
    differ('manual retries', stage.retries?.manual ?? 0, other.manual) ??
    differ('rollback', stage.rollback?.kind, other.rollback);
  if (whole !== undefined) return whole;
  for (const [index, action] of stage.actions.entries()) {
    const found = ofAction(action, other.actions[index]);
    if (found !== undefined) return found;
  }
  for (const [place, condition] of other.conditions) {
    const known = conditionState(stage, place);
    const standing = differ(place, known?.status, condition.status);
    if (standing !== undefined) return standing;
    for (const [index, rule] of (known?.rules ?? []).entries()) {
      const found = ofAction(rule, condition.rules[index]);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function ofAction(action: ActionState, other: ActionModel | undefined): string | undefined {
  if (other === undefined) return `${action.key} is too many`;
  const phase = currentAttempt(action)?.phase;
  const found =
    differ('status', actionStatus(action), other.status) ??
    differ('attempts', action.attempts.at(-1)?.number ?? 0, other.attempts) ??
    differ('phase', phase?.kind ?? 'Nothing', other.doing) ??
    differ('retry at', action.retryAt, other.againAt);
  return found === undefined ? undefined : `${action.key}: ${found}`;
}

function differ(what: string, engine: unknown, model: unknown): string | undefined {
  if (engine === model) return undefined;
  return `${what} is ${String(engine)} to the engine and ${String(model)} to the model`;
}
