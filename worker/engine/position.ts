import type { ExecutionId, Instant } from './ids.ts';
import type { EndStatus } from './messages.ts';
import type { Caller, ExecutionState, Pin, Revision, RollbackOrigin, Seed, Span, Trigger } from './model.ts';
import { mayYield } from './stages.ts';

/**
 * Where an execution stands, as it tells its pipeline. Complete in itself and numbered by `step`: a later report says all
 * that an earlier, lost one would have said.
 */
export type Position = { readonly step: number } &
  /** `yields`: it would give way to a newer one that waits for the stage. A hint: it is asked again. */
  (
    | { readonly kind: 'In'; readonly stage: number; readonly yields?: true }
    /**
     * `isReady` is false while a gate of its own is shut. Grants up to `epoch` do not let it in: it has given them up, or they never
     * did. A newer one that is still on its way may. Absent: there is none.
     */
    | { readonly kind: 'Waiting'; readonly stage: number; readonly isReady: boolean; readonly epoch?: number }
    | ({ readonly kind: 'Ended' } & End)
    /** It had ended, and asks to be let in again. */
    | {
        readonly kind: 'Returning';
        readonly stage: number;
        readonly number: number;
        readonly epoch: number;
        readonly start: ExecutionStart;
        /** How it had ended: the pipeline may not have heard of that. */
        readonly end?: End;
      }
  );

export interface End {
  readonly status: EndStatus;
  /** Indexes of the stages that it entered, and of those that succeeded. */
  readonly entered: readonly number[];
  readonly succeeded: readonly number[];
}

/** What the pipeline keeps of an execution while it lives: all that it was, or would be, born with. */
export interface ExecutionStart {
  readonly version: number;
  readonly trigger: Trigger;
  readonly variables: Readonly<Record<string, string>>;
  readonly revisions: Readonly<Record<string, Revision>>;
  readonly pins?: Readonly<Record<string, Pin>>;
  readonly at: Instant;
  readonly kind?: 'ROLLBACK';
  readonly rollback?: RollbackOrigin;
  readonly forkedFrom?: ExecutionId;
  readonly span?: Span;
  readonly seed?: Seed;
  readonly caller?: Caller;
}

export function positionOf(state: ExecutionState): Position {
  const { step, stage, waiting, epoch, through, atGate } = state.admission;
  if (state.returning !== undefined) {
    const { number, returning } = state;
    const start = startOf(state);
    return { step, kind: 'Returning', stage: returning.stage, number, epoch, start, end: endOf(state) };
  }
  if (state.endedAt !== undefined) return { step, kind: 'Ended', ...endOf(state) };
  if (waiting) {
    // Let in, but its gate is looked at once more.
    const isLetIn = through >= stage;
    return { step, kind: 'Waiting', stage, isReady: atGate !== true, epoch: isLetIn ? epoch - 1 : epoch };
  }
  return { step, kind: 'In', stage, ...(mayYield(state) ? { yields: true } : {}) };
}

function endOf(state: ExecutionState): End {
  return {
    status: endStatus(state),
    entered: indexes(state, ({ startedAt }) => startedAt !== undefined),
    succeeded: indexes(state, ({ status }) => status === 'Succeeded'),
  };
}

function startOf(state: ExecutionState): ExecutionStart {
  const { pipeline, trigger, variables, revisions, startedAt, span } = state;
  return {
    version: pipeline.version,
    trigger,
    variables,
    revisions,
    at: startedAt,
    ...(state.pins === undefined ? {} : { pins: state.pins }),
    ...(span === undefined ? {} : { span }),
    ...(state.kind === undefined ? {} : { kind: state.kind }),
    ...(state.rollback === undefined ? {} : { rollback: state.rollback }),
    ...(state.forkedFrom === undefined ? {} : { forkedFrom: state.forkedFrom }),
  };
}

function indexes(
  state: ExecutionState,
  holds: (stage: ExecutionState['stages'][number]) => boolean,
): readonly number[] {
  return state.stages.flatMap((stage, index) => (holds(stage) ? [index] : []));
}

function endStatus({ status }: ExecutionState): EndStatus {
  if (status === 'InProgress' || status === 'Stopping') throw new Error(`${status} is not an end`);
  return status;
}
