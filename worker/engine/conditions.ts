import type { FailureCode } from './failure-code.ts';
import type { Instant } from './ids.ts';
import type { ActionState, ConditionState, ConditionStatus } from './model.ts';
import { actionStatus, currentAttempt } from './stages.ts';

/** A rule that cannot say when it could hold is asked again after this long. */
const CHECK_AGAIN_MS = 60_000;
const CHECK_AGAIN_MIN_MS = 1_000;
const CHECK_AGAIN_MAX_MS = 24 * 60 * 60_000;
/** A gate that was open when the execution asked for the stage is taken to be open still when it gets in at once. */
const FRESH_MS = 10_000;

/** The rule was evaluated, and it does not hold; any other failure means that it could not be evaluated. */
const VERDICTS: readonly FailureCode[] = ['ConditionUnmet', 'JobFailed'];

export type Verdict = Extract<ConditionStatus, 'Succeeded' | 'Failed' | 'Errored' | 'Abandoned'>;

/** All rules together; undefined while one of them is still to answer. User guide, "How do stage conditions work?". */
export function verdict(rules: readonly ActionState[]): Verdict | undefined {
  const statuses = rules.map(actionStatus);
  if (statuses.some((status) => status === undefined || status === 'InProgress')) return undefined;
  if (statuses.every((status) => status === 'Succeeded')) return 'Succeeded';
  if (statuses.includes('Abandoned')) return 'Abandoned';
  return rules.every((rule) => hasVerdict(rule)) ? 'Failed' : 'Errored';
}

/** When a gate that is shut is worth another look: when the last of the rules that do not hold could hold. */
export function checkAgainAt(rules: readonly ActionState[], at: Instant): Instant {
  const hints = rules.flatMap((rule) => {
    const phase = currentAttempt(rule)?.phase;
    if (phase?.kind !== 'Ended' || phase.status !== 'Failed') return [];
    return [phase.checkAfterMs ?? CHECK_AGAIN_MS];
  });
  const pauseMs = Math.max(CHECK_AGAIN_MIN_MS, ...hints);
  return at + Math.min(pauseMs, CHECK_AGAIN_MAX_MS);
}

export function isMet(condition: ConditionState): boolean {
  return condition.status === 'Succeeded' || condition.status === 'Overridden';
}

export function isFresh(condition: ConditionState, at: Instant): boolean {
  if (condition.status === 'Overridden') return true;
  return condition.status === 'Succeeded' && at - (condition.endedAt ?? 0) <= FRESH_MS;
}

/** What the rules that do not hold say, for people. */
export function reasons(rules: readonly ActionState[]): readonly string[] {
  return rules.flatMap((rule) => {
    const phase = currentAttempt(rule)?.phase;
    if (phase?.kind !== 'Ended' || phase.status !== 'Failed') return [];
    return [`${rule.name}: ${phase.failure.message}`];
  });
}

function hasVerdict(rule: ActionState): boolean {
  const phase = currentAttempt(rule)?.phase;
  if (phase?.kind !== 'Ended' || phase.status !== 'Failed') return true;
  return VERDICTS.includes(phase.failure.code);
}
