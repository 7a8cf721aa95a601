import type { ActionView, ConditionPlace, ExecutionView, StageView } from '#lib/api/contract.ts';
import { formatDuration, formatExactDuration, formatRelative } from '#lib/ui/time.ts';
import { isLive } from './standing.ts';

export interface WhyInput {
  readonly execution: ExecutionView;
  readonly stage: StageView;
  readonly action: ActionView;
  /** Set for the rule of a condition. */
  readonly place?: ConditionPlace | undefined;
  readonly now: number;
  /** When the runner fell silent; only the event log knows. */
  readonly unreachableSince?: number | undefined;
}

/** The state of an action in one sentence, ending in what will move it on. */
export function whyAction(input: WhyInput): string {
  const { action, now } = input;
  switch (action.activity) {
    case 'Queued':
      return 'Waits for a runner of its pool to take the job.';
    case 'Running':
      return `Has been running${onRunner(action)} for ${elapsed(action, now)}.`;
    case 'RunnerUnreachable':
      return unreachable(input);
    case 'AwaitingApproval':
      return awaitingApproval(action, now);
    case 'Cancelling':
      return 'Is being cancelled: the runner has been asked to end the job.';
    case 'Held':
      return 'Is held: its runner was lost on the way, so a person decides whether to run it again.';
    case 'AwaitingRetry':
      return awaitingRetry(action, now);
    case null:
      return action.status === null ? notReached(input) : ended(action);
  }
}

function unreachable({ action, now, unreachableSince }: WhyInput): string {
  const since = unreachableSince === undefined ? '' : ` for ${formatDuration(now - unreachableSince)}`;
  return `${action.runner ?? 'Its runner'} has not answered${since}. The job goes on when it returns; if it stays away, the job counts as lost.`;
}

function awaitingApproval({ approval }: ActionView, now: number): string {
  if (approval === null) return 'Waits for approval.';
  return `Waits for approval; without an answer it expires ${formatRelative(Date.parse(approval.expiresAt), now)}.`;
}

function awaitingRetry({ attempt, retryAt }: ActionView, now: number): string {
  const when = retryAt === null ? 'soon' : formatRelative(Date.parse(retryAt), now);
  return `Attempt ${attempt ?? 1} failed; the next one starts ${when}.`;
}

function notReached({ execution, stage, action, place }: WhyInput): string {
  if (place !== undefined) return 'Is evaluated together with the other rules of its condition.';
  if (!isLive(execution.status)) return 'Was not reached before the execution ended.';
  if (execution.waitingForStage === stage.name) {
    return `Waits for stage ${stage.name}, which another execution is in or which does not take one now.`;
  }
  if (stage.status === null) {
    const at = execution.stages.indexOf(stage);
    const before = execution.stages[at - 1]?.name;
    return before === undefined ? 'Starts as soon as the stage is entered.' : `Starts after stage ${before}.`;
  }
  const ahead = stage.actions.filter(
    (other) => other.runOrder < action.runOrder && other.status !== 'Succeeded' && other.name !== action.name,
  );
  return `Starts after ${listed(ahead.map(({ name }) => name))}.`;
}

function ended(action: ActionView): string {
  const took = duration(action);
  const attempts = action.attempts.length > 1 ? ` in attempt ${action.attempts.length}` : '';
  switch (action.status) {
    case 'Succeeded':
      return `Succeeded${attempts} after ${took}.`;
    case 'Failed':
      return action.attempts.length > 1
        ? `Failed in all ${action.attempts.length} attempts, after ${took}.`
        : `Failed after ${took}.`;
    case 'Abandoned':
      return `Was abandoned after ${took}: the execution was stopped.`;
    case 'InProgress':
    case null:
      return 'In progress.';
  }
}

function onRunner({ runner }: ActionView): string {
  return runner === null ? '' : ` on ${runner}`;
}

function elapsed({ attempts, startedAt }: ActionView, now: number): string {
  const from = attempts.at(-1)?.startedAt ?? startedAt;
  return formatDuration(from === null ? 0 : now - Date.parse(from));
}

function duration({ startedAt, endedAt }: ActionView): string {
  if (startedAt === null || endedAt === null) return 'some time';
  return formatExactDuration(Date.parse(endedAt) - Date.parse(startedAt));
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'the actions before it';
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
}
