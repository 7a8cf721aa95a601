import type { ActionKey, JobId } from './ids.ts';
import { jobId } from './ids.ts';
import type { ActionPlan, OutputArtifactPlan } from './plan.ts';
import type { Artifact, ExecutionState, Failure, Origin, Revision } from './model.ts';
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
  readonly inputs: readonly Artifact[];
  readonly outputs: readonly OutputArtifactPlan[];
  readonly outputVariables: readonly string[];
  readonly revision?: Revision;
  readonly timeoutMs: number;
  readonly pool: string;
  readonly labels: readonly string[];
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
      commands,
      environment,
      inputs,
      outputs: plan.outputs,
      outputVariables: plan.outputVariables,
      ...(revision === undefined ? {} : { revision }),
      timeoutMs: plan.timeoutMs,
      pool: plan.pool,
      labels: plan.labels,
    },
  };
}

function misconfigured(message: string): Resolution {
  return { ok: false, failure: { code: 'ConfigurationError', message } };
}
