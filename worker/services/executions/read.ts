import type { ExecutionView } from '../../../contract/executions.ts';
import type { ExecutionSummary as Summary } from '../../engine/summary.ts';
import { summaryView } from '../../engine/summary.ts';
import type { Where } from '../../objects/execution/execution-object.ts';
import { type ServiceContext, watcherOf } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { parseExecutionId } from './ids.ts';

export type SeenExecution = ExecutionView & { readonly seq: number };

/** From its own object while it lives there, then from the archive; one that was never admitted is its pipeline's. */
export async function getExecution(ctx: ServiceContext, text: string): Promise<SeenExecution> {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  const { ports, tenant } = ctx;
  const object = ports.executions(tenant.id, parsed.id);
  const view = await object.view(tenant.id);
  if (view !== null) return view;
  const [unadmitted, summary] = await Promise.all([
    ports.pipelines(tenant.id, parsed.pipeline).unadmitted(tenant.id, parsed.id),
    ports.executionIndex.byId(tenant.id, parsed.id),
  ]);
  if (unadmitted !== null) return { ...unadmitted, seq: 0 };
  if (summary === undefined) throw executionNotFound(text);
  return (await object.view(tenant.id, 'archive')) ?? neverAdmittedView(summary);
}

export async function listEvents(ctx: ServiceContext, text: string, after: number, limit: number) {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  const { ports, tenant } = ctx;
  const object = ports.executions(tenant.id, parsed.id);
  const events = (await object.events(tenant.id, after, limit + 1)) ?? (await archivedEvents());
  const items = events.slice(0, limit);
  return { items, nextCursor: events.length > limit ? String(items.at(-1)?.seq ?? after) : null };

  async function archivedEvents() {
    await getExecution(ctx, text);
    return (await object.events(tenant.id, after, limit + 1, 'archive')) ?? [];
  }
}

export async function watchExecution(
  ctx: ServiceContext,
  text: string,
  after: string | undefined,
): Promise<Response> {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  const { live, executionIndex } = ctx.ports;
  const by = watcherOf(ctx.actor);
  const watch = (where: Where) => live.execution(ctx.tenant.id, by, parsed.id, after, where);
  const response = await watch('object');
  if (response.status !== 404) return response;
  const waiting = await live.unadmitted(ctx.tenant.id, by, parsed.pipeline, parsed.id);
  // Begun between the two questions.
  const answer = waiting.status === 409 ? await watch('object') : waiting;
  if (answer.status !== 404) return answer;
  const isKnown = (await executionIndex.byId(ctx.tenant.id, parsed.id)) !== undefined;
  const archived = isKnown ? await watch('archive') : answer;
  if (archived.status === 404) throw executionNotFound(text);
  return archived;
}

export function executionNotFound(id: string): DomainError {
  return new DomainError('execution_not_found', `There is no execution "${id}".`);
}

function neverAdmittedView(summary: Summary): SeenExecution {
  const { id, number, pipeline, version, status, trigger, startedAt, endedAt } = summaryView(summary);
  return {
    id,
    number,
    pipeline,
    version,
    status,
    trigger,
    variables: {},
    revisions: [],
    startedAt,
    endedAt,
    stop: null,
    waitingForStage: null,
    returning: null,
    kind: 'STANDARD',
    rollback: null,
    forkedFrom: null,
    stages: [],
    artifacts: [],
    seq: 0,
  };
}
