import type { FailureCode } from './failure-code.ts';
import type { ActionKey } from './ids.ts';

/** A definition, compiled: names checked, defaults filled in, every duration in milliseconds. */
export interface ExecutionPlan {
  readonly stages: readonly StagePlan[];
}

export interface StagePlan {
  readonly name: string;
  readonly actions: readonly ActionPlan[];
  /** `WAIT` is a gate in front of the stage's lock; `FAIL` and `SKIP` are evaluated inside it. */
  readonly beforeEntry?: ConditionPlan;
  /** Evaluated when all actions have succeeded. */
  readonly onSuccess?: ConditionPlan;
  readonly onFailure?: FailurePlan;
}

export type ConditionPlace = 'beforeEntry' | 'onSuccess' | 'onFailure';

/** What happens when a condition is not met. User guide, "Stage conditions"; WAIT is ours. */
export type ConditionResult = 'FAIL' | 'SKIP' | 'WAIT' | 'RETRY' | 'ROLLBACK';

/** Met when every rule succeeds. A rule is carried out like an action, and is addressed like one: `ruleKey`. */
export interface ConditionPlan {
  readonly rules: readonly ActionPlan[];
  readonly otherwise: ConditionResult;
  /** For `WAIT`: the execution fails when the gate has not opened after this long. */
  readonly waitMs: number;
}

/** In this order: automatic retries as far as they go, then the condition, then the rollback. */
export interface FailurePlan {
  readonly retry?: StageRetryPlan;
  /** `otherwise` is `RETRY` or `ROLLBACK`; while the condition is met, the stage simply stays failed. */
  readonly condition?: ConditionPlan;
  /** Roll back whatever a condition says. */
  readonly rollback: boolean;
}

export type StageRetryMode = 'FAILED_ACTIONS' | 'ALL_ACTIONS';

export interface StageRetryPlan {
  readonly mode: StageRetryMode;
  /** Automatic retries of the stage; CodePipeline knows one. */
  readonly retriesMax: number;
  /** Wait before the first retry; it doubles with every further one. */
  readonly backoffMs: number;
  /** Retry only when each failed action failed with one of these; empty: whatever the failure. */
  readonly on: readonly FailureCode[];
}

/** Who may answer an approval. */
export interface ApprovalPlan {
  /** E-mail addresses of people, or `role:` and a role; empty: everybody who may answer approvals at all. */
  readonly approvers: readonly string[];
  /** So many different people must approve; one rejection is enough to reject. */
  readonly count: number;
  /** May whoever started the execution approve it? */
  readonly self: boolean;
  /**
   * Does the execution make way for a newer one that waits for its stage? Only while nothing else has run in the stage. Absent:
   * it keeps the stage until somebody has answered, as in CodePipeline.
   */
  readonly yields?: true;
}

export interface ActionPlan {
  readonly key: ActionKey;
  readonly name: string;
  /** `Category/Provider`, a key of the action-type catalogue. */
  readonly type: string;
  /** Who carries the action out; decides what starting, cancelling and losing it mean. */
  readonly carrier: Carrier;
  /** Actions of one run order run in parallel; the next run order begins when all of them have succeeded. */
  readonly runOrder: number;
  readonly configuration: Readonly<Record<string, string>>;
  readonly commands: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Environment variables that are secrets: names of the variables to references, never to values. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Its commands may ask for tokens that say which action this is. */
  readonly identity?: true;
  /** Names of artifacts. */
  readonly inputs: readonly string[];
  readonly outputs: readonly OutputArtifactPlan[];
  readonly outputVariables: readonly string[];
  readonly namespace?: string;
  readonly region?: string;
  readonly roleArn?: string;
  /** From the moment the work begins: a runner's claim, else the start of the attempt. */
  readonly timeoutMs: number;
  readonly retry: RetryPlan;
  readonly onRunnerLoss: RunnerLossPolicy;
  readonly approval?: ApprovalPlan;
  /** Where the job is queued and which labels a runner must carry. Only for `carrier: 'runner'`. */
  readonly pool: string;
  readonly labels: readonly string[];
}

/** `runner`: a job in a pool. `worker`: an effect of ours. `person`: an approval. */
export type Carrier = 'runner' | 'worker' | 'person';

export interface OutputArtifactPlan {
  readonly name: string;
  /** Globs relative to the workspace; empty means all of it. */
  readonly files: readonly string[];
}

export interface RetryPlan {
  /** All attempts together, the first one included. */
  readonly attemptsMax: number;
  /** Wait before the second attempt; it doubles with every further one. */
  readonly backoffMs: number;
  /** Only failures of these kinds are tried again; empty or absent: whatever the failure. */
  readonly on?: readonly FailureCode[];
}

/** What happens when the runner that claimed a job does not come back: a new attempt, a question to a person, or failure. */
export type RunnerLossPolicy = 'retry' | 'hold' | 'fail';
