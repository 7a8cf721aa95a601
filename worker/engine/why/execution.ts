import type { ExecutionState, StageState } from '../model.ts';
import type { StagePlan } from '../plan.ts';
import {
  conditionPlan,
  conditionPlaces,
  conditionState,
  currentStage,
  failedActions,
  isTerminal,
} from '../stages.ts';
import { ADMISSION_MAX_MS } from '../timeouts.ts';
import { whyActionsWait } from './action.ts';
import { whyGateWaits } from './gate.ts';
import { pathOf, type Reason } from './reason.ts';

/** What the execution waits for right now. Empty only when it has ended. */
export function whyExecution(state: ExecutionState): readonly Reason[] {
  if (isTerminal(state)) return [];
  if (state.returning !== undefined) return [returning(state, state.returning)];
  const { plan, stage } = currentStage(state);
  if (stage.status === undefined) return [whyGateWaits(state, plan, stage) ?? awaitingAdmission(state, stage)];
  const reasons = inStage(state, plan, stage);
  return state.stop === undefined ? reasons : [stopping(state, state.stop, reasons)];
}

function inStage(state: ExecutionState, plan: StagePlan, stage: StageState): readonly Reason[] {
  const retry = stage.retryAt === undefined ? [] : [awaitingStageRetry(state, stage, stage.retryAt)];
  return [...retry, ...whyActionsWait(state, plan.actions, stage.actions), ...conditions(state, plan, stage)];
}

function conditions(state: ExecutionState, plan: StagePlan, stage: StageState): readonly Reason[] {
  return conditionPlaces.flatMap((place): readonly Reason[] => {
    const condition = conditionState(stage, place);
    if (condition?.status !== 'InProgress') return [];
    const rules = conditionPlan(plan, place)?.rules ?? [];
    return [
      {
        kind: 'EvaluatingCondition',
        subject: { type: 'condition', execution: state.id, stage: stage.name, place },
        owner: 'execution',
        message: `The condition ${place} of ${stage.name} is being evaluated.`,
        ...(condition.startedAt === undefined ? {} : { since: condition.startedAt }),
        until: 'Each of its rules has answered.',
        because: whyActionsWait(state, rules, condition.rules),
      },
    ];
  });
}

/** The pipeline knows what keeps it: its answer hangs below this one. */
function awaitingAdmission(state: ExecutionState, stage: StageState): Reason {
  const { since } = state.admission;
  return {
    kind: 'AwaitingAdmission',
    subject: { type: 'stage', execution: state.id, stage: stage.name },
    owner: 'pipeline',
    message: `It waits to be let into ${stage.name}.`,
    since,
    deadline: since + ADMISSION_MAX_MS,
    until: 'The pipeline lets it in.',
  };
}

function returning(
  state: ExecutionState,
  { stage, order, by, since, deadline }: NonNullable<ExecutionState['returning']>,
): Reason {
  const name = state.stages[stage]?.name ?? '';
  return {
    kind: 'Returning',
    subject: { type: 'stage', execution: state.id, stage: name },
    owner: 'pipeline',
    message: `${by} has ordered ${{ Retry: 'a retry', Override: 'an override', Resume: 'to resume' }[order.kind]}; it waits to be let into ${name} again.`,
    since,
    deadline,
    until: 'The pipeline lets it in, or refuses because a newer execution has been there.',
  };
}

function awaitingStageRetry(state: ExecutionState, stage: StageState, retryAt: number): Reason {
  return {
    kind: 'AwaitingStageRetry',
    subject: { type: 'stage', execution: state.id, stage: stage.name },
    owner: 'timer',
    message: `${stage.name} has failed in ${failedActions(stage).length} of its actions and is retried by itself after a pause.`,
    deadline: retryAt,
    until: 'The pause is over.',
    may: [
      {
        what: 'Retry now',
        who: 'Everybody who may retry',
        call: `POST /executions/${state.id}/stages${pathOf(stage.name)}/retry`,
      },
    ],
  };
}

function stopping(
  state: ExecutionState,
  stop: NonNullable<ExecutionState['stop']>,
  because: readonly Reason[],
): Reason {
  const what = stop.isCancel === true ? 'cancelled' : 'stopped';
  const call = `POST /executions/${state.id}/stop`;
  const abandon = { what: 'Abandon its running actions', who: 'Everybody who may stop executions', call };
  return {
    kind: 'Stopping',
    subject: { type: 'execution', execution: state.id },
    owner: 'execution',
    message: `It is being ${what} by ${stop.by}${stop.reason === '' ? '' : `: ${stop.reason}`}`,
    until: stop.abandon ? 'Its actions confirm that they have ended.' : 'Its running actions end.',
    ...(stop.abandon ? {} : { may: [abandon] }),
    because,
  };
}
