import type { ActionKey, ExecutionId, Instant, PipelineId, TenantId } from './ids.ts';
import type { ExecutionPlan } from './plan.ts';

/** CodePipeline's enums, unchanged: user guide, `PipelineExecution`, `StageExecution`, `ActionExecution`. */
export type ExecutionStatus =
  'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Superseded' | 'Failed' | 'Cancelled';
export type StageStatus = 'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Failed' | 'Cancelled' | 'Skipped';
export type ActionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned';

/** What an execution is born with. Nothing in it ever changes. */
export interface Origin {
  readonly tenant: TenantId;
  readonly id: ExecutionId;
  readonly pipeline: { readonly id: PipelineId; readonly name: string; readonly version: number };
  /** 1 for the pipeline's first execution, then one more each. */
  readonly number: number;
  readonly plan: ExecutionPlan;
  readonly trigger: Trigger;
  /** Resolved pipeline variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** The revision that each source action will produce, by action name. */
  readonly revisions: Readonly<Record<string, Revision>>;
}

export interface Trigger {
  readonly type: string;
  readonly by: string;
  readonly detail?: string;
}

export interface Revision {
  readonly id: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly summary: string;
}

/** JSON-safe and readonly throughout: no Map, no Date, no class. */
export interface ExecutionState extends Origin {
  readonly status: ExecutionStatus;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly stop?: Stop;
  readonly admission: Admission;
  readonly stages: readonly StageState[];
  readonly artifacts: Readonly<Record<string, Artifact>>;
  /** Output variables by namespace, as `#{namespace.name}` sees them. */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Stop {
  /** false: running actions end by themselves. true: they are cancelled. */
  readonly abandon: boolean;
  readonly by: string;
  readonly reason: string;
}

/** This execution's view of the pipeline's stage locks; `docs/protocol.md`, "Grant ahead". */
export interface Admission {
  /** Grants with an epoch at or below this one are old news. */
  readonly epoch: number;
  /** Index of the last stage that may be entered without asking. */
  readonly through: number;
  /** Counts the positions reported to the pipeline. */
  readonly step: number;
  /** The stage that the execution is in, or waits in front of. */
  readonly stage: number;
  readonly waiting: boolean;
  readonly since: Instant;
}

export interface Artifact {
  readonly name: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly action: ActionKey;
}

export interface StageState {
  readonly name: string;
  readonly status?: StageStatus;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly actions: readonly ActionState[];
}

export interface ActionState {
  readonly key: ActionKey;
  readonly name: string;
  /** Oldest first; the last one is the current one. Empty: not reached yet. */
  readonly attempts: readonly Attempt[];
  /** Set while the next attempt waits for its backoff. */
  readonly retryAt?: Instant;
}

export interface Attempt {
  readonly number: number;
  readonly startedAt: Instant;
  readonly phase: Phase;
  readonly runner?: string;
  readonly summary?: string;
  readonly externalId?: string;
  readonly externalUrl?: string;
}

export type Phase =
  /** The start effect is on its way, or the carrier has it and works. Ends by `deadline` at the latest. */
  | {
      readonly kind: 'Running';
      readonly deadline: Instant;
      readonly claimed: boolean;
      readonly pollAt?: Instant;
      readonly unreachableSince?: Instant;
    }
  | { readonly kind: 'AwaitingApproval'; readonly deadline: Instant; readonly token: string }
  /** Asked to end; the attempt counts as over when the carrier confirms it or at `deadline`. */
  | { readonly kind: 'Cancelling'; readonly cause: CancelCause; readonly deadline: Instant }
  /** The carrier is lost and a person must say whether to run it again. */
  | { readonly kind: 'Held'; readonly since: Instant; readonly deadline: Instant; readonly reason: string }
  | {
      readonly kind: 'Ended';
      readonly status: 'Succeeded';
      readonly at: Instant;
      readonly by?: string;
      readonly variables: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'Ended'; readonly status: 'Failed'; readonly at: Instant; readonly failure: Failure }
  | { readonly kind: 'Ended'; readonly status: 'Abandoned'; readonly at: Instant };

export type CancelCause = 'TimedOut' | 'Stopped';

/** AWS's failure types for jobs, and the ones that AWS leaves without a name. */
export type FailureCode =
  | 'JobFailed'
  | 'ConfigurationError'
  | 'PermissionError'
  | 'RevisionUnavailable'
  | 'SystemUnavailable'
  | 'TimedOut'
  | 'Rejected'
  | 'ApprovalExpired'
  | 'RevisionOutOfSync'
  /** A rule's own verdict: it was evaluated, and it does not hold. */
  | 'ConditionUnmet'
  | 'RunnerLost';

export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}
