import type { ExecutionSummary, StartExecution } from '../../../contract/executions.ts';
import { sha256 } from '../../kernel/crypto.ts';
import { actorId, actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from '../pipelines/find.ts';
import { assertOpen } from '../tenants/life.ts';
import { newExecutionId } from './ids.ts';

/** Starts an execution. With a key, the same request again gets the same execution. */
export async function startExecution(
  ctx: ServiceContext,
  name: string,
  order: StartExecution,
  key: string | undefined,
): Promise<{ execution: ExecutionSummary; isNew: boolean }> {
  const [{ id: pipeline, object }] = await Promise.all([
    findPipeline(ctx, name),
    assertOpen(ctx.ports, ctx.tenant.id),
  ]);
  const { clock, newId } = ctx.ports;
  const { variables, revisions, reason } = order;
  const trigger = {
    type: 'StartPipelineExecution',
    by: actorName(ctx.actor),
    actor: actorId(ctx.actor),
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
  return { execution: justStarted(name, outcome, trigger, clock.now()), isNew: outcome.isNew };
}

/** The row that the list will show; nothing can have happened to it yet. */
export function justStarted(
  pipeline: string,
  started: { readonly id: string; readonly number: number; readonly version: number; readonly stage: string },
  trigger: { readonly type: string; readonly by: string; readonly detail?: string },
  at: number,
): ExecutionSummary {
  const { id, number, version, stage } = started;
  return {
    id,
    number,
    pipeline,
    version,
    status: 'InProgress',
    trigger: { type: trigger.type, by: trigger.by, detail: trigger.detail ?? null },
    stage,
    attention: null,
    revision: null,
    revisionId: null,
    branch: null,
    kind: 'STANDARD',
    origin: null,
    startedAt: new Date(at).toISOString(),
    endedAt: null,
  };
}
