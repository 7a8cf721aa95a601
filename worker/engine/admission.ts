import type { ExecutionId, Instant } from './ids.ts';
import { omit } from './omit.ts';
import type { Position } from './position.ts';

/**
 * Who may enter which stage: the pipeline's own decisions. Every live execution owns the stages [at..through]; the ranges are
 * disjoint (except in PARALLEL), and an execution enters a stage of its range without asking. `docs/protocol.md`, admission.
 */
export type ExecutionMode = 'SUPERSEDED' | 'QUEUED' | 'PARALLEL';

export interface LiveExecution {
  readonly id: ExecutionId;
  readonly number: number;
  /** Who is further ahead: the lower one. The number, unless it came in at a later stage. */
  readonly rank: number;
  /** Names of the stages of the version that the execution is pinned to. */
  readonly stages: readonly string[];
  readonly mode: ExecutionMode;
  /** Index of the last stage that it runs; absent: the last there is. */
  readonly last?: number;
  /** Index of the stage that it is in, or waits in front of. */
  readonly at: number;
  readonly waiting: boolean;
  /** A gate of its own is shut. */
  readonly isShut?: true;
  /** Index of the last stage that it may be in, for all that is known; `at - 1` while it waits. */
  readonly through: number;
  /** It has been told to go no further than this; `through` follows when it has confirmed. */
  readonly limit?: number;
  /** Number of its latest grant. 0: it has never been admitted, so there is no ExecutionObject yet. */
  readonly epoch: number;
  /** Number of the latest position heard from it. */
  readonly step: number;
  readonly since: Instant;
  /** It is in its stage, but would make way for a newer one that waits for it. */
  readonly yields?: true;
  /** It has been asked to. */
  readonly isAskedToYield?: true;
  /** It goes back to an earlier state of the pipeline: it neither supersedes nor is superseded. */
  readonly isRollback?: true;
  /** It had ended, and waits to be let into this stage again. */
  readonly isReturning?: true;
  /** It must end. One that waits cannot refuse, because it holds nothing; one inside a stage holds it until it has. */
  readonly ending?: 'Superseded' | 'Stopped' | 'Cancelled' | 'Refused';
}

/** Ordered by rank: executions never overtake each other, so a lower one is further ahead. */
export type Live = readonly LiveExecution[];

/** What admission must know beside the executions themselves. */
export interface Tracks {
  /** Stages whose inbound transition is disabled. */
  readonly closed: ReadonlySet<string>;
  /** The highest number among ended executions that have entered each stage. */
  readonly entered: Readonly<Record<string, number>>;
}

export type Newcomer = Pick<LiveExecution, 'id' | 'number' | 'stages' | 'mode'> &
  Partial<Pick<LiveExecution, 'at' | 'last' | 'epoch' | 'step' | 'isRollback' | 'isReturning'>>;

export function enter(live: Live, newcomer: Newcomer, tracks: Tracks, at: Instant): Live {
  const first = newcomer.at ?? 0;
  const place = placeOf(live, newcomer, first);
  const waiter: LiveExecution = {
    epoch: 0,
    step: 0,
    ...newcomer,
    rank: rankBetween(live[place - 1], live[place], newcomer.number),
    at: first,
    waiting: true,
    through: first - 1,
    since: at,
  };
  return settle([...live.slice(0, place), waiter, ...live.slice(place)], tracks, at);
}

/** Takes a position report in. A repeated or outdated one changes nothing. */
export function move(live: Live, id: ExecutionId, position: Position, tracks: Tracks, at: Instant): Live {
  const row = live.find((candidate) => candidate.id === id);
  if (row === undefined || position.step <= row.step || position.kind === 'Returning') return live;
  if (mayBeLetIn(row, position)) return live;
  if (position.kind === 'Ended') return settle(without(live, id), tracks, at);
  return settle(replace(live, moved(row, position, at)), tracks, at);
}

/** The execution has taken the grant of this epoch in, and this is where it was at that moment. */
export function confirm(
  live: Live,
  id: ExecutionId,
  { epoch, position }: { readonly epoch: number; readonly position: Position },
  tracks: Tracks,
  at: Instant,
): Live {
  const before = live.find((candidate) => candidate.id === id);
  // It has taken in what lets it in, and only looks at its gate once more: it holds the stage.
  const isIn = before?.epoch === epoch && position.kind === 'Waiting' && mayBeLetIn(before, position);
  const known: Position = isIn ? { step: position.step, kind: 'In', stage: position.stage } : position;
  const after = move(live, id, known, tracks, at);
  const row = after.find((candidate) => candidate.id === id);
  if (row?.limit === undefined || row.epoch !== epoch) return after;
  const { limit, ...confirmed } = row;
  return settle(replace(after, { ...confirmed, through: Math.max(limit, row.at) }), tracks, at);
}

/** Ends an execution that was never admitted. Undefined: it was, so its own object must be asked. */
export function withdraw(
  live: Live,
  id: ExecutionId,
  ending: 'Stopped' | 'Cancelled',
  tracks: Tracks,
  at: Instant,
): Live | undefined {
  const row = live.find((candidate) => candidate.id === id);
  if (row === undefined || row.epoch > 0) return undefined;
  return settle(replace(live, { ...row, ending: row.ending ?? ending }), tracks, at);
}

/** The pipeline has changed under them. User guide, "What happens to executions when a pipeline is updated". */
export function cancelAll(live: Live, tracks: Tracks, at: Instant): Live {
  const cancelled = live.map((row): LiveExecution =>
    row.mode === 'PARALLEL' || row.ending !== undefined ? row : { ...row, ending: 'Cancelled' },
  );
  return settle(cancelled, tracks, at);
}

/** It was asked to make way, and something has begun in its stage meanwhile. */
export function stays(live: Live, id: ExecutionId, tracks: Tracks, at: Instant): Live {
  return settle(
    live.map((row) => (row.id === id ? omit(row, 'yields', 'isAskedToYield') : row)),
    tracks,
    at,
  );
}

export function without(live: Live, id: ExecutionId): Live {
  return live.filter((row) => row.id !== id);
}

/** Supersedes, refuses, grants and narrows whatever the rows as they are now ask for. */
export function settle(live: Live, tracks: Tracks, at: Instant): Live {
  const judged = live.map((row): LiveExecution => {
    if (isSuperseded(row, live)) return { ...row, ending: 'Superseded' };
    if (isInTheWay(row, live)) return { ...row, isAskedToYield: true };
    return isOvertaken(row, live, tracks) ? { ...row, ending: 'Refused' } : row;
  });
  return judged.reduce<Live>((settled, row, index) => {
    const others = { ahead: settled.slice(0, index), behind: settled.slice(index + 1) };
    return replace(settled, grant(row, others, tracks, at));
  }, judged);
}

/** What an execution has been told it may do. */
export function granted(row: LiveExecution): number {
  return row.limit ?? row.through;
}

/** Is a newer execution in this stage, or has one been? Then an older one must not come back to it. */
export function isEnteredByNewer(live: Live, tracks: Tracks, number: number, stage: string): boolean {
  if ((tracks.entered[stage] ?? 0) > number) return true;
  return live.some((row) => row.number > number && row.mode !== 'PARALLEL' && hasEntered(row, stage));
}

/** A newer execution has arrived in the same slot; user guide, "How executions are processed in SUPERSEDED mode". */
function isSuperseded(row: LiveExecution, live: Live): boolean {
  if (row.ending !== undefined || !row.waiting || row.mode !== 'SUPERSEDED' || jumps(row)) return false;
  return live.some(
    (other) =>
      other.number > row.number &&
      other.ending === undefined &&
      other.waiting &&
      !jumps(other) &&
      gateOf(other) === gateOf(row),
  );
}

/** It holds a stage that a newer one waits for, and has said that it would make way. */
function isInTheWay(row: LiveExecution, live: Live): boolean {
  if (row.yields !== true || row.isAskedToYield === true || row.ending !== undefined || row.mode !== 'SUPERSEDED') {
    return false;
  }
  return live.some(
    (other) =>
      other.number > row.number && other.waiting && other.ending === undefined && gateOf(other) === gateOf(row),
  );
}

function isOvertaken(row: LiveExecution, live: Live, tracks: Tracks): boolean {
  if (row.isReturning !== true || !row.waiting || row.ending !== undefined || row.mode === 'PARALLEL') return false;
  return isEnteredByNewer(live, tracks, row.number, gateOf(row) ?? '');
}

function grant(
  row: LiveExecution,
  others: { readonly ahead: Live; readonly behind: Live },
  tracks: Tracks,
  at: Instant,
): LiveExecution {
  if (row.ending !== undefined) return row;
  const to = reach(row, others, tracks);
  if (row.waiting) {
    if (row.isShut === true || to < row.at) return row;
    const { isReturning: _, ...admitted } = row;
    return { ...admitted, waiting: false, through: to, epoch: row.epoch + 1, since: at };
  }
  const through = Math.max(to, row.at);
  if (through === granted(row)) return row;
  const { limit: _, ...free } = row;
  const next = through >= row.through ? { ...free, through } : { ...row, limit: through };
  return { ...next, epoch: row.epoch + 1 };
}

/**
 * Index of the last stage before the first one that is closed, that an execution ahead is in or has yet to pass, or that one
 * behind may be in, for all that is known.
 */
function reach(
  row: LiveExecution,
  { ahead, behind }: { readonly ahead: Live; readonly behind: Live },
  { closed }: Tracks,
): number {
  const taken = new Set(
    row.mode === 'PARALLEL'
      ? []
      : [...ahead.filter(isInLine).flatMap(remaining), ...behind.filter(isInLine).flatMap(held)],
  );
  const end = row.last ?? row.stages.length - 1;
  for (let index = row.at; index <= end; index += 1) {
    const stage = row.stages[index] ?? '';
    // A transition holds up what comes through it: not what is inside, and not what is sent to the stage for a second time.
    const isOpen = !closed.has(stage) || (index === row.at && (!row.waiting || jumps(row)));
    if (taken.has(stage) || !isOpen) return index - 1;
  }
  return end;
}

export function isInLine({ mode }: LiveExecution): boolean {
  return mode !== 'PARALLEL';
}

/** Stages that it is in or has yet to come through. */
export function remaining(row: LiveExecution): readonly string[] {
  return row.ending === undefined ? row.stages.slice(row.at, (row.last ?? row.stages.length - 1) + 1) : held(row);
}

/** Stages that it may be in, for all that is known. */
export function held(row: LiveExecution): readonly string[] {
  return row.waiting ? [] : row.stages.slice(row.at, row.through + 1);
}

/** It said that it waits before it knew of its latest grant, which lets it in: it may be in the stage by now. */
function mayBeLetIn(row: LiveExecution, position: Position): boolean {
  if (position.kind !== 'Waiting' || position.epoch === undefined) return false;
  return position.epoch < row.epoch && row.through >= position.stage;
}

function moved(
  row: LiveExecution,
  position: Extract<Position, { kind: 'In' | 'Waiting' }>,
  at: Instant,
): LiveExecution {
  const here = {
    ...omit(row, 'isShut', 'yields', 'isAskedToYield'),
    step: position.step,
    at: position.stage,
    since: at,
  };
  if (position.kind === 'In') {
    return { ...here, waiting: false, ...(position.yields === true ? { yields: true } : {}) };
  }
  const through = position.stage - 1;
  return { ...omit(here, 'limit'), waiting: true, through, ...(position.isReady ? {} : { isShut: true }) };
}

/** Before the first execution that has not come to the stage yet; one that begins at the beginning is last. */
function placeOf(live: Live, newcomer: Newcomer, first: number): number {
  if (first === 0 && newcomer.isReturning !== true && newcomer.isRollback !== true) return live.length;
  const stage = newcomer.stages[first] ?? '';
  const place = live.findIndex((row) => isInLine(row) && !jumps(row) && isStillToEnter(row, stage));
  return place === -1 ? live.length : place;
}

function rankBetween(before: LiveExecution | undefined, after: LiveExecution | undefined, number: number): number {
  if (after === undefined) {
    if (before === undefined || number > before.rank) return number;
    return (before.rank + Math.floor(before.rank) + 1) / 2;
  }
  return before === undefined ? after.rank - 1 : (before.rank + after.rank) / 2;
}

/** It is sent into a stage past those that are on their way there. */
export function jumps(row: LiveExecution): boolean {
  return row.isRollback === true || row.isReturning === true;
}

function hasEntered(row: LiveExecution, stage: string): boolean {
  const index = row.stages.indexOf(stage);
  const isHere = index === row.at && !row.waiting;
  // A rollback runs one stage, whatever comes before it.
  return isHere || (row.isRollback !== true && index !== -1 && index < row.at);
}

function isStillToEnter(row: LiveExecution, stage: string): boolean {
  const index = row.stages.indexOf(stage);
  return index > row.at || (index === row.at && row.waiting);
}

function gateOf(row: LiveExecution): string | undefined {
  return row.stages[row.at];
}

function replace(live: Live, changed: LiveExecution): Live {
  return live.map((row) => (row.id === changed.id ? changed : row));
}
