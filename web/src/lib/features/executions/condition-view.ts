import type { ActionView, ConditionPlace, ConditionView, ExecutionView, StageView } from '#lib/api/contract.ts';
import { formatRelative } from '#lib/ui/time.ts';
import { actionStanding, isLive, type Standing } from './standing.ts';

/** What a condition is called, by where it stands. */
export const conditionNames: Readonly<Record<ConditionPlace, string>> = {
  beforeEntry: 'Gate',
  onSuccess: 'Check on success',
  onFailure: 'Check on failure',
};

/** A gate that is shut but still waited for is asked again; it has not failed yet. */
export function conditionStanding(condition: ConditionView, isWaitedFor: boolean): Standing {
  if (isWaitedFor && isShut(condition)) return { tone: 'ask', shape: 'gate', word: 'Shut' };
  switch (condition.status) {
    case null:
      return { tone: 'idle', shape: 'hollow', word: 'Not evaluated' };
    case 'InProgress':
      return { tone: 'run', shape: 'wheel', word: 'Evaluating' };
    case 'Succeeded':
      return { tone: 'ok', shape: 'check', word: condition.place === 'beforeEntry' ? 'Open' : 'Met' };
    case 'Overridden':
      return { tone: 'ok', shape: 'overridden', word: 'Overridden' };
    case 'Failed':
      return condition.otherwise === 'SKIP'
        ? { tone: 'idle', shape: 'skip', word: 'Not met, skipped' }
        : { tone: 'bad', shape: 'cross', word: 'Not met' };
    case 'Errored':
      return { tone: 'bad', shape: 'cross', word: 'Errored' };
    case 'Cancelled':
      return { tone: 'idle', shape: 'slash', word: 'Cancelled' };
    case 'Abandoned':
      return { tone: 'idle', shape: 'broken', word: 'Abandoned' };
  }
}

function isShut({ place, status }: ConditionView): boolean {
  return place === 'beforeEntry' && (status === 'Failed' || status === 'Errored');
}

export function isWaitedFor(
  execution: ExecutionView,
  stage: StageView,
  { place, otherwise }: ConditionView,
): boolean {
  return place === 'beforeEntry' && otherwise === 'WAIT' && execution.waitingForStage === stage.name;
}

/** How a rule stands; one that does not hold has answered, it is not broken. */
export function ruleStanding(rule: ActionView): Standing {
  const standing = actionStanding(rule);
  if (rule.status === 'Succeeded') return { ...standing, word: 'Holds' };
  if (rule.status === 'Failed' && isVerdict(rule)) return { ...standing, word: 'Does not hold' };
  return rule.status === null ? { ...standing, word: 'Not evaluated' } : standing;
}

function isVerdict({ error }: ActionView): boolean {
  return error?.code === 'ConditionUnmet' || error?.code === 'JobFailed';
}

/** The state of a condition in one sentence, ending in what happens next. */
export function describeCondition(
  condition: ConditionView,
  { stage, isWaitedFor, now }: { readonly stage: string; readonly isWaitedFor: boolean; readonly now: number },
): string {
  const { status, overriddenBy } = condition;
  switch (status) {
    case null:
      return whenEvaluated(condition, stage);
    case 'InProgress':
      return 'Its rules are being evaluated.';
    case 'Succeeded':
      return `Every rule holds, so ${met(condition, stage)}.`;
    case 'Overridden':
      return `${overriddenBy ?? 'Somebody'} let it through, whatever its rules say.`;
    case 'Failed':
    case 'Errored': {
      const why = status === 'Failed' ? 'Not every rule holds' : 'Its rules could not all be evaluated';
      return `${why}, so ${isWaitedFor ? shut(condition, now) : unmet(condition, stage)}.`;
    }
    case 'Cancelled':
      return 'It was cancelled before its rules had answered.';
    case 'Abandoned':
      return 'It was abandoned before its rules had answered.';
  }
}

function whenEvaluated({ place }: ConditionView, stage: string): string {
  if (place === 'beforeEntry') return `Is evaluated before ${stage} is entered.`;
  return place === 'onSuccess'
    ? `Is evaluated once every action of ${stage} has succeeded.`
    : `Is evaluated only if ${stage} fails.`;
}

function met({ place, otherwise }: ConditionView, stage: string): string {
  if (place === 'beforeEntry') return `${stage} may be entered`;
  if (place === 'onSuccess') return `${stage} has succeeded`;
  return otherwise === 'ROLLBACK' ? `${stage} is not rolled back` : `${stage} is not retried`;
}

function shut({ checkAt, deadline }: ConditionView, now: number): string {
  const again = checkAt === null ? 'soon' : formatRelative(Math.max(Date.parse(checkAt), now + 1), now);
  const end =
    deadline === null ? '' : `; if it stays shut, the execution fails ${formatRelative(Date.parse(deadline), now)}`;
  return `it is asked again ${again}${end}`;
}

function unmet({ otherwise }: ConditionView, stage: string): string {
  switch (otherwise) {
    case 'WAIT':
      return `${stage} was not entered`;
    case 'SKIP':
      return `${stage} was skipped`;
    case 'FAIL':
      return `${stage} failed`;
    case 'RETRY':
      return `${stage} is retried once`;
    case 'ROLLBACK':
      return `${stage} is rolled back`;
  }
}

/** User guide, "Override a stage condition": SKIP and conditions on failure have nothing to override. */
export function isOverridable(execution: ExecutionView, stage: StageView, condition: ConditionView): boolean {
  const { place, otherwise, status } = condition;
  if (execution.returning !== null) return false;
  if (isLive(execution.status)) {
    const isOpen = status === 'Succeeded' || status === 'Overridden';
    return isWaitedFor(execution, stage, condition) && !isOpen && execution.stop === null;
  }
  const isUnmet = status === 'Failed' || status === 'Errored';
  return (
    execution.status === 'Failed' &&
    stage.status === 'Failed' &&
    isUnmet &&
    (place === 'onSuccess' || (place === 'beforeEntry' && otherwise === 'FAIL'))
  );
}

/** The gate that an execution stands in front of, shut or being evaluated. */
export function awaitedGate(
  execution: ExecutionView,
): { readonly stage: StageView; readonly condition: ConditionView } | undefined {
  const stage = execution.stages.find(({ name }) => name === execution.waitingForStage);
  const condition = stage?.conditions.find(({ place }) => place === 'beforeEntry');
  if (stage === undefined || condition === undefined) return undefined;
  if (!isWaitedFor(execution, stage, condition)) return undefined;
  return isShut(condition) || condition.status === 'InProgress' ? { stage, condition } : undefined;
}
