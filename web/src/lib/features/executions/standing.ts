import type {
  ActionView,
  Activity,
  ExecutionStatus,
  ExecutionSummary,
  ExecutionView,
  StageStatus,
} from '#lib/api/contract.ts';

/** Colour, shape and word together: none of them alone says what state a thing is in. */
export interface Standing {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly word: string;
}

export type Tone = 'ok' | 'bad' | 'run' | 'ask' | 'idle';

export type Shape =
  | 'check'
  | 'cross'
  | 'wheel'
  | 'stopping'
  | 'square'
  | 'overtaken'
  | 'slash'
  | 'skip'
  | 'broken'
  | 'hollow'
  | 'clock'
  | 'person'
  | 'hand'
  | 'unreachable'
  | 'again'
  | 'gate'
  | 'lock'
  | 'overridden';

const standings = {
  InProgress: { tone: 'run', shape: 'wheel', word: 'In progress' },
  Stopping: { tone: 'ask', shape: 'stopping', word: 'Stopping' },
  Stopped: { tone: 'idle', shape: 'square', word: 'Stopped' },
  Succeeded: { tone: 'ok', shape: 'check', word: 'Succeeded' },
  Superseded: { tone: 'idle', shape: 'overtaken', word: 'Superseded' },
  Failed: { tone: 'bad', shape: 'cross', word: 'Failed' },
  Cancelled: { tone: 'idle', shape: 'slash', word: 'Cancelled' },
  Skipped: { tone: 'idle', shape: 'skip', word: 'Skipped' },
  Abandoned: { tone: 'idle', shape: 'broken', word: 'Abandoned' },
} as const satisfies Record<ExecutionStatus | StageStatus | 'Abandoned', Standing>;

const activities = {
  Queued: { tone: 'run', shape: 'clock', word: 'Queued' },
  Running: standings.InProgress,
  RunnerUnreachable: { tone: 'ask', shape: 'unreachable', word: 'Runner unreachable' },
  AwaitingApproval: { tone: 'ask', shape: 'person', word: 'Awaiting approval' },
  Cancelling: { tone: 'ask', shape: 'stopping', word: 'Cancelling' },
  Held: { tone: 'ask', shape: 'hand', word: 'Held' },
  AwaitingRetry: { tone: 'run', shape: 'again', word: 'Awaiting retry' },
} as const satisfies Record<Activity, Standing>;

const returning: Standing = { tone: 'run', shape: 'again', word: 'Returning' };
const notReached: Standing = { tone: 'idle', shape: 'hollow', word: 'Not reached' };

export function statusStanding(status: keyof typeof standings | null): Standing {
  return status === null ? notReached : standings[status];
}

/** An execution that waits for a person is not merely in progress. */
export function executionStanding({ status, attention }: Pick<ExecutionSummary, 'status' | 'attention'>): Standing {
  if (status !== 'InProgress' || attention === null) return standings[status];
  return attention === 'Approval' ? activities.AwaitingApproval : activities.Held;
}

/** One that has ended and asks to be let in again is neither alive nor over. */
export function executionViewStanding(
  { status, returning: order }: Pick<ExecutionView, 'status' | 'returning'>,
  attention: ExecutionSummary['attention'],
): Standing {
  return order === null ? executionStanding({ status, attention }) : returning;
}

export function actionStanding({ status, activity }: Pick<ActionView, 'status' | 'activity'>): Standing {
  if (status === 'InProgress' && activity !== null) return activities[activity];
  // The attempt has failed, but the action has not: another attempt follows.
  if (activity === 'AwaitingRetry') return activities.AwaitingRetry;
  return statusStanding(status);
}

export function isLive(status: ExecutionStatus): boolean {
  return status === 'InProgress' || status === 'Stopping';
}

/** An execution that failed or was stopped may be brought back; any other end is for good. */
export function mayComeBack(status: ExecutionStatus): boolean {
  return status === 'Failed' || status === 'Stopped';
}

/** The one character that a page title has room for. */
export function standingGlyph({ shape, tone }: Standing): string {
  if (shape === 'check') return '✓';
  if (shape === 'cross') return '✗';
  if (tone === 'ask') return '!';
  return tone === 'run' ? '●' : '■';
}
