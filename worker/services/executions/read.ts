import type { ExecutionView } from '../../../contract/executions.ts';
import type { ExecutionSummary as Summary } from '../../engine/summary.ts';
import { summaryView } from '../../engine/summary.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { parseExecutionId } from './ids.ts';

export type SeenExecution = ExecutionView & { readonly seq: number };

/** From its own object; one that was never admitted has none, so its pipeline answers, or the index once it has ended. */
export async function getExecution(ctx: ServiceContext, text: string): Promise<SeenExecution> {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  const { ports, tenant } = ctx;
  const view = await ports.executions(tenant.id, parsed.id).view(tenant.id);
  if (view !== null) return view;
  const unadmitted = await ports.pipelines(tenant.id, parsed.pipeline).unadmitted(tenant.id, parsed.id);
  if (unadmitted !== null) return { ...unadmitted, seq: 0 };
  const summary = await ports.executionIndex.byId(tenant.id, parsed.id);
  if (summary === undefined) throw executionNotFound(text);
  return neverAdmittedView(summary);
}

export async function listEvents(ctx: ServiceContext, text: string, after: number, limit: number) {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  const { ports, tenant } = ctx;
  const events = await ports.executions(tenant.id, parsed.id).events(tenant.id, after, limit + 1);
  if (events !== null) {
    const items = events.slice(0, limit);
    return { items, nextCursor: events.length > limit ? String(items.at(-1)?.seq ?? after) : null };
  }
  await getExecution(ctx, text);
  return { items: [], nextCursor: null };
}

export async function watchExecution(
  ctx: ServiceContext,
  text: string,
  after: string | undefined,
): Promise<Response> {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  const { live } = ctx.ports;
  const watch = () => live.execution(ctx.tenant.id, parsed.id, after);
  const response = await watch();
  if (response.status !== 404) return response;
  const waiting = await live.unadmitted(ctx.tenant.id, parsed.pipeline, parsed.id);
  // Begun between the two questions.
  const answer = waiting.status === 409 ? await watch() : waiting;
  if (answer.status === 404) throw executionNotFound(text);
  return answer;
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
