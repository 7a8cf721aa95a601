import type { ExecutionId, Instant } from './ids.ts';
import type { Position } from './position.ts';

/**
 * Who may enter which stage: the pipeline's own decisions. Every live execution owns the stages [at..through]; the ranges are
 * disjoint (except in PARALLEL), and an execution enters a stage of its range without asking. `docs/protocol.md`, admission.
 */
export type ExecutionMode = 'SUPERSEDED' | 'QUEUED' | 'PARALLEL';

export interface LiveExecution {
  readonly id: ExecutionId;
  readonly number: number;
  /** Names of the stages of the version that the execution is pinned to. */
  readonly stages: readonly string[];
  readonly mode: ExecutionMode;
  /** Index of the stage that it is in, or waits in front of. */
  readonly at: number;
  readonly waiting: boolean;
  /** Index of the last stage that it may enter; `at - 1` while it waits. */
  readonly through: number;
  /** Number of its latest grant. 0: it has never been admitted, so there is no ExecutionObject yet. */
  readonly epoch: number;
  /** Number of the latest position heard from it. */
  readonly step: number;
  readonly since: Instant;
  /** It must end, and cannot refuse, because it holds nothing. */
  readonly ending?: 'Superseded' | 'Stopped';
}

/** Ordered by number. Executions never overtake each other, so a lower number is further ahead. */
export type Live = readonly LiveExecution[];

export interface Newcomer {
  readonly id: ExecutionId;
  readonly number: number;
  readonly stages: readonly string[];
  readonly mode: ExecutionMode;
}

export function enter(live: Live, newcomer: Newcomer, at: Instant): Live {
  const waiter: LiveExecution = { ...newcomer, at: 0, waiting: true, through: -1, epoch: 0, step: 0, since: at };
  return settle([...live, waiter], at);
}

/** Takes a position report in. A repeated or outdated one changes nothing. */
export function move(live: Live, id: ExecutionId, position: Position, at: Instant): Live {
  const row = live.find((candidate) => candidate.id === id);
  if (row === undefined || position.step <= row.step) return live;
  if (position.kind === 'Ended') return settle(without(live, id), at);
  const moved: LiveExecution = {
    ...row,
    step: position.step,
    at: position.stage,
    waiting: position.kind === 'Waiting',
    through: position.kind === 'Waiting' ? position.stage - 1 : row.through,
    since: at,
  };
  return settle(replace(live, moved), at);
}

/** Ends an execution that was never admitted. Undefined: it was, so its own object must be asked. */
export function withdraw(live: Live, id: ExecutionId, at: Instant): Live | undefined {
  const row = live.find((candidate) => candidate.id === id);
  if (row === undefined || row.epoch > 0) return undefined;
  return settle(replace(live, { ...row, ending: row.ending ?? 'Stopped' }), at);
}

export function without(live: Live, id: ExecutionId): Live {
  return live.filter((row) => row.id !== id);
}

/** Supersedes and grants whatever the rows as they are now allow. */
function settle(live: Live, at: Instant): Live {
  const superseded = live.map((row) => (isSuperseded(row, live) ? { ...row, ending: 'Superseded' as const } : row));
  return superseded.map((row, index) => grant(row, superseded.slice(0, index), at));
}

/** A newer execution has arrived in the same slot; user guide, "How executions are processed in SUPERSEDED mode". */
function isSuperseded(row: LiveExecution, live: Live): boolean {
  if (row.ending !== undefined || !row.waiting || row.mode !== 'SUPERSEDED') return false;
  return live.some(
    (other) =>
      other.number > row.number && other.ending === undefined && other.waiting && gateOf(other) === gateOf(row),
  );
}

function grant(row: LiveExecution, ahead: Live, at: Instant): LiveExecution {
  if (row.ending !== undefined) return row;
  const through = reach(row, ahead);
  if (row.waiting && through < row.at) return row;
  if (through <= row.through) return row;
  return { ...row, waiting: false, through, epoch: row.epoch + 1, since: row.waiting ? at : row.since };
}

/** Index of the last stage before the first one that an execution ahead is in or has yet to pass. */
function reach(row: LiveExecution, ahead: Live): number {
  if (row.mode === 'PARALLEL') return row.stages.length - 1;
  const taken = new Set(
    ahead.filter(({ ending, mode }) => ending === undefined && mode !== 'PARALLEL').flatMap(remaining),
  );
  const blocked = row.stages.findIndex((stage, index) => index >= row.at && taken.has(stage));
  return blocked === -1 ? row.stages.length - 1 : blocked - 1;
}

function remaining(row: LiveExecution): readonly string[] {
  return row.stages.slice(row.at);
}

function gateOf(row: LiveExecution): string | undefined {
  return row.stages[row.at];
}

function replace(live: Live, changed: LiveExecution): Live {
  return live.map((row) => (row.id === changed.id ? changed : row));
}
