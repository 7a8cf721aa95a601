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
  if (/(Failed|Abandoned)$/.test(type) || event['status'] === 'Failed') return 'bad';
  if (/(Requested|Held|Unreachable|Stopping|Cancelling|RetryScheduled|Awaited)$/.test(type)) return 'ask';
  if (/Succeeded$/.test(type) || event['status'] === 'Succeeded') return 'ok';
  return /(Started|Claimed|Begun|Entered|Returned)$/.test(type) ? 'run' : 'idle';
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
  return `${event.seq} ${event.type} ${text(event, 'action')}`;
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
