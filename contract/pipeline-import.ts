import { z } from 'zod';
import { PipelineDefinition } from './pipeline-definition.ts';
import { PlacedMessage } from './pipelines.ts';

/** CodePipeline's own JSON or a CloudFormation template, and what its references stand for. */
export const ImportOrder = z
  .object({
    document: z
      .union([z.string(), z.looseObject({})])
      .describe(
        'What `aws codepipeline get-pipeline` answers, or a CloudFormation template; as text, or JSON as it is.',
      ),
    parameters: z
      .record(z.string(), z.string())
      .optional()
      .describe('What a template refers to: parameters, resources, attributes like Role.Arn, AWS::Region.'),
    resource: z.string().optional().describe('Logical id of the pipeline, where a template has several.'),
  })
  .meta({ id: 'ImportOrder' });

export const ImportResult = z
  .object({
    valid: z.boolean(),
    definition: PipelineDefinition.nullable().describe('null while something is wrong.'),
    yaml: z
      .string()
      .nullable()
      .describe('The definition as a person would write it; there as soon as the text is a pipeline at all.'),
    errors: z.array(PlacedMessage).readonly(),
    warnings: z.array(PlacedMessage).readonly(),
  })
  .meta({ id: 'ImportResult' });
export type ImportResult = z.infer<typeof ImportResult>;

export const ExportResult = z
  .object({
    pipeline: z.looseObject({}).describe("CodePipeline's declaration, for create-pipeline and update-pipeline."),
    tags: z.array(z.object({ key: z.string(), value: z.string() })).readonly(),
    notCarried: z.array(PlacedMessage).readonly().describe('What CodePipeline does not have, or would refuse.'),
  })
  .meta({ id: 'ExportResult' });
export type ExportResult = z.infer<typeof ExportResult>;
