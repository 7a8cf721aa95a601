import type { Instant } from '../ids.ts';
import type { ConditionPlace } from '../plan.ts';

/**
 * Why something does not move. Read as a chain: `because` says what holds up what this reason names, down to the ones that
 * nothing else holds up. Those have an owner who is to act next, and a deadline at which time itself goes on.
 */
export interface Reason {
  readonly kind: ReasonKind;
  readonly subject: Subject;
  readonly owner: Owner;
  readonly message: string;
  /** Whose move it is, when that is something that can be looked at. */
  readonly holder?: Holder;
  /** In the queue; 1 is the next. */
  readonly place?: number;
  /** Absent: not known. */
  readonly since?: Instant;
  /** When the wait ends by itself at the latest. Absent only where `because` has one, and for a closed transition. */
  readonly deadline?: Instant;
  /** When it is looked at again before that. */
  readonly checkAt?: Instant;
  /** What would free it. */
  readonly until: string;
  /** Who may end the wait, and how. */
  readonly may?: readonly Remedy[];
  readonly because?: readonly Reason[];
}

export type ReasonKind =
  | 'Queued'
  | 'Running'
  | 'RunnerUnreachable'
  | 'Held'
  | 'Cancelling'
  | 'AwaitingApproval'
  | 'AwaitingRetry'
  | 'AwaitingStageRetry'
  | 'EvaluatingCondition'
  | 'GateShut'
  | 'AwaitingAdmission'
  | 'Returning'
  | 'Stopping'
  | 'NotReached'
  | 'TransitionDisabled'
  | 'StageHeld'
  | 'Behind'
  | 'AtGate'
  | 'GrantUnconfirmed'
  | 'GrantUnderWay'
  | 'EndUnderWay'
  | 'NoRunner'
  | 'NoMatchingRunner'
  | 'RunnersBusy'
  | 'Offered';

/** Who is to act next. */
export type Owner = 'person' | 'execution' | 'pipeline' | 'pool' | 'runner' | 'provider' | 'timer';

export type Subject =
  | { readonly type: 'execution'; readonly execution: string }
  | { readonly type: 'stage'; readonly execution: string; readonly stage: string }
  | {
      readonly type: 'action';
      readonly execution: string;
      readonly stage: string;
      /** Of a rule: as it is addressed, `place~rule`. */
      readonly action: string;
      /** null: not reached. */
      readonly attempt: number | null;
    }
  | {
      readonly type: 'condition';
      readonly execution: string;
      readonly stage: string;
      readonly place: ConditionPlace;
    }
  | { readonly type: 'job'; readonly job: string }
  | { readonly type: 'transition'; readonly stage: string };

export interface Holder {
  readonly type: 'execution' | 'transition' | 'pool' | 'runner';
  readonly id: string;
  /** Of an execution, where it is known. */
  readonly number?: number;
  /** Its page in the dashboard; an execution's is its address in the API, too. */
  readonly href: string;
}

export interface Remedy {
  /** In the imperative. */
  readonly what: string;
  readonly who: string;
  /** Method and path of the API; absent where it is done outside of it. */
  readonly call?: string;
}

export function executionHolder({ id, number }: { readonly id: string; readonly number?: number }): Holder {
  return { type: 'execution', id, ...(number === undefined ? {} : { number }), href: `/executions/${id}` };
}

/** A path of the API with the names in it made safe. */
export function pathOf(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

/** The reasons at the ends of the chains. */
export function leaves(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.flatMap((reason) => {
    const { because = [] } = reason;
    return because.length === 0 ? [reason] : leaves(because);
  });
}
