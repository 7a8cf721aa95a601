import type { ExecutionSummary, ForkExecution } from '../../../contract/executions.ts';
import type { ExecutionId, PipelineId } from '../../engine/ids.ts';
import type { Revision } from '../../engine/model.ts';
import { sha256 } from '../../kernel/crypto.ts';
import { actorId, actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { detailsOf } from '../quotas.ts';
import { assertOpen } from '../tenants/life.ts';
import { newExecutionId, parseExecutionId } from './ids.ts';
import { executionNotFound, getExecution } from './read.ts';
import { justStarted } from './start.ts';

/** A new execution from a past one: its revisions and variables, as far as the order does not say otherwise. */
export async function forkExecution(
  ctx: ServiceContext,
  text: string,
  order: ForkExecution,
  key: string | undefined,
): Promise<ExecutionSummary> {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  await assertOpen(ctx.ports, ctx.tenant.id);
  const origin = await getExecution(ctx, text);
  const pipeline: PipelineId = parsed.pipeline;
  const version = order.version ?? origin.version;
  const kept = Object.fromEntries(
    origin.revisions.map(({ action, type, branch, url, isUntrusted, ...revision }): [string, Revision] => [
      action,
      {
        ...revision,
        ...(type === null ? {} : { type }),
        ...(branch === null ? {} : { branch }),
        ...(url === null ? {} : { url }),
        ...(isUntrusted ? { isUntrusted } : {}),
      },
    ]),
  );
  const { clock, newId, pipelines } = ctx.ports;
  const described = await pipelines(ctx.tenant.id, pipeline).describe(ctx.tenant.id, version);
  const declared = described?.version.variables.map(({ name }) => name) ?? [];
  // Another version may declare other variables; what it does not know is left behind.
  const carried = Object.entries(origin.variables).filter(([name]) => declared.includes(name));
  const variables = { ...Object.fromEntries(carried), ...order.variables };
  const trigger = {
    type: 'StartPipelineExecution',
    by: actorName(ctx.actor),
    actor: actorId(ctx.actor),
    detail: order.reason ?? `Forked from execution ${origin.number}`,
  };
  const outcome = await pipelines(ctx.tenant.id, pipeline).start(ctx.tenant.id, {
    id: newExecutionId(pipeline, newId),
    variables,
    revisions: order.revisions,
    kept,
    version,
    forkedFrom: origin.id as ExecutionId,
    trigger,
    fingerprint: await sha256(JSON.stringify([origin.id, version, variables, order.revisions])),
    ...(key === undefined ? {} : { key }),
  });
  if (!outcome.ok) throw new DomainError(outcome.code, outcome.message, detailsOf(outcome));
  return { ...justStarted(origin.pipeline, outcome, trigger, clock.now()), origin: origin.id };
}
