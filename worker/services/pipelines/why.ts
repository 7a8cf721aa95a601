import type { PipelineWhy } from '../../../contract/why.ts';
import { reasonView } from '../../engine/why/view.ts';
import type { ServiceContext } from '../context.ts';
import { ReasonChain } from '../why/chain.ts';
import { findPipeline, pipelineNotFound } from './find.ts';

/** Everything in a pipeline that does not move, and why: its closed transitions and its live executions. */
export async function whyPipeline(ctx: ServiceContext, name: string): Promise<PipelineWhy> {
  const { tenant, ports } = ctx;
  const { id: pipeline, object } = await findPipeline(ctx, name);
  const found = await object.why(tenant.id);
  if (found === null) throw pipelineNotFound(name);
  const chain = new ReasonChain(ctx, pipeline);
  const executions = await Promise.all(
    found.executions.map(async ({ id, number, reasons }) => {
      const isInside = reasons.length === 0;
      const own = isInside ? ((await chain.execution(id))?.reasons ?? []) : reasons;
      // The pipeline does not see behind an execution's own gate: there it is asked itself.
      const followed = await chain.follow(own, isInside ? [id] : [], 1);
      return { id, number, reasons: followed.map(reasonView) };
    }),
  );
  const at = new Date(ports.clock.now()).toISOString();
  return { pipeline: name, at, transitions: found.transitions.map(reasonView), executions };
}
