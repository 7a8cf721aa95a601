import { isMet, reasons } from '../conditions.ts';
import type { ConditionState, ExecutionState, StageState } from '../model.ts';
import type { ConditionPlan, StagePlan } from '../plan.ts';
import { conditionState, gatePlan } from '../stages.ts';
import { ADMISSION_MAX_MS } from '../timeouts.ts';
import { whyActionsWait } from './action.ts';
import { pathOf, type Reason } from './reason.ts';

/** Why it stands in front of its own gate. Undefined: it does not, so it waits for the pipeline. */
export function whyGateWaits(state: ExecutionState, plan: StagePlan, stage: StageState): Reason | undefined {
  const gate = gatePlan(state, plan);
  const known = conditionState(stage, 'beforeEntry');
  if (gate === undefined || known === undefined) return undefined;
  if (known.status === 'InProgress') return evaluating(state, gate, stage, known);
  return known.status === undefined || isMet(known) ? undefined : shut(state, stage, known);
}

function evaluating(state: ExecutionState, gate: ConditionPlan, stage: StageState, known: ConditionState): Reason {
  return {
    ...common(state, stage),
    kind: 'EvaluatingCondition',
    owner: 'execution',
    message: `The gate in front of ${stage.name} is being evaluated.`,
    ...(known.startedAt === undefined ? {} : { since: known.startedAt }),
    deadline: giveUpAt(state, known),
    until: 'Each of its rules has answered.',
    because: whyActionsWait(state, gate.rules, known.rules),
  };
}

function shut(state: ExecutionState, stage: StageState, known: ConditionState): Reason {
  return {
    ...common(state, stage),
    kind: 'GateShut',
    owner: 'timer',
    message: `The gate in front of ${stage.name} is shut. ${reasons(known.rules).join(' ')}`.trim(),
    ...(known.endedAt === undefined ? {} : { since: known.endedAt }),
    deadline: giveUpAt(state, known),
    ...(known.checkAt === undefined ? {} : { checkAt: known.checkAt }),
    until: 'Its rules hold when they are asked again.',
  };
}

function common(state: ExecutionState, stage: StageState): Pick<Reason, 'subject' | 'may'> {
  const call = `POST /executions/${state.id}/stages${pathOf(stage.name)}/override`;
  return {
    subject: { type: 'condition', execution: state.id, stage: stage.name, place: 'beforeEntry' },
    may: [{ what: 'Override the condition beforeEntry', who: 'Everybody who may override conditions', call }],
  };
}

function giveUpAt(state: ExecutionState, { deadline }: ConditionState): number {
  const admission = state.admission.since + ADMISSION_MAX_MS;
  return deadline === undefined ? admission : Math.min(deadline, admission);
}
