import type { ExecutionSummary, StartExecution } from '../../../contract/executions.ts';
import { sha256 } from '../../kernel/crypto.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from '../pipelines/find.ts';
import { newExecutionId } from './ids.ts';

/** Starts an execution. With a key, the same request again gets the same execution. */
export async function startExecution(
  ctx: ServiceContext,
  name: string,
  order: StartExecution,
  key: string | undefined,
): Promise<{ execution: ExecutionSummary; isNew: boolean }> {
  const { id: pipeline, object } = await findPipeline(ctx, name);
  const { clock, newId } = ctx.ports;
  const { variables, revisions, reason } = order;
  const trigger = {
    type: 'StartPipelineExecution',
    by: actorName(ctx.actor),
    ...(reason === undefined ? {} : { detail: reason }),
  };
  const outcome = await object.start(ctx.tenant.id, {
    id: newExecutionId(pipeline, newId),
    variables,
    revisions,
    trigger,
    fingerprint: await sha256(JSON.stringify([variables, revisions])),
    ...(key === undefined ? {} : { key }),
  });
  if (!outcome.ok) throw new DomainError(outcome.code, outcome.message);
  const execution: ExecutionSummary = {
    id: outcome.id,
    number: outcome.number,
    pipeline: name,
    version: outcome.version,
    status: 'InProgress',
    trigger: { type: trigger.type, by: trigger.by, detail: reason ?? null },
    stage: outcome.stage,
    attention: null,
    revision: null,
    startedAt: new Date(clock.now()).toISOString(),
    endedAt: null,
  };
  return { execution, isNew: outcome.isNew };
}
