import type { ActionKey } from './ids.ts';

/** A definition, compiled: names checked, defaults filled in, every duration in milliseconds. */
export interface ExecutionPlan {
  readonly stages: readonly StagePlan[];
}

export interface StagePlan {
  readonly name: string;
  readonly actions: readonly ActionPlan[];
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
}

/** What happens when the runner that claimed a job does not come back: a new attempt, a question to a person, or failure. */
export type RunnerLossPolicy = 'retry' | 'hold' | 'fail';
