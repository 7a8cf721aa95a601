import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  AnswerApproval,
  ExecutionEvent,
  ExecutionSummary,
  ExecutionView,
  ForkExecution,
  OverrideCondition,
  ResolveHold,
  ResumeExecution,
  RetryStage,
  StartExecution,
  StopExecution,
} from '../../../contract/executions.ts';
import { overrideCondition, resumeExecution, retryStage } from '../../services/executions/bring-back.ts';
import { forkExecution } from '../../services/executions/fork.ts';
import { openLog } from '../../services/executions/log.ts';
import { answerApproval, resolveHold, stopExecution } from '../../services/executions/order.ts';
import { listExecutions, listPipelineExecutions } from '../../services/executions/list.ts';
import { getExecution, listEvents, watchExecution } from '../../services/executions/read.ts';
import { startExecution } from '../../services/executions/start.ts';
import type { ApiEnv } from '../context.ts';
import { ExecutionFilter, filterOf } from './execution-filter.ts';
import {
  ActionParams,
  ExecutionParam,
  StageParams,
  json,
  jsonBody,
  listOf,
  NameParam,
  PageQuery,
  problems,
  raw,
  security,
} from './shared.ts';

const tags = ['Executions'];
const Seen = ExecutionView.extend({ seq: z.int() });
const LogQuery = z.object({
  attempt: z.coerce.number().int().min(1).optional(),
  after: z.coerce.number().int().min(0).default(0).openapi({ description: 'Bytes to skip.' }),
});

/** What an order to run something again may be answered with. */
const returnProblems = [
  'execution_not_found',
  'execution_not_ended',
  'stage_not_found',
  'stage_not_retryable',
  'already_stopping',
  'return_refused',
] as const;

export function executionRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/pipelines/{name}/executions',
      tags,
      security,
      summary: 'Start an execution',
      request: {
        params: NameParam,
        headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
        body: { ...jsonBody(StartExecution), required: false },
      },
      responses: {
        201: json(ExecutionSummary, 'Accepted: it will run even if everything crashes now'),
        ...problems(
          'pipeline_not_found',
          'concurrent_executions_limit',
          'variable_unknown',
          'variable_missing',
          'revision_missing',
          'source_action_not_found',
          'idempotency_key_reused',
        ),
      },
    }),
    async (c) => {
      const key = c.req.header('idempotency-key');
      const order = StartExecution.parse(c.req.header('content-type') === undefined ? {} : c.req.valid('json'));
      const { execution } = await startExecution(c.get('service'), c.req.valid('param').name, order, key);
      c.header('location', `/api/v1/executions/${execution.id}`);
      return c.json(execution, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}/executions',
      tags,
      security,
      summary: "List a pipeline's executions, newest first",
      request: { params: NameParam, query: PageQuery.extend(ExecutionFilter.shape) },
      responses: {
        200: json(listOf(ExecutionSummary), 'A page of executions'),
        ...problems('pipeline_not_found', 'bad_request', 'validation_failed'),
      },
    }),
    async (c) => {
      const { cursor, limit, ...filter } = c.req.valid('query');
      const { name } = c.req.valid('param');
      return c.json(await listPipelineExecutions(c.get('service'), name, filterOf(filter), { cursor, limit }), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/executions',
      tags,
      security,
      summary: 'List the executions of all pipelines, newest first',
      request: { query: PageQuery.extend(ExecutionFilter.shape) },
      responses: {
        200: json(listOf(ExecutionSummary), 'A page of executions'),
        ...problems('bad_request', 'validation_failed'),
      },
    }),
    async (c) => {
      const { cursor, limit, ...filter } = c.req.valid('query');
      return c.json(await listExecutions(c.get('service'), filterOf(filter), { cursor, limit }), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/executions/{id}',
      tags,
      security,
      summary: 'Get an execution: stages, actions, attempts, variables, artifacts',
      request: { params: ExecutionParam },
      responses: { 200: json(Seen, 'The execution'), ...problems('execution_not_found') },
    }),
    async (c) => c.json(await getExecution(c.get('service'), c.req.valid('param').id), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/executions/{id}/events',
      tags,
      security,
      summary: 'Everything that has happened, oldest first',
      request: {
        params: ExecutionParam,
        query: z.object({
          after: z.coerce.number().int().min(0).default(0).openapi({ description: '`seq` of the last event known.' }),
          cursor: z.coerce.number().int().min(0).optional(),
          limit: z.coerce.number().int().min(1).max(1000).default(200),
        }),
      },
      responses: { 200: json(listOf(ExecutionEvent), 'A page of events'), ...problems('execution_not_found') },
    }),
    async (c) => {
      const { after, cursor, limit } = c.req.valid('query');
      return c.json(await listEvents(c.get('service'), c.req.valid('param').id, cursor ?? after, limit), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/executions/{id}/live',
      tags,
      security,
      summary: 'The same as a WebSocket: a snapshot, then what each turn changes',
      request: { params: ExecutionParam, query: z.object({ after: z.string().regex(/^\d+$/).optional() }) },
      responses: { 101: { description: 'A WebSocket' }, ...problems('execution_not_found') },
    }),
    async (c) => {
      const { after } = c.req.valid('query');
      return watchExecution(c.get('service'), c.req.valid('param').id, after);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/executions/{id}/stop',
      tags,
      security,
      summary: 'Stop an execution',
      request: { params: ExecutionParam, body: { ...jsonBody(StopExecution), required: false } },
      responses: {
        202: json(Seen, 'The execution, Stopping or Stopped'),
        ...problems('execution_not_found', 'execution_ended', 'already_stopping'),
      },
    }),
    async (c) => {
      const order = StopExecution.parse(c.req.header('content-type') === undefined ? {} : c.req.valid('json'));
      return c.json(await stopExecution(c.get('service'), c.req.valid('param').id, order), 202);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/executions/{id}/stages/{stage}/retry',
      tags,
      security,
      summary: 'Run the failed actions of a stage again, or all of them, or one',
      request: { params: StageParams, body: { ...jsonBody(RetryStage), required: false } },
      responses: { 202: json(Seen, 'The execution, in the stage again'), ...problems(...returnProblems) },
    }),
    async (c) => {
      const { id, stage } = c.req.valid('param');
      const order = RetryStage.parse(c.req.header('content-type') === undefined ? {} : c.req.valid('json'));
      return c.json(await retryStage(c.get('service'), id, stage, order), 202);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/executions/{id}/stages/{stage}/override',
      tags,
      security,
      summary: 'Let a stage go on as if its condition were met',
      request: { params: StageParams, body: jsonBody(OverrideCondition) },
      responses: {
        202: json(Seen, 'The execution, past the condition'),
        ...problems(...returnProblems, 'condition_not_overridable'),
      },
    }),
    async (c) => {
      const { id, stage } = c.req.valid('param');
      const { condition } = c.req.valid('json');
      return c.json(await overrideCondition(c.get('service'), id, stage, condition), 202);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/executions/{id}/resume',
      tags,
      security,
      summary: 'Run everything from a stage on again and keep what came before',
      request: { params: ExecutionParam, body: jsonBody(ResumeExecution) },
      responses: { 202: json(Seen, 'The execution, on its way again'), ...problems(...returnProblems) },
    }),
    async (c) => {
      const { stage } = c.req.valid('json');
      return c.json(await resumeExecution(c.get('service'), c.req.valid('param').id, stage), 202);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/executions/{id}/fork',
      tags,
      security,
      summary: 'Start a new execution from a past one, with other variables, revisions or another version',
      request: {
        params: ExecutionParam,
        headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
        body: { ...jsonBody(ForkExecution), required: false },
      },
      responses: {
        201: json(ExecutionSummary, 'The new execution'),
        ...problems(
          'execution_not_found',
          'version_not_found',
          'concurrent_executions_limit',
          'variable_unknown',
          'variable_missing',
          'revision_missing',
          'source_action_not_found',
          'idempotency_key_reused',
        ),
      },
    }),
    async (c) => {
      const key = c.req.header('idempotency-key');
      const order = ForkExecution.parse(c.req.header('content-type') === undefined ? {} : c.req.valid('json'));
      const execution = await forkExecution(c.get('service'), c.req.valid('param').id, order, key);
      c.header('location', `/api/v1/executions/${execution.id}`);
      return c.json(execution, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/executions/{id}/approvals/{stage}/{action}',
      tags,
      security,
      summary: 'Approve or reject',
      request: { params: ActionParams, body: jsonBody(AnswerApproval) },
      responses: {
        200: json(Seen, 'The execution after the answer'),
        ...problems(
          'execution_not_found',
          'action_not_found',
          'approval_not_pending',
          'approval_token_stale',
          'approval_forbidden',
          'approval_given_already',
        ),
      },
    }),
    async (c) => {
      const { id, stage, action } = c.req.valid('param');
      return c.json(await answerApproval(c.get('service'), id, { stage, action }, c.req.valid('json')), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/executions/{id}/holds/{stage}/{action}',
      tags,
      security,
      summary: 'Decide about an action whose runner was lost',
      request: { params: ActionParams, body: jsonBody(ResolveHold) },
      responses: {
        200: json(Seen, 'The execution after the decision'),
        ...problems('execution_not_found', 'action_not_found', 'action_not_held'),
      },
    }),
    async (c) => {
      const { id, stage, action } = c.req.valid('param');
      const { resolution } = c.req.valid('json');
      return c.json(await resolveHold(c.get('service'), id, { stage, action }, resolution), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/executions/{id}/actions/{stage}/{action}/log',
      tags,
      security,
      summary: 'The log of an attempt so far, as the process wrote it',
      request: { params: ActionParams, query: LogQuery },
      responses: {
        200: { description: 'The log', content: { 'text/plain': { schema: z.string() } } },
        ...problems('execution_not_found', 'log_not_found'),
      },
    }),
    async (c) => {
      const { attempt, after } = c.req.valid('query');
      const { id: execution, stage, action } = c.req.valid('param');
      const place = { execution, stage, action, attempt };
      const log = await openLog(c.get('service'), place, '/read', after, c.req.raw.headers);
      const complete = log.headers.get('x-millrace-log-complete') ?? 'false';
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-millrace-log-complete': complete };
      return raw(new Response(log.body, { headers }));
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/executions/{id}/actions/{stage}/{action}/log/live',
      tags,
      security,
      summary: 'The same as a WebSocket, from byte `after` on; frames as in contract/log-frames.ts',
      request: { params: ActionParams, query: LogQuery },
      responses: { 101: { description: 'A WebSocket' }, ...problems('execution_not_found', 'log_not_found') },
    }),
    async (c) => {
      const { attempt, after } = c.req.valid('query');
      const { id: execution, stage, action } = c.req.valid('param');
      const place = { execution, stage, action, attempt };
      return openLog(c.get('service'), place, '/watch', after, c.req.raw.headers);
    },
  );
}
