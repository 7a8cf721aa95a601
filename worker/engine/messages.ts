import type { ActionKey, Instant } from './ids.ts';
import type {
  Approval,
  CancelCause,
  ConditionStatus,
  Covered,
  ExecutionStatus,
  Failure,
  FetchedRevision,
  Origin,
  ReturnOrder,
} from './model.ts';
import type { ConditionPlace, StageRetryMode } from './plan.ts';
import type { ExecutionId } from './ids.ts';

/** Orders and reports to one execution. Reports may come late, twice or never; only people's orders are ever rejected. */
export type ExecutionCommand =
  | { readonly type: 'Begin'; readonly origin: Origin; readonly epoch: number; readonly through: number }
  | { readonly type: 'Admit'; readonly epoch: number; readonly through: number }
  | { readonly type: 'Supersede' }
  /** A newer execution waits for the stage: give way, if nothing but an approval that yields is going on in it. */
  | { readonly type: 'Yield' }
  | { readonly type: 'Wake' }
  | { readonly type: 'Stop'; readonly abandon: boolean; readonly by: string; readonly reason: string }
  /** The pipeline was changed: running actions end by themselves, then the execution ends Cancelled. */
  | { readonly type: 'Cancel'; readonly by: string; readonly reason: string }
  | {
      readonly type: 'RetryStage';
      readonly stage: string;
      readonly mode: StageRetryMode;
      /** Only this one of the failed actions. */
      readonly action?: ActionKey;
      readonly by: string;
    }
  | {
      readonly type: 'OverrideCondition';
      readonly stage: string;
      readonly place: ConditionPlace;
      readonly by: string;
    }
  /** Runs everything from this stage on again, and keeps what came before. */
  | { readonly type: 'Resume'; readonly stage: string; readonly by: string }
  /** The pipeline does not let it in again. */
  | { readonly type: 'RefuseReturn'; readonly message: string }
  | {
      readonly type: 'ReportRollback';
      readonly stage: number;
      readonly result:
        | { readonly kind: 'Started'; readonly execution: ExecutionId }
        | { readonly kind: 'Refused'; readonly message: string };
    }
  | {
      readonly type: 'AnswerApproval';
      readonly action: ActionKey;
      readonly result: 'Approved' | 'Rejected';
      readonly summary: string;
      readonly by: string;
      /** Who that is for good, and what they are; an approval's policy asks for both. */
      readonly actor?: string;
      readonly roles?: readonly string[];
      readonly token?: string;
    }
  | {
      readonly type: 'ResolveHold';
      readonly action: ActionKey;
      readonly resolution: HoldResolution;
      readonly by: string;
    }
  | ActionReport;

export type HoldResolution = 'Retry' | 'Fail';

/** What the world says about one attempt. A report for any other attempt than the current one decides nothing. */
export type ActionReport = { readonly action: ActionKey; readonly attempt: number } & (
  | {
      readonly type: 'ReportRunning';
      /** The name of the work at the carrier; needed to poll or cancel it. */
      readonly externalId?: string;
      readonly externalUrl?: string;
      readonly summary?: string;
      readonly checkAfterMs?: number;
    }
  | { readonly type: 'ReportClaimed'; readonly runner: string }
  | { readonly type: 'ReportUnreachable' }
  | { readonly type: 'ReportReachable' }
  | {
      readonly type: 'ReportSucceeded';
      readonly variables: Readonly<Record<string, string>>;
      readonly artifacts: readonly ProducedArtifact[];
      readonly summary?: string;
      readonly externalUrl?: string;
      /** Of a source action that fetches. */
      readonly revision?: FetchedRevision;
    }
  | {
      readonly type: 'ReportFailed';
      readonly failure: Failure;
      readonly summary?: string;
      /** Of a rule that does not hold: before that it is useless to ask again. */
      readonly checkAfterMs?: number;
    }
  /** Something has happened at the carrier: poll now. */
  | { readonly type: 'ReportDue' }
  | { readonly type: 'ReportCancelled' }
  | { readonly type: 'ReportLost'; readonly reason: string }
);

export interface ProducedArtifact {
  readonly name: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Facts. Stored for ever, so members are only ever added, and a change of meaning is a new version in `upcast.ts`. */
export type ExecutionEvent =
  | { readonly type: 'ExecutionBegun'; readonly origin: Origin; readonly epoch: number; readonly through: number }
  | { readonly type: 'Admitted'; readonly epoch: number; readonly through: number }
  | { readonly type: 'AdmissionAwaited'; readonly stage: number; readonly step: number; readonly atGate?: true }
  | { readonly type: 'StageEntered'; readonly stage: number; readonly step: number }
  | { readonly type: 'StageSucceeded'; readonly stage: number }
  | { readonly type: 'StageFailed'; readonly stage: number; readonly reason?: string }
  | { readonly type: 'StageStopped'; readonly stage: number }
  | { readonly type: 'StageCancelled'; readonly stage: number }
  | { readonly type: 'StageSkipped'; readonly stage: number }
  | { readonly type: 'StageRetryScheduled'; readonly stage: number; readonly retryAt: Instant }
  | {
      readonly type: 'StageRetried';
      readonly stage: number;
      readonly mode: StageRetryMode;
      readonly actions: readonly ActionKey[];
      /** Absent: the definition asked for it. */
      readonly by?: string;
      /** Absent: the stage had not ended. */
      readonly step?: number;
    }
  | {
      readonly type: 'ConditionStarted';
      readonly stage: number;
      readonly place: ConditionPlace;
      readonly deadline?: Instant;
    }
  | {
      readonly type: 'ConditionEnded';
      readonly stage: number;
      readonly place: ConditionPlace;
      readonly status: Exclude<ConditionStatus, 'InProgress' | 'Overridden'>;
      readonly checkAt?: Instant;
      /** Of a gate: the pipeline must hear whether it is open. */
      readonly step?: number;
    }
  | {
      readonly type: 'ConditionOverridden';
      readonly stage: number;
      readonly place: ConditionPlace;
      readonly by: string;
      readonly step?: number;
    }
  | {
      readonly type: 'RollbackRequested';
      readonly stage: number;
      readonly place: Exclude<ConditionPlace, 'beforeEntry'>;
    }
  | { readonly type: 'RollbackStarted'; readonly stage: number; readonly execution: ExecutionId }
  | { readonly type: 'RollbackRefused'; readonly stage: number; readonly message: string }
  | {
      readonly type: 'ReturnRequested';
      readonly stage: number;
      readonly order: ReturnOrder;
      readonly by: string;
      readonly deadline: Instant;
      readonly step: number;
      /** Grants up to this one were meant for the life that has ended. Absent in events of older versions. */
      readonly epoch?: number;
    }
  | { readonly type: 'ReturnRefused'; readonly message: string; readonly step: number }
  | { readonly type: 'ExecutionResumed'; readonly stage: number; readonly by: string; readonly step: number }
  | {
      readonly type: 'ExecutionStopping';
      readonly abandon: boolean;
      readonly by: string;
      readonly reason: string;
      readonly isCancel?: true;
    }
  | { readonly type: 'ExecutionEnded'; readonly status: EndStatus; readonly step: number }
  | ActionEvent;

export type EndStatus = Extract<ExecutionStatus, 'Stopped' | 'Succeeded' | 'Superseded' | 'Failed' | 'Cancelled'>;

export type ActionEvent = { readonly action: ActionKey; readonly attempt: number } & (
  | { readonly type: 'ActionStarted'; readonly deadline: Instant }
  | {
      readonly type: 'ApprovalRequested';
      readonly deadline: Instant;
      readonly token: string;
      readonly covers?: Covered;
      /** Of one that yields: the pipeline must hear of it. */
      readonly step?: number;
    }
  /** One approval of several that are needed. */
  | { readonly type: 'ApprovalGiven'; readonly approval: Approval }
  | {
      readonly type: 'ActionProgressed';
      readonly externalId?: string;
      readonly externalUrl?: string;
      readonly summary?: string;
      readonly pollAt?: Instant;
    }
  | { readonly type: 'ActionPolled' }
  | { readonly type: 'ActionClaimed'; readonly runner: string; readonly deadline: Instant }
  | { readonly type: 'RunnerUnreachable' }
  | { readonly type: 'RunnerReturned' }
  | { readonly type: 'ActionCancelling'; readonly cause: CancelCause; readonly deadline: Instant }
  | { readonly type: 'ActionHeld'; readonly reason: string; readonly deadline: Instant }
  | {
      readonly type: 'ActionSucceeded';
      readonly variables: Readonly<Record<string, string>>;
      readonly artifacts: readonly ProducedArtifact[];
      readonly summary?: string;
      readonly externalUrl?: string;
      readonly by?: string;
      readonly revision?: FetchedRevision;
    }
  | {
      readonly type: 'ActionFailed';
      readonly failure: Failure;
      readonly summary?: string;
      readonly by?: string;
      readonly checkAfterMs?: number;
    }
  | { readonly type: 'ActionAbandoned' }
  | { readonly type: 'ActionRetryScheduled'; readonly retryAt: Instant }
  | { readonly type: 'OrphanReported'; readonly externalId?: string }
);

/** Tasks for the world. Small on purpose: what they need beyond this is read from the state when they are carried out. */
export type Effect =
  | { readonly type: 'StartAction'; readonly action: ActionKey; readonly attempt: number }
  | { readonly type: 'PollAction'; readonly action: ActionKey; readonly attempt: number }
  | {
      readonly type: 'CancelAction';
      readonly action: ActionKey;
      readonly attempt: number;
      readonly cause: CancelCause | 'Orphaned';
      readonly externalId?: string;
    }
  | { readonly type: 'StartRollback'; readonly stage: number }
  /** Whoever started this execution as an action hears that it has ended. */
  | { readonly type: 'TellCaller' }
  /** Not urgent: may wait a moment for a newer one that says it all. */
  | { readonly type: 'ReportPosition'; readonly urgent: boolean }
  | { readonly type: 'PublishSummary'; readonly urgent: boolean }
  /** A Git host hears how a stage stands, or (null) the execution as a whole. */
  | { readonly type: 'ReportStatus'; readonly stage: number | null; readonly urgent: boolean };

/** Why a person's order was not carried out. The state is as before. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly message: string;
}

export type RejectionCode =
  | 'execution_not_found'
  | 'execution_ended'
  | 'already_stopping'
  | 'action_not_found'
  | 'approval_not_pending'
  | 'approval_token_stale'
  | 'approval_forbidden'
  | 'approval_given_already'
  | 'action_not_held'
  | 'stage_not_found'
  | 'stage_not_retryable'
  | 'execution_not_ended'
  | 'condition_not_overridable'
  | 'return_refused';
