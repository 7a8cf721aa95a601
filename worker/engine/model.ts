import type { FailureCode } from './failure-code.ts';
import type { ActionKey, ExecutionId, Instant, PipelineId, TenantId } from './ids.ts';
import type { ConditionPlace, ExecutionPlan, StageRetryMode } from './plan.ts';

/** CodePipeline's enums, unchanged: user guide, `PipelineExecution`, `StageExecution`, `ActionExecution`. */
export type ExecutionStatus =
  'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Superseded' | 'Failed' | 'Cancelled';
export type StageStatus = 'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Failed' | 'Cancelled' | 'Skipped';
export type ActionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned';
export type ConditionStatus =
  'InProgress' | 'Succeeded' | 'Failed' | 'Errored' | 'Cancelled' | 'Abandoned' | 'Overridden';

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
  /** The revision that each source action will produce, by action name; those that fetch add theirs when they have. */
  readonly revisions: Readonly<Record<string, Revision>>;
  /** What the source actions of hosts and clouds are to fetch, by action name; one that is not named takes the newest. */
  readonly pins?: Readonly<Record<string, Pin>>;
  readonly kind?: 'ROLLBACK';
  readonly rollback?: RollbackOrigin;
  /** The execution that this one was made from, with other variables or another version. */
  readonly forkedFrom?: ExecutionId;
  /** First and last stage that it runs; absent: all of them. */
  readonly span?: Span;
  /** What earlier stages left behind in the execution that this one continues. */
  readonly seed?: Seed;
  /** The action that started this execution and may wait for it. */
  readonly caller?: Caller;
}

export interface RollbackOrigin {
  readonly stage: string;
  /** The execution whose revisions, variables and artifacts are deployed again. */
  readonly target: ExecutionId;
  /** The execution that failed and was rolled back; absent for a person's order. */
  readonly from?: ExecutionId;
}

export interface Span {
  readonly first: number;
  readonly last: number;
}

export interface Seed {
  readonly artifacts: Readonly<Record<string, Artifact>>;
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Caller {
  readonly execution: ExecutionId;
  readonly action: ActionKey;
  readonly attempt: number;
  /** How many callers there are above it, itself included. */
  readonly depth: number;
}

export interface Trigger {
  readonly type: string;
  readonly by: string;
  /** Who that is for good: a person's e-mail address or a token's id. */
  readonly actor?: string;
  readonly detail?: string;
  /** How many executions have started each other to bring this one about; absent: none has. */
  readonly depth?: number;
}

/** `SourceRevisionOverride` of CodePipeline: exactly which revision a source action is to fetch, and what is known about it. */
export interface Pin {
  readonly type: 'COMMIT_ID' | 'IMAGE_DIGEST' | 'S3_OBJECT_VERSION_ID' | 'S3_OBJECT_KEY';
  readonly value: string;
  /** Of the S3 object, when `value` is its version. */
  readonly key?: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly summary?: string;
  readonly url?: string;
  /** Written by somebody who may not even write to the repository: a pull request from a fork. */
  readonly isUntrusted?: true;
  readonly pullRequest?: {
    readonly number: number;
    readonly title: string;
    readonly url?: string;
    /** The branch that it wants to go into. */
    readonly base: string;
    /** Where its commits are, if not in the repository itself. */
    readonly headRepository?: string;
  };
}

export interface Revision {
  readonly id: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly summary: string;
  /** Where it comes from, if its source knows of branches. */
  readonly branch?: string;
  readonly url?: string;
  /** What `id` is; absent: of an upload. */
  readonly type?: Pin['type'];
  /** As in the pin that it was fetched for; whatever is made of it again is no better. */
  readonly isUntrusted?: true;
  /** The repository at a connection, for telling it what has become of the commit. */
  readonly at?: { readonly connection: string; readonly repository: string };
  /** The artifact only says where a runner is to clone from. */
  readonly isClone?: true;
}

/** What a source action says that it has fetched; the bytes are its first output artifact. */
export type FetchedRevision = Omit<Revision, 'digest' | 'sizeBytes'>;

/** JSON-safe and readonly throughout: no Map, no Date, no class. */
export interface ExecutionState extends Origin {
  readonly status: ExecutionStatus;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly stop?: Stop;
  /** It has ended, and asks its pipeline to be let into a stage again. */
  readonly returning?: Returning;
  readonly admission: Admission;
  readonly stages: readonly StageState[];
  readonly artifacts: Readonly<Record<string, Artifact>>;
  /** Output variables by namespace, as `#{namespace.name}` sees them. */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Returning {
  readonly stage: number;
  readonly order: ReturnOrder;
  readonly by: string;
  readonly since: Instant;
  readonly deadline: Instant;
}

/** What is to happen once the pipeline has let the execution in. */
export type ReturnOrder =
  | { readonly kind: 'Retry'; readonly mode: StageRetryMode; readonly actions: readonly ActionKey[] }
  | { readonly kind: 'Override'; readonly place: ConditionPlace }
  | { readonly kind: 'Resume' };

export interface Stop {
  /** The pipeline was changed under it: it ends Cancelled, not Stopped. */
  readonly isCancel?: true;
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
  /** It waits for a gate of its own, so the pipeline need not keep the stage free for it. */
  readonly atGate?: true;
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
  readonly conditions?: Readonly<Partial<Record<ConditionPlace, ConditionState>>>;
  readonly retries?: StageRetries;
  /** Set while an automatic retry of the stage waits for its backoff. */
  readonly retryAt?: Instant;
  readonly rollback?: StageRollback;
  /** Why it failed, when that was not an action's fault. */
  readonly reason?: string;
}

export interface StageRetries {
  readonly automatic: number;
  readonly manual: number;
  readonly latest: 'AutomatedStageRetry' | 'ManualStageRetry';
}

export type StageRollback =
  | { readonly kind: 'Requested'; readonly place: Exclude<ConditionPlace, 'beforeEntry'> }
  | { readonly kind: 'Started'; readonly execution: ExecutionId }
  | { readonly kind: 'Refused'; readonly message: string };

export interface ConditionState {
  /** Undefined: not evaluated in this run of the stage. */
  readonly status?: ConditionStatus;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly rules: readonly ActionState[];
  /** Of a gate: when it gives up, and when it is evaluated again. */
  readonly deadline?: Instant;
  readonly checkAt?: Instant;
  readonly overriddenBy?: string;
}

/** An action, or a rule of a condition. */
export interface ActionState {
  readonly key: ActionKey;
  readonly name: string;
  /** Oldest first; the last one is the current one. Empty: not reached yet. */
  readonly attempts: readonly Attempt[];
  /** Attempts up to this number belong to earlier runs of the stage. */
  readonly previous?: number;
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
  | {
      readonly kind: 'AwaitingApproval';
      readonly deadline: Instant;
      readonly token: string;
      /** Approvals so far, when more than one is needed. */
      readonly approvals?: readonly Approval[];
      /** What exactly is approved. */
      readonly covers?: Covered;
    }
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
  | {
      readonly kind: 'Ended';
      readonly status: 'Failed';
      readonly at: Instant;
      readonly failure: Failure;
      /** Of a rule that does not hold: before that it is useless to ask again. */
      readonly checkAfterMs?: number;
    }
  | { readonly kind: 'Ended'; readonly status: 'Abandoned'; readonly at: Instant };

export interface Approval {
  readonly by: string;
  readonly actor: string;
  readonly at: Instant;
  readonly summary: string;
}

export interface Covered {
  readonly revisions: readonly { readonly action: string; readonly id: string; readonly digest: string }[];
  readonly artifacts: readonly { readonly name: string; readonly digest: string }[];
}

export type CancelCause = 'TimedOut' | 'Stopped';

export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}
