import type { ExecutionId } from '../ids.ts';
import { type Queue, whyAdmission } from './admission.ts';
import type { Reason } from './reason.ts';
import { whyTransitions } from './transition.ts';

export interface PipelineReasons {
  readonly transitions: readonly Reason[];
  /** The one that is furthest first. Without reasons: it is inside a stage, and knows itself why it stays there. */
  readonly executions: readonly {
    readonly id: ExecutionId;
    readonly number: number;
    readonly reasons: readonly Reason[];
  }[];
}

export function whyPipeline(queue: Queue): PipelineReasons {
  return {
    transitions: whyTransitions(queue.pipeline, queue.transitions),
    executions: queue.live.map((row) => ({ id: row.id, number: row.number, reasons: whyAdmission(queue, row) })),
  };
}
