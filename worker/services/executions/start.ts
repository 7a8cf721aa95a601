import type { ExecutionSummary, StartExecution } from '../../../contract/executions.ts';
import type { Pin } from '../../engine/model.ts';
import { sha256 } from '../../kernel/crypto.ts';
import { actorId, actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from '../pipelines/find.ts';
import { detailsOf } from '../quotas.ts';
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
  const { variables, revisions, sourceRevisions, reason } = order;
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
    pins: pinsOf(sourceRevisions),
    trigger,
    fingerprint: await sha256(JSON.stringify([variables, revisions, sourceRevisions])),
    ...(key === undefined ? {} : { key }),
  });
  if (!outcome.ok) throw new DomainError(outcome.code, outcome.message, detailsOf(outcome));
  return { execution: justStarted(name, outcome, trigger, clock.now()), isNew: outcome.isNew };
}

/** An object's key and its version may be named together: then the version is of that key. */
function pinsOf(order: StartExecution['sourceRevisions']): Readonly<Record<string, Pin>> {
  const pins: Record<string, Pin> = {};
  for (const { actionName, revisionType: type, revisionValue: value } of order) {
    const known = pins[actionName];
    const key = type === 'S3_OBJECT_KEY' ? value : known?.type === 'S3_OBJECT_KEY' ? known.value : undefined;
    if (known === undefined) pins[actionName] = { type, value };
    else if (key !== undefined && known.type !== type) {
      const version = type === 'S3_OBJECT_KEY' ? known.value : value;
      pins[actionName] = { type: 'S3_OBJECT_VERSION_ID', value: version, key };
    } else throw new DomainError('bad_request', `The source action "${actionName}" has two revisions.`);
  }
  return pins;
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
