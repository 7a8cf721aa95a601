import { granted, held, isInLine, jumps, type Live, type LiveExecution, remaining } from '../admission.ts';
import type { Transition } from '../board.ts';
import type { ExecutionId, Instant } from '../ids.ts';
import { ADMISSION_MAX_MS, returnDeadline } from '../timeouts.ts';
import { executionHolder, type Reason } from './reason.ts';
import { closedBy, type Transitions } from './transition.ts';

/** The pipeline's side of an execution that waits: what `admission.ts` would need to be otherwise to let it in. */
export interface Queue {
  readonly pipeline: string;
  readonly live: Live;
  readonly transitions: Transitions;
}

/** Why the pipeline has not let this execution into the stage that it waits for. Empty: it is inside one. */
export function whyAdmission(queue: Queue, row: LiveExecution): readonly Reason[] {
  if (row.ending !== undefined) return [endUnderWay(row, row.ending)];
  if (!row.waiting) return [];
  if (row.isShut === true) return [atGate(row)];
  const stage = stageOf(row);
  const transition = queue.transitions[stage];
  const isClosed = transition !== undefined && !jumps(row);
  return [
    ...(isClosed ? [transitionDisabled(queue, row, transition)] : []),
    ...(row.mode === 'PARALLEL' ? [] : inTheWay(queue, row)),
  ];
}

/**
 * The pipeline's answer to an execution that waits for this stage. Undefined: it has nothing to say, because it has not heard of
 * that yet.
 */
export function whyNotIn(queue: Queue, id: ExecutionId, stage: string): readonly Reason[] | undefined {
  const row = queue.live.find((candidate) => candidate.id === id);
  if (row === undefined) return undefined;
  if (row.waiting || row.ending !== undefined) return whyAdmission(queue, row);
  return granted(row) >= row.stages.indexOf(stage) ? [grantUnderWay(row, stage)] : undefined;
}

/** 1 is the next to come in; undefined: it does not wait. */
export function placeInQueue(live: Live, row: LiveExecution): number | undefined {
  const queue = live.filter((other) => isWaitingFor(other, stageOf(row)));
  const index = queue.findIndex(({ id }) => id === row.id);
  return index === -1 ? undefined : index + 1;
}

function inTheWay(queue: Queue, row: LiveExecution): readonly Reason[] {
  const { live } = queue;
  const stage = stageOf(row);
  const index = live.findIndex(({ id }) => id === row.id);
  const ahead = live.slice(0, index).filter((other) => isInLine(other) && remaining(other).includes(stage));
  const behind = live.slice(index + 1).filter((other) => isInLine(other) && held(other).includes(stage));
  const isInside = (other: LiveExecution): boolean => !other.waiting && stageOf(other) === stage;
  const inside = [...ahead, ...behind].filter(isInside);
  const place = placeInQueue(live, row);
  const reasons = [
    ...inside.map((holder) => stageHeld(row, holder, place)),
    ...behind.filter((other) => !isInside(other)).map((holder) => grantUnconfirmed(row, holder, place)),
  ];
  const before = ahead.filter((other) => !isInside(other));
  const next = before.at(-1);
  const first = before[0];
  if (next === undefined || first === undefined) return reasons;
  // With somebody inside, the whole queue waits for that one; else for whatever holds up its first.
  const because = reasons.length > 0 ? [] : whyAdmission(queue, first);
  return [...reasons, isBehind(row, next, place, because)];
}

function transitionDisabled(queue: Queue, row: LiveExecution, transition: Transition): Reason {
  const { deadline, subject } = common(row);
  const place = placeInQueue(queue.live, row);
  return {
    ...closedBy(queue.pipeline, stageOf(row), transition),
    subject,
    ...(place === undefined ? {} : { place }),
    since: Math.max(row.since, transition.at),
    deadline,
  };
}

function stageHeld(row: LiveExecution, holder: LiveExecution, place: number | undefined): Reason {
  return {
    ...common(row, place),
    kind: 'StageHeld',
    owner: 'execution',
    message: `Execution ${holder.number} is in ${stageOf(row)}.`,
    holder: executionHolder(holder),
    until: `Execution ${holder.number} leaves ${stageOf(row)}.`,
  };
}

/** It stands behind, and may all the same still enter the stage: it has not confirmed that it will not. */
function grantUnconfirmed(row: LiveExecution, holder: LiveExecution, place: number | undefined): Reason {
  const isTold = granted(holder) < holder.stages.indexOf(stageOf(row));
  return {
    ...common(row, place),
    kind: 'GrantUnconfirmed',
    owner: 'pipeline',
    message: isTold
      ? `Execution ${holder.number} had been allowed into ${stageOf(row)} and has not confirmed yet that it will not enter.`
      : `Execution ${holder.number} has been let as far as ${stageOf(row)}.`,
    holder: executionHolder(holder),
    until: `Execution ${holder.number} confirms, or has come through.`,
  };
}

function isBehind(
  row: LiveExecution,
  next: LiveExecution,
  place: number | undefined,
  because: readonly Reason[],
): Reason {
  return {
    ...common(row, place),
    kind: 'Behind',
    owner: 'execution',
    message: `Execution ${next.number} comes before it.${next.isRollback === true ? ' A rollback goes first.' : ''}`,
    holder: executionHolder(next),
    until: `Execution ${next.number} has come through ${stageOf(row)}.`,
    ...(because.length === 0 ? {} : { because }),
  };
}

function atGate(row: LiveExecution): Reason {
  return {
    ...common(row),
    kind: 'AtGate',
    owner: 'execution',
    message: `A gate of its own in front of ${stageOf(row)} is shut.`,
    holder: executionHolder(row),
    until: 'Its gate opens, or is overridden.',
  };
}

function grantUnderWay(row: LiveExecution, stage: string): Reason {
  return {
    ...common(row),
    kind: 'GrantUnderWay',
    owner: 'pipeline',
    message: `It has been let into ${stage}; word of it is on its way.`,
    until: 'The execution hears of it. It is told again and again.',
  };
}

function endUnderWay(row: LiveExecution, ending: NonNullable<LiveExecution['ending']>): Reason {
  return {
    ...common(row),
    kind: 'EndUnderWay',
    owner: 'pipeline',
    message: `It is to end ${ending}; word of it is on its way.`,
    until: 'The execution hears of it. It is told again and again.',
  };
}

function common(
  row: LiveExecution,
  place?: number,
): Pick<Reason, 'subject' | 'place' | 'since'> & { deadline: Instant } {
  return {
    subject: { type: 'stage', execution: row.id, stage: stageOf(row) },
    ...(place === undefined ? {} : { place }),
    since: row.since,
    deadline: row.isReturning === true ? returnDeadline(row.since) : row.since + ADMISSION_MAX_MS,
  };
}

function isWaitingFor(row: LiveExecution, stage: string): boolean {
  return row.waiting && row.ending === undefined && isInLine(row) && stageOf(row) === stage;
}

function stageOf(row: LiveExecution): string {
  return row.stages[row.at] ?? '';
}
