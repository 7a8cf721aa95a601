import { isMet, reasons, verdict } from './conditions.ts';
import type { Instant } from './ids.ts';
import { isRetryDue, startAction } from './launch.ts';
import type { ExecutionEvent } from './messages.ts';
import type { ConditionState, ExecutionState, StageState } from './model.ts';
import type { ConditionPlace, ConditionPlan } from './plan.ts';
import { actionStatus, conditionPlaces, conditionState, currentAttempt } from './stages.ts';

/** Starts the condition's rules and waits for them; the events that this takes, or what they came to. */
export function evaluate(
  state: ExecutionState,
  stage: StageState,
  place: ConditionPlace,
  plan: ConditionPlan,
  at: Instant,
): readonly ExecutionEvent[] | 'Met' | 'Unmet' {
  const index = state.admission.stage;
  const condition = conditionState(stage, place);
  if (condition?.status === undefined) return [{ type: 'ConditionStarted', stage: index, place }];
  if (condition.status !== 'InProgress') return isMet(condition) ? 'Met' : 'Unmet';
  const started = startRules(state, plan, condition, at);
  if (started.length > 0) return started;
  const status = verdict(condition.rules);
  return status === undefined ? [] : [{ type: 'ConditionEnded', stage: index, place, status }];
}

export function startRules(
  state: ExecutionState,
  plan: ConditionPlan,
  condition: ConditionState,
  at: Instant,
): readonly ExecutionEvent[] {
  return plan.rules.flatMap((rule) => {
    const known = condition.rules.find(({ key }) => key === rule.key);
    const isReady = known === undefined || actionStatus(known) === undefined || isRetryDue(known, at);
    return isReady ? startAction(state, known, rule, at) : [];
  });
}

/** Why the condition is not met, for people. */
export function unmet(stage: StageState, place: ConditionPlace): string {
  const what = { beforeEntry: 'before entry', onSuccess: 'on success', onFailure: 'on failure' }[place];
  const rules = conditionState(stage, place)?.rules ?? [];
  return `The condition ${what} is not met. ${reasons(rules).join(' ')}`.trim();
}

/**
 * Nobody waits for the answers of these rules any more. Whatever runs for them is cancelled, but a rule changes nothing in the
 * world, so the confirmation need not be waited for.
 */
export function abandonRules(stage: StageState): readonly ExecutionEvent[] {
  const rules = Object.values(stage.conditions ?? {}).flatMap((condition) => condition.rules);
  return rules.flatMap((rule): readonly ExecutionEvent[] => {
    const attempt = currentAttempt(rule);
    if (attempt === undefined || actionStatus(rule) !== 'InProgress') return [];
    const of = { action: rule.key, attempt: attempt.number };
    const isOpen = attempt.phase.kind !== 'Ended';
    return [...(isOpen ? [{ type: 'OrphanReported' as const, ...of }] : []), { type: 'ActionAbandoned', ...of }];
  });
}

/** The same, and the conditions that are being evaluated end with their rules. */
export function abandonConditions(stage: StageState, index: number): readonly ExecutionEvent[] {
  const open = conditionPlaces.filter((place) => conditionState(stage, place)?.status === 'InProgress');
  return [
    ...abandonRules(stage),
    ...open.map((place) => ({ type: 'ConditionEnded' as const, stage: index, place, status: 'Abandoned' as const })),
  ];
}
