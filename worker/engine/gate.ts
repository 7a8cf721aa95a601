import { checkAgainAt, isFresh, isMet, reasons, verdict } from './conditions.ts';
import type { Instant } from './ids.ts';
import type { ExecutionEvent } from './messages.ts';
import type { ConditionState, ExecutionState, StageState } from './model.ts';
import type { ConditionPlan, StagePlan } from './plan.ts';
import { abandonRules, startRules } from './rules.ts';
import { gatePlan } from './stages.ts';

/** In front of a stage: past the gate, if it has one, and then past the pipeline's lock. */
export function advanceAtGate(
  state: ExecutionState,
  plan: StagePlan,
  stage: StageState,
  at: Instant,
): readonly ExecutionEvent[] {
  const { stage: index, through, waiting, step } = state.admission;
  if (state.stop !== undefined) {
    const status = state.stop.isCancel === true ? 'Cancelled' : 'Stopped';
    return [...abandonRules(stage), { type: 'ExecutionEnded', status, step: step + 1 }];
  }
  const gate = gatePlan(state, plan);
  if (gate !== undefined) return advanceGate(state, gate, stage, at);
  if (index <= through) return [{ type: 'StageEntered', stage: index, step: step + 1 }];
  return waiting ? [] : [{ type: 'AdmissionAwaited', stage: index, step: step + 1 }];
}

/**
 * The gate is evaluated while the execution holds nothing, so that a newer one can supersede it, and once more when it is let
 * into the stage after a while: the window may have closed meanwhile.
 */
function advanceGate(
  state: ExecutionState,
  plan: ConditionPlan,
  stage: StageState,
  at: Instant,
): readonly ExecutionEvent[] {
  const { stage: index, through, waiting, step } = state.admission;
  const next = step + 1;
  if (!waiting) return [{ type: 'AdmissionAwaited', stage: index, step: next, atGate: true }];
  const gate = stage.conditions?.beforeEntry;
  const isGranted = index <= through;
  switch (gate?.status) {
    case undefined:
      return [startGate(index, gate, plan, at)];
    case 'InProgress':
      return advanceEvaluation(state, plan, gate, isGranted, at);
    case 'Succeeded':
    case 'Overridden':
      if (!isGranted) return [];
      return isFresh(gate, at)
        ? [{ type: 'StageEntered', stage: index, step: next }]
        : [startGate(index, gate, plan, at)];
    case 'Failed':
    case 'Errored':
    case 'Cancelled':
    case 'Abandoned':
      if (isGranted) return [{ type: 'AdmissionAwaited', stage: index, step: next, atGate: true }];
      if (at >= (gate.deadline ?? at)) return giveUp(index, next, gate);
      return at >= (gate.checkAt ?? at) ? [startGate(index, gate, plan, at)] : [];
  }
}

function advanceEvaluation(
  state: ExecutionState,
  plan: ConditionPlan,
  gate: ConditionState,
  isGranted: boolean,
  at: Instant,
): readonly ExecutionEvent[] {
  const started = startRules(state, plan, gate, at);
  if (started.length > 0) return started;
  const status = verdict(gate.rules);
  if (status === undefined) return [];
  const { stage, step } = state.admission;
  const ended = { type: 'ConditionEnded', stage, place: 'beforeEntry', status } as const;
  if (status !== 'Succeeded') return [{ ...ended, checkAt: checkAgainAt(gate.rules, at) }];
  return [isGranted ? ended : { ...ended, step: step + 1 }];
}

function startGate(
  stage: number,
  gate: ConditionState | undefined,
  plan: ConditionPlan,
  at: Instant,
): ExecutionEvent {
  // A gate that was open has a whole wait before it again.
  const deadline = gate === undefined || isMet(gate) ? undefined : gate.deadline;
  return { type: 'ConditionStarted', stage, place: 'beforeEntry', deadline: deadline ?? at + plan.waitMs };
}

function giveUp(stage: number, step: number, gate: ConditionState): readonly ExecutionEvent[] {
  const reason = `The gate has not opened in time. ${reasons(gate.rules).join(' ')}`.trim();
  return [
    { type: 'StageFailed', stage, reason },
    { type: 'ExecutionEnded', status: 'Failed', step },
  ];
}
