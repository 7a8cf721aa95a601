import type { ExecutionWhy } from '../../../contract/why.ts';
import type { Part } from '../../engine/why/part.ts';
import { reasonView } from '../../engine/why/view.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { ReasonChain } from '../why/chain.ts';
import { parseExecutionId } from './ids.ts';
import { executionNotFound, getExecution } from './read.ts';

/** Why an execution, or a part of it, does not move: its own reasons, and those of whoever holds it up. */
export async function whyExecution(ctx: ServiceContext, text: string, part: Part = {}): Promise<ExecutionWhy> {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) throw executionNotFound(text);
  const { id } = parsed;
  const at = new Date(ctx.ports.clock.now()).toISOString();
  const chain = new ReasonChain(ctx, parsed.pipeline);
  const why = await chain.execution(id, part);
  if (why === null) {
    const { number, pipeline, status } = await getExecution(ctx, text);
    return { execution: { id, number, pipeline, status }, at, reasons: [] };
  }
  const { number, pipeline, status, reasons } = why;
  if (reasons === null) throw noSuchPart(part);
  const followed = await chain.follow(reasons, [id]);
  return { execution: { id, number, pipeline, status }, at, reasons: followed.map(reasonView) };
}

function noSuchPart({ stage = '', action }: Part): DomainError {
  if (action === undefined) {
    return new DomainError('stage_not_found', `There is no stage "${stage}" in this execution.`);
  }
  return new DomainError('action_not_found', `There is no action "${stage}/${action}" in this execution.`);
}
