import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { ExecutionWhy, PipelineWhy } from '../../../contract/why.ts';
import { whyExecution } from '../../services/executions/why.ts';
import { whyPipeline } from '../../services/pipelines/why.ts';
import type { ApiEnv } from '../context.ts';
import { ActionParams, ExecutionParam, json, NameParam, problems, security, StageParams } from './shared.ts';

const tags = ['Why'];

export function whyRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/executions/{id}/why',
      tags,
      security,
      summary: 'Why an execution does not move',
      description:
        'A chain of reasons: what holds it up, why that does not move, and so on. At its ends stand the ones who are to act ' +
        'next, with a deadline.',
      request: { params: ExecutionParam },
      responses: { 200: json(ExecutionWhy, 'The reasons'), ...problems('execution_not_found') },
    }),
    async (c) => c.json(await whyExecution(c.get('service'), c.req.valid('param').id), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/executions/{id}/stages/{stage}/why',
      tags,
      security,
      summary: 'Why a stage of an execution does not move',
      request: { params: StageParams },
      responses: { 200: json(ExecutionWhy, 'The reasons'), ...problems('execution_not_found', 'stage_not_found') },
    }),
    async (c) => {
      const { id, stage } = c.req.valid('param');
      return c.json(await whyExecution(c.get('service'), id, { stage }), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/executions/{id}/actions/{stage}/{action}/why',
      tags,
      security,
      summary: 'Why an action does not move, or its job is not taken',
      request: { params: ActionParams },
      responses: { 200: json(ExecutionWhy, 'The reasons'), ...problems('execution_not_found', 'action_not_found') },
    }),
    async (c) => {
      const { id, stage, action } = c.req.valid('param');
      return c.json(await whyExecution(c.get('service'), id, { stage, action }), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}/why',
      tags,
      security,
      summary: 'Why the executions of a pipeline do not move, and which transitions are closed',
      request: { params: NameParam },
      responses: { 200: json(PipelineWhy, 'The reasons'), ...problems('pipeline_not_found') },
    }),
    async (c) => c.json(await whyPipeline(c.get('service'), c.req.valid('param').name), 200),
  );
}
