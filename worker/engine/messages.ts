import type { ActionKey, Instant } from './ids.ts';
import type { CancelCause, ExecutionStatus, Failure, Origin } from './model.ts';

/** Orders and reports to one execution. Reports may come late, twice or never; only people's orders are ever rejected. */
export type ExecutionCommand =
  | { readonly type: 'Begin'; readonly origin: Origin; readonly epoch: number; readonly through: number }
  | { readonly type: 'Admit'; readonly epoch: number; readonly through: number }
  | { readonly type: 'Supersede' }
  | { readonly type: 'Wake' }
  | { readonly type: 'Stop'; readonly abandon: boolean; readonly by: string; readonly reason: string }
  | {
      readonly type: 'AnswerApproval';
      readonly action: ActionKey;
      readonly result: 'Approved' | 'Rejected';
      readonly summary: string;
      readonly by: string;
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
    }
  | { readonly type: 'ReportFailed'; readonly failure: Failure; readonly summary?: string }
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
  | { readonly type: 'AdmissionAwaited'; readonly stage: number; readonly step: number }
  | { readonly type: 'StageEntered'; readonly stage: number; readonly step: number }
  | { readonly type: 'StageSucceeded'; readonly stage: number }
  | { readonly type: 'StageFailed'; readonly stage: number }
  | { readonly type: 'StageStopped'; readonly stage: number }
  | { readonly type: 'ExecutionStopping'; readonly abandon: boolean; readonly by: string; readonly reason: string }
  | { readonly type: 'ExecutionEnded'; readonly status: EndStatus; readonly step: number }
  | ActionEvent;

export type EndStatus = Extract<ExecutionStatus, 'Stopped' | 'Succeeded' | 'Superseded' | 'Failed' | 'Cancelled'>;

export type ActionEvent = { readonly action: ActionKey; readonly attempt: number } & (
  | { readonly type: 'ActionStarted'; readonly deadline: Instant }
  | { readonly type: 'ApprovalRequested'; readonly deadline: Instant; readonly token: string }
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
    }
  | { readonly type: 'ActionFailed'; readonly failure: Failure; readonly summary?: string; readonly by?: string }
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
  /** Not urgent: may wait a moment for a newer one that says it all. */
  | { readonly type: 'ReportPosition'; readonly urgent: boolean }
  | { readonly type: 'PublishSummary'; readonly urgent: boolean };

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
  | 'action_not_held';
