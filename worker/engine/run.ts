import type { ActionKey, Instant, JobId } from './ids.ts';
import { jobId } from './ids.ts';
import type { ActionPlan, OutputArtifactPlan } from './plan.ts';
import type { Artifact, Covered, ExecutionState, Failure, Origin, Pin, Revision } from './model.ts';
import { GIT_TYPE, gitCommands } from './git-source.ts';
import { findAction } from './stages.ts';
import { type Trust, trustOf } from './trust.ts';
import { Resolver } from './variables.ts';

/** One attempt of one action with every reference resolved: all that a carrier needs to know. */
export interface ActionRun {
  readonly tenant: Origin['tenant'];
  readonly execution: Origin['id'];
  readonly pipeline: Origin['pipeline'];
  readonly number: number;
  readonly stage: string;
  readonly action: ActionKey;
  readonly name: string;
  readonly attempt: number;
  /** The same for every resend of this attempt's start: the idempotency key given to the world. */
  readonly job: JobId;
  readonly type: string;
  readonly configuration: Readonly<Record<string, string>>;
  readonly commands: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets?: SecretReferences;
  readonly identity?: true;
  readonly inputs: readonly Artifact[];
  readonly outputs: readonly OutputArtifactPlan[];
  readonly outputVariables: readonly string[];
  readonly revision?: Revision;
  readonly pin?: Pin;
  /** Of AWS: where the action works, and the role that it works in. */
  readonly region?: string;
  readonly roleArn?: string;
  /** Inputs that only say where a runner is to clone from. */
  readonly clones?: readonly Clone[];
  readonly timeoutMs: number;
  readonly pool: string;
  readonly labels: readonly string[];
  /** When this attempt began; before it has, when the execution did. */
  readonly startedAt: Instant;
  /** When the stage before the action's own was left; absent in the first stage. */
  readonly previousStageEndedAt?: Instant;
  /** How many executions have called each other to bring this one about. */
  readonly depth: number;
}

/** What is asked for, and what decides whether it may be had. Values come to the runner alone, and on another way. */
export interface SecretReferences extends Trust {
  /** Names of environment variables to references. */
  readonly references: Readonly<Record<string, string>>;
}

export interface Clone {
  /** Of the input artifact. */
  readonly artifact: string;
  readonly connection: string;
  readonly repository: string;
  readonly commit: string;
  readonly branch?: string;
  /** Strangers have a hand in this execution: it gets no credentials to clone with. */
  readonly isRefused: boolean;
}

export type Resolution =
  { readonly ok: true; readonly run: ActionRun } | { readonly ok: false; readonly failure: Failure };

/**
 * What an action producer earlier in the plan left behind is fixed once the action may start, so the same attempt resolves to
 * the same run however often it is resent.
 */
export function resolveRun(state: ExecutionState, plan: ActionPlan, attempt: number): Resolution {
  const resolver = new Resolver(state);
  const configuration = resolver.record(plan.configuration);
  const environment = resolver.record(plan.environment);
  const commands = plan.commands.map((command) => resolver.text(command));
  const pin = state.pins?.[plan.name];
  const git = plan.type === GIT_TYPE ? gitCommands(configuration, pin) : undefined;
  if (resolver.unresolved.length > 0) {
    return misconfigured(`Unresolved: ${resolver.unresolved.join(', ')}. No earlier action set it.`);
  }
  const inputs: Artifact[] = [];
  for (const name of plan.inputs) {
    const artifact = state.artifacts[name];
    if (artifact === undefined) return misconfigured(`Input artifact "${name}" has not been produced.`);
    inputs.push(artifact);
  }
  const revision = state.revisions[plan.name];
  const clones = clonesOf(state, inputs);
  const found = findAction(state, plan.key);
  const startedAt = found?.action.attempts.find(({ number }) => number === attempt)?.startedAt ?? state.startedAt;
  const previousStageEndedAt = state.stages[(found?.stage ?? 0) - 1]?.endedAt;
  return {
    ok: true,
    run: {
      tenant: state.tenant,
      execution: state.id,
      pipeline: state.pipeline,
      number: state.number,
      stage: plan.key.slice(0, plan.key.indexOf('/')),
      action: plan.key,
      name: plan.name,
      attempt,
      job: jobId(state.id, plan.key, attempt),
      type: plan.type,
      configuration,
      commands: git?.commands ?? commands,
      environment: { ...environment, ...git?.environment },
      ...(plan.secrets === undefined ? {} : { secrets: { references: plan.secrets, ...trustOf(state) } }),
      ...(plan.identity === undefined ? {} : { identity: plan.identity }),
      inputs,
      outputs: plan.outputs,
      outputVariables: plan.outputVariables,
      ...(revision === undefined ? {} : { revision }),
      ...(pin === undefined ? {} : { pin }),
      ...(plan.region === undefined ? {} : { region: plan.region }),
      ...(plan.roleArn === undefined ? {} : { roleArn: plan.roleArn }),
      ...(clones.length === 0 ? {} : { clones }),
      timeoutMs: plan.timeoutMs,
      pool: plan.pool,
      labels: plan.labels,
      startedAt,
      ...(previousStageEndedAt === undefined ? {} : { previousStageEndedAt }),
      depth: state.caller?.depth ?? state.trigger.depth ?? 0,
    },
  };
}

/** What an approval asked for now is about: the revisions the execution was started with, and all that has been built from them. */
export function covered(state: ExecutionState): Covered {
  return {
    revisions: Object.entries(state.revisions).map(([action, { id, digest }]) => ({ action, id, digest })),
    artifacts: Object.values(state.artifacts).map(({ name, digest }) => ({ name, digest })),
  };
}

function clonesOf(state: ExecutionState, inputs: readonly Artifact[]): readonly Clone[] {
  const clones = Object.values(state.revisions).filter(({ isClone, at }) => isClone === true && at !== undefined);
  const isRefused = trustOf(state).isUntrusted;
  return inputs.flatMap(({ name, digest }) => {
    const revision = clones.find((clone) => clone.digest === digest);
    if (revision?.at === undefined) return [];
    const { id: commit, branch, at } = revision;
    return [{ artifact: name, ...at, commit, ...(branch === undefined ? {} : { branch }), isRefused }];
  });
}

function misconfigured(message: string): Resolution {
  return { ok: false, failure: { code: 'ConfigurationError', message } };
}
