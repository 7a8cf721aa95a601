import { z } from 'zod';
import { CodePipelineMembers } from './codepipeline.ts';
import { ArtifactName, EntityName, EnvironmentName, Region, RoleArn, TypeName, VariableName } from './names.ts';
import { BeforeEntry, OnFailure, OnSuccess } from './pipeline-conditions.ts';
import { RetryPolicy } from './pipeline-retry.ts';
import { ForkPolicy, TriggerDefinition } from './pipeline-triggers.ts';
import { Text } from './text.ts';

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

/** A secret of the tenant; one of AWS Secrets Manager, as CodePipeline writes it; or an SSM parameter. */
export const SecretReference = z
  .string()
  .max(2000)
  .regex(
    /^((secretsmanager|ssm):.+|[A-Za-z0-9.@\-_]{1,100})$/,
    'must be the name of a secret, secretsmanager: and a reference of AWS Secrets Manager, or ssm: and the name of a parameter',
  );

export const ActionDefinition = z.strictObject({
  name: EntityName,
  type: TypeName.optional().describe(
    'Category/Provider, or Category/Owner/Provider@Version. `commands` alone means Compute/Commands.',
  ),
  runOrder: z
    .int()
    .min(1)
    .max(999)
    .default(1)
    .describe('Actions of one run order run in parallel, the next run order after them.'),
  inputs: z.array(ArtifactName).max(10).default([]).describe('Names of artifacts that earlier actions put out.'),
  outputs: z.array(OutputArtifact).max(10).default([]),
  commands: z.array(z.string().min(1).max(65_536)).min(1).max(50).optional(),
  environment: z.record(EnvironmentName, Text).default({}),
  secrets: z
    .record(EnvironmentName, SecretReference)
    .refine((secrets) => Object.keys(secrets).length <= 50, 'may hold 50 secrets at most')
    .optional()
    .describe('Environment variables whose values are secrets: name to reference.'),
  identity: z
    .boolean()
    .optional()
    .describe(
      'May its commands ask for identity tokens, which say to others which action this is? false if left out.',
    ),
  configuration: z.record(z.string().min(1).max(50), Text).default({}),
  namespace: VariableName.optional().describe('Where later actions find the output variables: #{namespace.name}.'),
  outputVariables: z
    .array(VariableName)
    .max(15)
    .default([])
    .describe('Names that the commands write to the file $MILLRACE_OUTPUT as NAME=value lines.'),
  timeoutMinutes: z.number().positive().max(86_400).optional(),
  retry: RetryPolicy.optional(),
  region: Region.optional().describe('Where in AWS the action works.'),
  roleArn: RoleArn.optional().describe('The IAM role that the action works with.'),
  approvers: z
    .array(
      z.union([
        z.email('must be an e-mail address, or role: and a role'),
        z.string().regex(/^role:[a-z]+$/, 'must be an e-mail address, or role: and a role'),
      ]),
    )
    .min(1)
    .max(50)
    .optional()
    .describe(
      'Who may answer the approval: e-mail addresses, or role: and a role. Left out: whoever may approve at all.',
    ),
  approvals: z.int().min(1).max(50).optional().describe('So many different people must approve. 1 if left out.'),
  selfApproval: z.boolean().optional().describe('May whoever started the execution approve it? true if left out.'),
  whenNewer: z
    .enum(['KEEP', 'SUPERSEDE'])
    .optional()
    .describe(
      'When a newer execution waits for the stage before anybody has answered: keep the stage, as CodePipeline does, or make ' +
        'way for it. Only while nothing else has run in the stage, and in SUPERSEDED mode. KEEP if left out.',
    ),
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
  beforeEntry: BeforeEntry.optional(),
  actions: z.array(ActionDefinition).min(1, 'a stage needs at least one action').max(100),
  onSuccess: OnSuccess.optional(),
  onFailure: OnFailure.optional(),
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
    onUpdate: z
      .enum(['continue', 'cancel'])
      .optional()
      .describe(
        'What a new version does to the executions that run: nothing, or, as in CodePipeline, they finish the actions in ' +
          'progress and are Cancelled. continue if left out.',
      ),
    tags: z
      .record(z.string().min(1).max(128), Text.pipe(z.string().max(256)))
      .refine((tags) => Object.keys(tags).length <= 50, 'may hold 50 tags at most')
      .optional(),
    variables: z.array(VariableDefinition).max(50).default([]),
    triggers: z.array(TriggerDefinition).max(50).optional(),
    forks: ForkPolicy.optional().describe(
      'What becomes of pull requests from forks: they run without secrets and identity; somebody has to let each of them in ' +
        'first; or they never run. RESTRICTED if left out.',
    ),
    stages: z.array(StageDefinition).min(1, 'a pipeline needs at least one stage').max(50),
    codepipeline: CodePipelineMembers.optional(),
  })
  .meta({ id: 'PipelineDefinition' });
export type PipelineDefinition = z.infer<typeof PipelineDefinition>;
