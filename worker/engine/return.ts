import { type Decision, event, NOTHING, reject } from './decision.ts';
import type { Instant } from './ids.ts';
import type { EndStatus, ExecutionCommand, ExecutionEvent } from './messages.ts';
import type { ExecutionState, ReturnOrder, StageState } from './model.ts';
import { abandonConditions, abandonRules } from './rules.ts';
import {
  actionStatus,
  conditionPlan,
  conditionState,
  currentAttempt,
  currentStage,
  failedActions,
  isTerminal,
} from './stages.ts';
import { returnDeadline } from './timeouts.ts';

/** Orders that let an execution go on that has failed or was stopped: retry, override and resume. */

/** More grants than a pipeline gives in one life of an execution: one that was late for the last life is too old for the next. */
const EPOCHS_MAX = 1_000_000;

interface LocatedStage {
  readonly index: number;
  readonly stage: StageState;
}

type Order<Type extends ExecutionCommand['type']> = Extract<ExecutionCommand, { type: Type }>;

/** User guide, "Retry a stage": the failed stage of an execution that no newer one has overtaken; the pipeline checks that. */
export function decideRetry(state: ExecutionState, command: Order<'RetryStage'>, at: Instant): Decision {
  const found = stageNamed(state, command.stage);
  if (found === undefined) return stageNotFound(command.stage);
  const { index, stage } = found;
  const { mode, by, action } = command;
  const failed = failedActions(stage);
  if (action !== undefined && !failed.includes(action)) {
    return reject('stage_not_retryable', `"${action}" has not failed.`);
  }
  if (state.returning !== undefined) return returningAlready();
  if (!isTerminal(state)) return retryBesideSiblings(state, found, command, failed);
  const canReturn = state.status === 'Failed' || state.status === 'Stopped';
  if (!canReturn || index !== state.admission.stage || stage.status === undefined) {
    const message = `Stage "${command.stage}" cannot be retried: the execution is ${state.status} in "${nameOfCurrent(state)}".`;
    return reject('stage_not_retryable', message);
  }
  // It failed in front of the stage, at its gate.
  if (stage.startedAt === undefined) return requestReturn(state, index, { kind: 'Resume' }, by, at);
  const all = stage.actions.map(({ key }) => key);
  const actions = action !== undefined ? [action] : mode === 'ALL_ACTIONS' ? all : failed;
  return requestReturn(state, index, { kind: 'Retry', mode, actions }, by, at);
}

/** Failed actions may be retried while others of the stage still run (user guide, "Retry a stage"). */
function retryBesideSiblings(
  state: ExecutionState,
  { index, stage }: LocatedStage,
  { stage: name, mode, action, by }: Order<'RetryStage'>,
  failed: readonly ReturnType<typeof failedActions>[number][],
): Decision {
  if (state.stop !== undefined) return reject('already_stopping', 'The execution is stopping.');
  // None has, in a stage that it is past or has not come to.
  if (failed.length === 0) {
    return reject('stage_not_retryable', `Stage "${name}" has no failed actions to retry.`);
  }
  if (mode === 'ALL_ACTIONS' && stage.actions.some((one) => actionStatus(one) === 'InProgress')) {
    return reject('stage_not_retryable', 'Actions of the stage are still running; retry the failed ones, or wait.');
  }
  const all = stage.actions.map(({ key }) => key);
  const actions = action !== undefined ? [action] : mode === 'ALL_ACTIONS' ? all : failed;
  const retried = { type: 'StageRetried', stage: index, mode, actions, by } as const;
  return { events: [...abandonConditions(stage, index), retried] };
}

export function decideResume(state: ExecutionState, command: Order<'Resume'>, at: Instant): Decision {
  const found = stageNamed(state, command.stage);
  if (found === undefined) return stageNotFound(command.stage);
  if (state.returning !== undefined) return returningAlready();
  if (!isTerminal(state)) return reject('execution_not_ended', 'The execution has not ended; stop it first.');
  if (state.status !== 'Failed' && state.status !== 'Stopped') {
    return reject('stage_not_retryable', `An execution that is ${state.status} cannot be resumed. Fork it instead.`);
  }
  if (found.index > state.admission.stage || found.index < (state.span?.first ?? 0)) {
    const message = `The execution has not come to "${command.stage}"; resume from "${nameOfCurrent(state)}" or an earlier stage.`;
    return reject('stage_not_retryable', message);
  }
  return requestReturn(state, found.index, { kind: 'Resume' }, command.by, at);
}

/** User guide, "Override a stage condition". SKIP and conditions on failure have nothing to override. */
export function decideOverride(state: ExecutionState, command: Order<'OverrideCondition'>, at: Instant): Decision {
  const found = stageNamed(state, command.stage);
  if (found === undefined) return stageNotFound(command.stage);
  const { index, stage } = found;
  const { place, by } = command;
  if (state.returning !== undefined) return returningAlready();
  const plan = state.plan.stages[index];
  const condition = plan === undefined ? undefined : conditionPlan(plan, place);
  const status = conditionState(stage, place)?.status;
  if (index === state.admission.stage && condition !== undefined) {
    if (place === 'beforeEntry' && state.admission.atGate === true) {
      const step = state.admission.step + 1;
      return { events: [...abandonRules(stage), { type: 'ConditionOverridden', stage: index, place, by, step }] };
    }
    const isUnmet = status === 'Failed' || status === 'Errored';
    const isOverridable = place === 'onSuccess' || (place === 'beforeEntry' && condition.otherwise === 'FAIL');
    if (state.status === 'Failed' && isUnmet && isOverridable) {
      return requestReturn(state, index, { kind: 'Override', place }, by, at);
    }
  }
  return reject('condition_not_overridable', `Nothing is held up by a condition ${place} of "${command.stage}".`);
}

export function refuseReturn(state: ExecutionState, message: string): Decision {
  if (state.returning === undefined) return NOTHING;
  return event({ type: 'ReturnRefused', message, step: state.admission.step + 1 });
}

/** It is in a stage, but nothing has run there yet; the approvals that it asks for die with it. */
export function giveWay(state: ExecutionState): readonly ExecutionEvent[] {
  const { stage, step } = state.admission;
  const asked = currentStage(state).stage.actions.flatMap((action): readonly ExecutionEvent[] => {
    const attempt = currentAttempt(action);
    return attempt === undefined ? [] : [{ type: 'ActionAbandoned', action: action.key, attempt: attempt.number }];
  });
  return [
    ...asked,
    { type: 'StageCancelled', stage },
    { type: 'ExecutionEnded', status: 'Superseded', step: step + 1 },
  ];
}

/** It waits in front of a stage and ends there. */
export function leaveQueue(state: ExecutionState, status: EndStatus): readonly ExecutionEvent[] {
  const rules = abandonRules(currentStage(state).stage);
  return [...rules, { type: 'ExecutionEnded', status, step: state.admission.step + 1 }];
}

function requestReturn(state: ExecutionState, stage: number, order: ReturnOrder, by: string, at: Instant): Decision {
  const step = state.admission.step + 1;
  const epoch = state.admission.epoch + EPOCHS_MAX;
  return event({ type: 'ReturnRequested', stage, order, by, deadline: returnDeadline(at), step, epoch });
}

function stageNamed(state: ExecutionState, name: string): LocatedStage | undefined {
  const index = state.stages.findIndex((stage) => stage.name === name);
  const stage = state.stages[index];
  return stage === undefined ? undefined : { index, stage };
}

function nameOfCurrent(state: ExecutionState): string {
  return currentStage(state).stage.name;
}

function stageNotFound(name: string): Decision {
  return reject('stage_not_found', `There is no stage "${name}" in this execution.`);
}

function returningAlready(): Decision {
  return reject('stage_not_retryable', 'The execution is already on its way back into a stage.');
}
