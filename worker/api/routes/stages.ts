import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ExecutionSummary } from '../../../contract/executions.ts';
import { RollbackStage, TransitionChange } from '../../../contract/pipelines.ts';
import { rollbackStage } from '../../services/pipelines/rollback.ts';
import { setTransition } from '../../services/pipelines/transitions.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, PipelineStageParams, problems, security } from './shared.ts';

const tags = ['Stages'];

export function stageRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'put',
      path: '/pipelines/{name}/stages/{stage}/transition',
      tags,
      security,
      summary: 'Open or close the way into a stage',
      request: { params: PipelineStageParams, body: jsonBody(TransitionChange) },
      responses: {
        200: json(
          z.object({
            enabled: z.boolean(),
            unconfirmed: z
              .array(z.string())
              .describe('Executions that could not be reached and may still be on their way through. Usually none.'),
          }),
          'Nobody enters a closed stage any more once this is answered, but the unconfirmed ones',
        ),
        ...problems('pipeline_not_found', 'stage_not_found'),
      },
    }),
    async (c) => {
      const { name, stage } = c.req.valid('param');
      return c.json(await setTransition(c.get('service'), name, stage, c.req.valid('json')), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/pipelines/{name}/stages/{stage}/rollback',
      tags,
      security,
      summary: 'Send what an earlier execution deployed through a stage again',
      request: {
        params: PipelineStageParams,
        headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
        body: { ...jsonBody(RollbackStage), required: false },
      },
      responses: {
        201: json(ExecutionSummary, 'The new execution, of the kind ROLLBACK'),
        ...problems(
          'pipeline_not_found',
          'stage_not_found',
          'rollback_not_possible',
          'rollback_target_invalid',
          'idempotency_key_reused',
        ),
      },
    }),
    async (c) => {
      const { name, stage } = c.req.valid('param');
      const key = c.req.header('idempotency-key');
      const order = RollbackStage.parse(c.req.header('content-type') === undefined ? {} : c.req.valid('json'));
      const execution = await rollbackStage(c.get('service'), name, stage, order, key);
      c.header('location', `/api/v1/executions/${execution.id}`);
      return c.json(execution, 201);
    },
  );
}
