import type { Comparison } from '../../../contract/compare.ts';
import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import { diffDefinitions } from '../../definition/diff.ts';
import { compareExecutions } from '../../engine/compare.ts';
import type { ServiceContext } from '../context.ts';
import { pipelineView } from '../pipelines/save.ts';
import { parseExecutionId } from './ids.ts';
import { getExecution, type SeenExecution } from './read.ts';

/** Two executions side by side, of one pipeline or of two; live, ended or archived. */
export async function compare(ctx: ServiceContext, first: string, second: string): Promise<Comparison> {
  const [a, b] = await Promise.all([getExecution(ctx, first), getExecution(ctx, second)]);
  return { ...compareExecutions(a, b), definition: await definitionChanges(ctx, a, b) };
}

async function definitionChanges(
  ctx: ServiceContext,
  a: SeenExecution,
  b: SeenExecution,
): Promise<Comparison['definition']> {
  if (a.version === b.version && parseExecutionId(a.id)?.pipeline === parseExecutionId(b.id)?.pipeline) return [];
  const [before, after] = await Promise.all([definitionOf(ctx, a), definitionOf(ctx, b)]);
  return before === undefined || after === undefined ? null : diffDefinitions(before, after);
}

/** Undefined: the pipeline has been deleted. */
async function definitionOf(
  { ports, tenant }: ServiceContext,
  { id, version }: SeenExecution,
): Promise<PipelineDefinition | undefined> {
  const pipeline = parseExecutionId(id)?.pipeline;
  if (pipeline === undefined) return undefined;
  const found = await ports.pipelines(tenant.id, pipeline).describe(tenant.id, version);
  return found === null ? undefined : pipelineView(found.head, found.version).definition;
}
