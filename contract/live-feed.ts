import { z } from 'zod';
import { ActionView, ExecutionEvent, ExecutionSummary, ExecutionView, StageView } from './executions.ts';
import { PipelineState } from './pipelines.ts';

/** `GET /executions/{id}/live`: the whole once, then what each turn changed. Reconnect with `?after=` the last `seq`. */
export const ExecutionLiveMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), seq: z.int(), execution: ExecutionView }),
  z.object({
    type: z.literal('turn'),
    seq: z.int(),
    events: z.array(ExecutionEvent).readonly(),
    /** The execution without its stages: small, so it always comes whole. */
    execution: ExecutionView.omit({ stages: true }),
    /** Stages whose own facts changed, without their actions. */
    stages: z.array(StageView.omit({ actions: true })).readonly(),
    actions: z.array(z.object({ stage: z.string(), action: ActionView })).readonly(),
  }),
]);
export type ExecutionLiveMessage = z.infer<typeof ExecutionLiveMessage>;

/** `GET /pipelines/{name}/live`: the board, whole, each time that it changes. */
export const PipelineLiveMessage = z.object({ type: z.literal('state'), state: PipelineState });
export type PipelineLiveMessage = z.infer<typeof PipelineLiveMessage>;

/** `GET /live`: one execution's line of the home page, each time that it changes. */
export const TenantLiveMessage = z.object({ type: z.literal('execution'), execution: ExecutionSummary });
export type TenantLiveMessage = z.infer<typeof TenantLiveMessage>;
