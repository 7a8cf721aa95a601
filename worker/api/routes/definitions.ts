import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ActionTypeView } from '../../../contract/action-types.ts';
import { DefinitionDiff } from '../../../contract/pipeline-diff.ts';
import { ExportResult, ImportOrder, ImportResult } from '../../../contract/pipeline-import.ts';
import { pipelineJsonSchema } from '../../definition/json-schema.ts';
import { listActionTypes } from '../../services/pipelines/action-types.ts';
import { exportPipeline, importPipeline } from '../../services/pipelines/bring-over.ts';
import { diffVersions } from '../../services/pipelines/diff.ts';
import type { ApiEnv } from '../context.ts';
import { textBody } from '../middleware/body.ts';
import { describeBody, json, NameParam, problems, security } from './shared.ts';

const tags = ['Definitions'];
const Version = z.coerce.number().int().min(1).optional();

/** Open to everybody: an editor that checks a file has no token. */
export function schemaRoute(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/schemas/pipeline.json',
      tags,
      summary: 'The JSON Schema of definitions, for editors',
      description: 'In YAML: `# yaml-language-server: $schema=https://…/api/v1/schemas/pipeline.json`.',
      responses: { 200: json(z.looseObject({}), 'JSON Schema, draft 7') },
    }),
    (c) => {
      c.header('access-control-allow-origin', '*');
      c.header('cache-control', 'public, max-age=3600');
      return c.json(pipelineJsonSchema(new URL(c.req.url).href), 200);
    },
  );
}

export function definitionRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/action-types',
      tags,
      security,
      summary: 'List the types of actions and, in the category Rule, of rules',
      request: { query: z.object({ category: ActionTypeView.shape.category.optional() }) },
      responses: {
        200: json(z.object({ items: z.array(ActionTypeView).readonly() }), 'All of them, with their configuration'),
        ...problems('validation_failed'),
      },
    }),
    (c) => c.json({ items: listActionTypes(c.req.valid('query').category) }, 200),
  );

  const bringOver = createRoute({
    method: 'post',
    path: '/pipelines/import',
    hide: true,
    tags,
    security,
    summary: 'Make a definition of CodePipeline’s JSON or a CloudFormation template',
    description:
      'Nothing is saved. The document may also be the body itself, JSON or YAML, like ' +
      '`aws codepipeline get-pipeline --name shop | curl --data-binary @- …`.',
    responses: {
      200: json(ImportResult, 'The definition, and all that is wrong with it'),
      ...problems('validation_failed', 'payload_too_large'),
    },
  });
  describeBody(app, bringOver, {
    'application/json': { schema: ImportOrder },
    'application/yaml': { schema: z.string() },
  });
  app.openapi(bringOver, async (c) => c.json(importPipeline(orderOf(await textBody(c))), 200));

  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}/export',
      tags,
      security,
      summary: 'Get a pipeline as CodePipeline’s JSON',
      request: { params: NameParam, query: z.object({ version: Version }) },
      responses: {
        200: json(ExportResult, 'The declaration, and what it cannot say'),
        ...problems('pipeline_not_found'),
      },
    }),
    async (c) => {
      const { name } = c.req.valid('param');
      return c.json(await exportPipeline(c.get('service'), name, c.req.valid('query').version), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/pipelines/{name}/diff',
      tags,
      security,
      summary: 'What changed between two versions of a definition',
      description: 'Left out, `to` is the newest version and `from` the one before `to`.',
      request: { params: NameParam, query: z.object({ from: Version, to: Version }) },
      responses: { 200: json(DefinitionDiff, 'The changes'), ...problems('pipeline_not_found', 'bad_request') },
    }),
    async (c) => {
      const { from, to } = c.req.valid('query');
      return c.json(await diffVersions(c.get('service'), c.req.valid('param').name, from, to), 200);
    },
  );
}

/** An order says `document`; anything else is the document. */
function orderOf(text: string): z.infer<typeof ImportOrder> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { document: text };
  }
  if (typeof value !== 'object' || value === null || !('document' in value)) return { document: text };
  return ImportOrder.parse(value);
}
