import { z } from 'zod';
import { ArtifactName, EntityName, VariableName } from './names.ts';

/** YAML reads 8080 and true as number and boolean; in a definition they mean their text. */
const Text = z.union([z.string(), z.number(), z.boolean()]).transform(String).pipe(z.string().max(65_536));

export const OutputArtifact = z.union([
  ArtifactName.transform((name) => ({ name, files: [] as string[] })),
  z.strictObject({
    name: ArtifactName,
    files: z
      .array(z.string().min(1).max(128))
      .max(10)
      .describe('Globs relative to the working directory; left out, the whole directory is taken.')
      .default([]),
  }),
]);

export const RetryPolicy = z.strictObject({
  attempts: z.int().min(1).max(10).describe('All attempts together, the first one included.'),
  backoffSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(5)
    .describe('Wait before the second attempt; doubles with every further one, up to an hour.'),
});

export const ActionDefinition = z.strictObject({
  name: EntityName,
  type: z
    .string()
    .regex(/^[A-Za-z]+\/[A-Za-z0-9_-]+$/, 'must be Category/Provider, like Source/Upload')
    .optional()
    .describe('Category/Provider. `commands` alone means Compute/Commands.'),
  runOrder: z
    .int()
    .min(1)
    .max(999)
    .default(1)
    .describe('Actions of one run order run in parallel, the next run order after them.'),
  inputs: z.array(ArtifactName).max(10).default([]).describe('Names of artifacts that earlier actions put out.'),
  outputs: z.array(OutputArtifact).max(10).default([]),
  commands: z.array(z.string().min(1).max(65_536)).min(1).max(50).optional(),
  environment: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'is not a name for an environment variable'), Text)
    .default({}),
  configuration: z.record(z.string().min(1).max(50), Text).default({}),
  namespace: VariableName.optional().describe('Where later actions find the output variables: #{namespace.name}.'),
  outputVariables: z
    .array(VariableName)
    .max(15)
    .default([])
    .describe('Names that the commands write to the file $MILLRACE_OUTPUT as NAME=value lines.'),
  timeoutMinutes: z.number().positive().max(86_400).optional(),
  retry: RetryPolicy.optional(),
  onRunnerLoss: z
    .enum(['retry', 'hold', 'fail'])
    .optional()
    .describe(
      'When the runner is lost in the middle. Left out: hold for Deploy actions and behind an approval, else retry.',
    ),
  pool: EntityName.optional().describe('Runner pool; "default" if left out.'),
  labels: z.array(z.string().min(1).max(100)).max(20).optional().describe('A runner must carry all of them.'),
});
export type ActionDefinition = z.infer<typeof ActionDefinition>;

export const StageDefinition = z.strictObject({
  name: EntityName,
  actions: z.array(ActionDefinition).min(1, 'a stage needs at least one action').max(50),
});
export type StageDefinition = z.infer<typeof StageDefinition>;

export const VariableDefinition = z.strictObject({
  name: VariableName,
  default: Text.optional().describe('Left out, every start must give a value.'),
  description: z.string().max(200).optional(),
});

export const PipelineDefinition = z
  .strictObject({
    name: EntityName,
    mode: z.enum(['SUPERSEDED', 'QUEUED', 'PARALLEL']).default('SUPERSEDED'),
    variables: z.array(VariableDefinition).max(50).default([]),
    stages: z.array(StageDefinition).min(1, 'a pipeline needs at least one stage').max(50),
  })
  .meta({ id: 'PipelineDefinition' });
export type PipelineDefinition = z.infer<typeof PipelineDefinition>;
