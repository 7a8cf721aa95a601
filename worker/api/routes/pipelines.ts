import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import {
  Pipeline,
  PipelineState,
  PipelineSummary,
  PipelineVersion,
  SavedPipeline,
  Validation,
} from '../../../contract/pipelines.ts';
import { DomainError } from '../../services/domain-error.ts';
import {
  getPipeline,
  getPipelineState,
  listPipelines,
  listVersions,
  watchPipeline,
} from '../../services/pipelines/read.ts';
import { removePipeline } from '../../services/pipelines/remove.ts';
import { checkDefinition, savePipeline } from '../../services/pipelines/save.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import { textBody } from '../middleware/body.ts';
import { describeBody, json, listOf, NameParam, PageQuery, problems, security, raw } from './shared.ts';

const tags = ['Pipelines'];
const YAML = 'application/yaml';
const definitionContent = { 'application/json': { schema: PipelineDefinition }, [YAML]: { schema: z.string() } };

export function pipelineRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines',
      tags,
      security,
      summary: 'List pipelines by name, each with its newest executions',
      request: { query: PageQuery },
      responses: { 200: json(listOf(PipelineSummary), 'A page of pipelines'), ...problems('bad_request') },
    }),
    async (c) => {
      const { cursor, limit } = c.req.valid('query');
      return c.json(await listPipelines(c.get('service'), cursor, limit), 200);
    },
  );

  const validate = createRoute({
    method: 'post',
    path: '/pipelines/validate',
    hide: true,
    tags,
    security,
    summary: 'Check a definition without saving it; all that is wrong at once',
    responses: {
      200: json(Validation, 'Whether it is valid, and every problem and warning with its place'),
      ...problems(),
    },
  });
  describeBody(app, validate, definitionContent);
  app.openapi(validate, async (c) => {
    try {
      const { warnings } = await checkDefinition(c.get('service'), await definitionInput(c));
      return c.json({ valid: true, errors: [], warnings: [...warnings] }, 200);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'definition_invalid') throw error;
      return c.json({ valid: false, errors: [...(error.more.errors ?? [])], warnings: [] }, 200);
    }
  });

  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}',
      tags,
      security,
      summary: 'Get a pipeline; as YAML when `application/yaml` is asked for',
      request: { params: NameParam, query: z.object({ version: z.coerce.number().int().min(1).optional() }) },
      responses: {
        200: {
          description: 'The pipeline',
          content: { 'application/json': { schema: Pipeline }, [YAML]: { schema: z.string() } },
        },
        ...problems('pipeline_not_found'),
      },
    }),
    async (c) => {
      const { pipeline, yaml } = await getPipeline(
        c.get('service'),
        c.req.valid('param').name,
        c.req.valid('query').version,
      );
      c.header('etag', `"${pipeline.version}"`);
      if (c.req.header('accept')?.includes('yaml') === true) return c.body(yaml, 200, { 'content-type': YAML });
      return c.json(pipeline, 200);
    },
  );

  const save = createRoute({
    method: 'put',
    path: '/pipelines/{name}',
    hide: true,
    tags,
    security,
    summary: 'Save a definition as the next version, or make a pipeline of it',
    description: 'Saving what is there already changes nothing. `If-Match: "3"` saves only over version 3.',
    request: {
      params: NameParam,
      headers: z.object({
        'if-match': z
          .string()
          .regex(/^"\d+"$/, 'must be a quoted version')
          .optional(),
      }),
    },
    responses: {
      200: json(SavedPipeline, 'A further version, or the same one again'),
      201: json(SavedPipeline, 'A new pipeline'),
      ...problems(
        'definition_invalid',
        'pipeline_name_mismatch',
        'version_conflict',
        'quota_exceeded',
        'payload_too_large',
      ),
    },
  });
  describeBody(app, save, definitionContent);
  app.openapi(save, async (c) => {
    const ifMatch = c.req.header('if-match');
    const ifVersion = ifMatch === undefined ? undefined : Number(ifMatch.replaceAll('"', ''));
    const { name } = c.req.valid('param');
    const { pipeline, isNew } = await savePipeline(c.get('service'), name, await definitionInput(c), ifVersion);
    c.header('etag', `"${pipeline.version}"`);
    return c.json(pipeline, isNew && pipeline.version === 1 ? 201 : 200);
  });

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/pipelines/{name}',
      tags,
      security,
      summary: 'Delete a pipeline',
      description: 'Refused while executions are live, unless `stop=true`: then they are abandoned first.',
      request: { params: NameParam, query: z.object({ stop: z.enum(['true', 'false']).default('false') }) },
      responses: {
        200: json(z.object({ stopping: z.array(z.string()) }), 'Deleted; the executions that are being stopped'),
        ...problems('pipeline_not_found', 'pipeline_busy'),
      },
    }),
    async (c) => {
      const stop = c.req.valid('query').stop === 'true';
      const stopping = await removePipeline(c.get('service'), c.req.valid('param').name, stop);
      return c.json({ stopping: [...stopping] }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}/versions',
      tags,
      security,
      summary: 'List versions, newest first',
      request: { params: NameParam, query: PageQuery },
      responses: { 200: json(listOf(PipelineVersion), 'A page of versions'), ...problems('pipeline_not_found') },
    }),
    async (c) => {
      const { cursor, limit } = c.req.valid('query');
      return c.json(await listVersions(c.get('service'), c.req.valid('param').name, cursor, limit), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}/state',
      tags,
      security,
      summary: 'What is in each stage, and what waits in front of it',
      request: { params: NameParam },
      responses: { 200: json(PipelineState, 'The stages'), ...problems('pipeline_not_found') },
    }),
    async (c) => c.json(await getPipelineState(c.get('service'), c.req.valid('param').name), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}/live',
      tags,
      security,
      summary: 'The same as a WebSocket: the state now, then again with each change',
      request: { params: NameParam },
      responses: { 101: { description: 'A WebSocket' }, ...problems('pipeline_not_found') },
    }),
    async (c) => raw(await watchPipeline(c.get('service'), c.req.valid('param').name)),
  );
}

async function definitionInput(c: ApiContext): Promise<{ text: string; isYaml: boolean }> {
  const type = c.req.header('content-type') ?? '';
  if (!/json|yaml|yml|text\/plain/.test(type)) {
    throw new DomainError('unsupported_media_type', 'Send the definition as application/json or application/yaml.');
  }
  return { text: await textBody(c), isYaml: !type.includes('json') };
}
