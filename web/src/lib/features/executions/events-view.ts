import type { ExecutionEvent, ExecutionLiveMessage } from '#lib/api/contract.ts';
import { formatRelative } from '#lib/ui/time.ts';

/** By sequence, each once, whichever way it came. */
export function mergeEvents(
  known: readonly ExecutionEvent[],
  incoming: readonly ExecutionEvent[],
): readonly ExecutionEvent[] {
  const seen = new Set(known.map(identity));
  const fresh = incoming.filter((event) => !seen.has(identity(event)));
  if (fresh.length === 0) return known;
  return [...known, ...fresh].sort((one, other) => one.seq - other.seq);
}

export function eventsOf(message: ExecutionLiveMessage): readonly ExecutionEvent[] {
  return message.type === 'turn' ? message.events : [];
}

/** One event as a sentence. A type that this page does not know yet is shown by its name. */
export function describeEvent(event: ExecutionEvent, stages: readonly string[]): string {
  const action = text(event, 'action');
  const attempt = number(event, 'attempt');
  const nth = attempt !== undefined && attempt > 1 ? ` (attempt ${attempt})` : '';
  const stage = stages[number(event, 'stage') ?? -1] ?? 'A stage';
  const by = text(event, 'by') === '' ? '' : ` by ${text(event, 'by')}`;
  switch (event.type) {
    case 'ExecutionBegun':
      return 'The execution began';
    case 'Admitted':
      return 'The pipeline let it go on';
    case 'AdmissionAwaited':
      return `It waits in front of ${stage}`;
    case 'StageEntered':
      return `It entered ${stage}`;
    case 'StageSucceeded':
      return `${stage} succeeded`;
    case 'StageFailed':
      return `${stage} failed`;
    case 'StageStopped':
      return `${stage} stopped`;
    case 'StageCancelled':
      return `${stage} was cancelled`;
    case 'StageSkipped':
      return `${stage} was skipped`;
    case 'StageRetryScheduled':
      return `${stage} is retried by itself ${retryDelay(event)}`;
    case 'StageRetried':
      return by === '' ? `${stage} is retried by itself` : `${stage} was retried${by}`;
    case 'ConditionStarted':
      return `The ${condition(event)} of ${stage} is evaluated`;
    case 'ConditionEnded':
      return `The ${condition(event)} of ${stage}: ${verdicts[text(event, 'status')] ?? text(event, 'status')}`;
    case 'ConditionOverridden':
      return `The ${condition(event)} of ${stage} was overridden${by}`;
    case 'RollbackRequested':
      return `A rollback of ${stage} was asked for`;
    case 'RollbackStarted':
      return `The rollback of ${stage} has started`;
    case 'RollbackRefused':
      return `The rollback of ${stage} was refused${quoted(event, 'message')}`;
    case 'ReturnRequested':
      return `It asks to be let into ${stage} again${by}`;
    case 'ReturnRefused':
      return `It is not let in again${quoted(event, 'message')}`;
    case 'ExecutionResumed':
      return `It goes on from ${stage}${by}`;
    case 'ApprovalGiven':
      return `${action} was approved${approvedBy(event)}, and more approvals are needed`;
    case 'ExecutionStopping':
      return `Stop was asked for${by}${event['abandon'] === true ? ', abandoning what runs' : ''}${quoted(event, 'reason')}`;
    case 'ExecutionEnded':
      return `The execution ended: ${text(event, 'status')}`;
    case 'ActionStarted':
      return `${action} started${nth}`;
    case 'ApprovalRequested':
      return `${action} asks for approval`;
    case 'ActionProgressed':
      return `${action} reported progress${quoted(event, 'summary')}`;
    case 'ActionPolled':
      return `${action} was looked at`;
    case 'ActionClaimed':
      return `${text(event, 'runner')} took the job of ${action}${nth}`;
    case 'RunnerUnreachable':
      return `The runner of ${action} stopped answering`;
    case 'RunnerReturned':
      return `The runner of ${action} answers again`;
    case 'ActionCancelling':
      return `${action} is being cancelled: ${text(event, 'cause') === 'TimedOut' ? 'it took too long' : 'the execution is stopped'}`;
    case 'ActionHeld':
      return `${action} is held for a person${quoted(event, 'reason')}`;
    case 'ActionSucceeded':
      return by === '' ? `${action} succeeded${nth}` : `${action} was approved${by}${quoted(event, 'summary')}`;
    case 'ActionFailed':
      return failed(event, action, nth, by);
    case 'ActionAbandoned':
      return `${action} was abandoned`;
    case 'ActionRetryScheduled':
      return `${action} is tried again ${retryDelay(event)}`;
    case 'OrphanReported':
      return `A report about an attempt of ${action} that is over was put aside`;
    default:
      return event.type;
  }
}

export type EventTone = 'ok' | 'bad' | 'ask' | 'run' | 'idle';

export function eventTone({ type, ...event }: ExecutionEvent): EventTone {
  if (/(Failed|Abandoned|Refused)$/.test(type) || event['status'] === 'Failed') return 'bad';
  if (/(Requested|Held|Unreachable|Stopping|Cancelling|RetryScheduled|Awaited|Overridden)$/.test(type)) return 'ask';
  if (/(Succeeded|ApprovalGiven)$/.test(type) || event['status'] === 'Succeeded') return 'ok';
  return /(Started|Claimed|Begun|Entered|Returned|Retried|Resumed)$/.test(type) ? 'run' : 'idle';
}

/** Since when the runner of an attempt has been silent, if it is. */
export function unreachableSince(
  events: readonly ExecutionEvent[],
  action: string,
  attempt: number | null,
): number | undefined {
  const last = events.findLast(
    (event) =>
      (event.type === 'RunnerUnreachable' || event.type === 'RunnerReturned') &&
      event['action'] === action &&
      event['attempt'] === attempt,
  );
  return last?.type === 'RunnerUnreachable' ? Date.parse(last.at) : undefined;
}

/** When a runner took the job of an attempt: until then it waited for one. */
export function claimedAt(events: readonly ExecutionEvent[], action: string, attempt: number): number | undefined {
  const claim = events.find(
    (event) => event.type === 'ActionClaimed' && event['action'] === action && event['attempt'] === attempt,
  );
  return claim === undefined ? undefined : Date.parse(claim.at);
}

/** Who answered an approval, and what they said. */
export function answerOf(
  events: readonly ExecutionEvent[],
  action: string,
): { readonly by: string; readonly summary: string } | undefined {
  const answer = events.findLast((event) => event['action'] === action && text(event, 'by') !== '');
  return answer === undefined ? undefined : { by: text(answer, 'by'), summary: text(answer, 'summary') };
}

const verdicts: Readonly<Record<string, string>> = {
  Succeeded: 'met',
  Failed: 'not met',
  Errored: 'could not be evaluated',
  Cancelled: 'cancelled',
  Abandoned: 'abandoned',
};

function condition(event: ExecutionEvent): string {
  const names: Readonly<Record<string, string>> = {
    beforeEntry: 'gate',
    onSuccess: 'check on success',
    onFailure: 'check on failure',
  };
  return names[text(event, 'place')] ?? 'condition';
}

function approvedBy(event: ExecutionEvent): string {
  const approval = event['approval'];
  return typeof approval === 'object' && approval !== null && 'by' in approval ? ` by ${String(approval.by)}` : '';
}

function failed(event: ExecutionEvent, action: string, nth: string, by: string): string {
  const failure = event['failure'];
  const message =
    typeof failure === 'object' && failure !== null && 'message' in failure ? String(failure.message) : '';
  if (by !== '') return `${action} was rejected${by}${message === '' ? '' : `: ${message}`}`;
  return `${action} failed${nth}${message === '' ? '' : `: ${message}`}`;
}

function retryDelay(event: ExecutionEvent): string {
  const at = number(event, 'retryAt');
  return at === undefined ? 'soon' : formatRelative(at, Date.parse(event.at));
}

function identity(event: ExecutionEvent): string {
  return `${event.seq} ${event.type} ${text(event, 'action')} ${text(event, 'place')}`;
}

function quoted(event: ExecutionEvent, member: string): string {
  const value = text(event, member);
  return value === '' ? '' : `: ${value}`;
}

function text(event: ExecutionEvent, member: string): string {
  const value = event[member];
  return typeof value === 'string' ? value : '';
}

function number(event: ExecutionEvent, member: string): number | undefined {
  const value = event[member];
  return typeof value === 'number' ? value : undefined;
}
