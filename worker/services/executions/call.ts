import type { ExecutionView } from '../../../contract/executions.ts';
import type { ActionKey, ExecutionId, PipelineId, TenantId } from '../../engine/ids.ts';
import { sha256 } from '../../kernel/crypto.ts';
import type { Ports } from '../context.ts';
import { executionIdOf, parseExecutionId } from './ids.ts';

/** One pipeline calls another of the same tenant: what the Invoke/Pipeline action does. */
export type CallPorts = Pick<Ports, 'pipelineIndex' | 'pipelines' | 'executions' | 'executionIndex' | 'life'>;

export interface Call {
  readonly tenant: string;
  readonly pipelineName: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The caller's attempt: the same job is the same call, however often it comes. */
  readonly job: string;
  readonly caller: {
    readonly execution: string;
    readonly action: string;
    readonly attempt: number;
    readonly depth: number;
  };
}

export async function startCalled(
  { pipelineIndex, pipelines, life }: CallPorts,
  { tenant: tenantId, pipelineName, variables, job, caller }: Call,
): Promise<
  | { readonly ok: true; readonly execution: string }
  | { readonly ok: false; readonly message: string; readonly isPassing: boolean }
> {
  // Providers know ids as texts; these have come from an execution's own state.
  const tenant = tenantId as TenantId;
  const { execution, action, attempt, depth } = caller;
  const [row, closing] = await Promise.all([pipelineIndex.byName(tenant, pipelineName), life.closing(tenant)]);
  if (closing !== undefined) return { ok: false, message: 'The tenant is to be deleted.', isPassing: false };
  if (row === undefined) return { ok: false, message: `There is no pipeline "${pipelineName}".`, isPassing: false };
  const pipeline = row.id as PipelineId;
  const outcome = await pipelines(tenant, pipeline).start(tenant, {
    id: await executionIdOf(pipeline, job),
    key: `call:${job}`,
    fingerprint: await sha256(JSON.stringify(variables)),
    variables,
    revisions: {},
    trigger: { type: 'StartPipelineExecution', by: `execution ${execution}`, detail: `Called by ${action}.`, depth },
    caller: { execution: execution as ExecutionId, action: action as ActionKey, attempt, depth },
  });
  if (outcome.ok) return { ok: true, execution: outcome.id };
  return { ok: false, message: outcome.message, isPassing: outcome.code === 'concurrent_executions_limit' };
}

/** How the callee stands, and in a sentence why it did not succeed. Undefined: there is no such execution any more. */
export async function calledStatus(
  ports: CallPorts,
  tenantId: string,
  execution: string,
): Promise<{ readonly status: ExecutionView['status']; readonly reason?: string } | undefined> {
  const tenant = tenantId as TenantId;
  const parsed = parseExecutionId(execution);
  if (parsed === undefined) return undefined;
  const { id, pipeline } = parsed;
  const view =
    (await ports.executions(tenant, id).view(tenant)) ??
    (await ports.pipelines(tenant, pipeline).unadmitted(tenant, id));
  if (view === null) {
    const summary = await ports.executionIndex.byId(tenant, id);
    return summary === undefined ? undefined : { status: summary.status };
  }
  const reason = reasonOf(view);
  return { status: view.status, ...(reason === undefined ? {} : { reason }) };
}

/** `Over`: it has ended, or never began. `Passing`: it cannot be stopped just now. */
export async function stopCalled(
  ports: CallPorts,
  call: {
    readonly tenant: string;
    readonly pipelineName: string;
    readonly job: string;
    readonly execution: string | undefined;
    readonly cause: string;
  },
): Promise<'Over' | 'Stopping' | 'Passing'> {
  const tenant = call.tenant as TenantId;
  const parsed = parseExecutionId(call.execution ?? (await idOf(ports, tenant, call)) ?? '');
  if (parsed === undefined) return 'Over';
  const { id, pipeline } = parsed;
  if (await ports.pipelines(tenant, pipeline).withdraw(tenant, id)) return 'Over';
  const by = `execution ${call.job.slice(0, call.job.indexOf(':'))}`;
  const reason = call.cause === 'TimedOut' ? 'Its caller has timed out.' : 'Its caller was stopped.';
  const answer = await ports.executions(tenant, id).order(tenant, { type: 'Stop', abandon: true, by, reason });
  if (answer !== null) return answer.execution.endedAt === null ? 'Stopping' : 'Over';
  // Between its admission and its first turn nobody can stop it.
  return (await ports.pipelines(tenant, pipeline).unadmitted(tenant, id)) === null ? 'Over' : 'Passing';
}

async function idOf(
  { pipelineIndex }: CallPorts,
  tenant: TenantId,
  { pipelineName, job }: { readonly pipelineName: string; readonly job: string },
): Promise<ExecutionId | undefined> {
  const row = await pipelineIndex.byName(tenant, pipelineName);
  return row === undefined ? undefined : executionIdOf(row.id as PipelineId, job);
}

function reasonOf({ stages, stop }: Pick<ExecutionView, 'stages' | 'stop'>): string | undefined {
  if (stop !== null) return stop.reason === '' ? `Stopped by ${stop.by}.` : stop.reason;
  for (const stage of stages) {
    if (stage.reason !== null) return `${stage.name}: ${stage.reason}`;
    const action = stage.actions.find(({ error }) => error !== null);
    if (action?.error !== undefined && action.error !== null) {
      return `${stage.name}/${action.name}: ${action.error.message}`;
    }
  }
  return undefined;
}
