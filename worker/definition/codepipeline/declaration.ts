import { z } from 'zod';

/** CodePipeline's `PipelineDeclaration`, as `aws codepipeline get-pipeline` writes it. Its limits are checked on the readable form. */

const Names = z.array(z.strictObject({ name: z.string() }));
const Configuration = z.record(z.string(), z.string());
const TypeId = z.strictObject({
  category: z.string(),
  owner: z.string().default('AWS'),
  provider: z.string(),
  version: z.string().default('1'),
});

const Rule = z.strictObject({
  name: z.string(),
  ruleTypeId: TypeId,
  configuration: Configuration.optional(),
  commands: z.array(z.string()).optional(),
  inputArtifacts: Names.optional(),
  roleArn: z.string().optional(),
  region: z.string().optional(),
  timeoutInMinutes: z.int().optional(),
});
export type RuleDeclaration = z.infer<typeof Rule>;

const Condition = z.strictObject({
  result: z.enum(['ROLLBACK', 'FAIL', 'RETRY', 'SKIP']).optional(),
  rules: z.array(Rule).default([]),
});
export type ConditionDeclaration = z.infer<typeof Condition>;

const Conditions = z.array(Condition).max(1, 'CodePipeline has one condition in each place');

const Action = z.strictObject({
  name: z.string(),
  actionTypeId: TypeId,
  runOrder: z.int().optional(),
  configuration: Configuration.optional(),
  commands: z.array(z.string()).optional(),
  outputArtifacts: z.array(z.strictObject({ name: z.string(), files: z.array(z.string()).optional() })).optional(),
  inputArtifacts: Names.optional(),
  outputVariables: z.array(z.string()).optional(),
  roleArn: z.string().optional(),
  region: z.string().optional(),
  namespace: z.string().optional(),
  timeoutInMinutes: z.int().optional(),
  environmentVariables: z
    .array(
      z.strictObject({
        name: z.string(),
        value: z.string(),
        type: z.enum(['PLAINTEXT', 'SECRETS_MANAGER']).optional(),
      }),
    )
    .optional(),
});
export type ActionDeclaration = z.infer<typeof Action>;

const FailureConditions = z.strictObject({
  result: z.enum(['ROLLBACK', 'RETRY']).optional(),
  retryConfiguration: z.strictObject({ retryMode: z.enum(['FAILED_ACTIONS', 'ALL_ACTIONS']).optional() }).optional(),
  conditions: Conditions.optional(),
});
export type FailureDeclaration = z.infer<typeof FailureConditions>;

const Stage = z.strictObject({
  name: z.string(),
  blockers: z.array(z.strictObject({ name: z.string(), type: z.literal('Schedule') })).optional(),
  actions: z.array(Action),
  onFailure: FailureConditions.optional(),
  onSuccess: z.strictObject({ conditions: Conditions }).optional(),
  beforeEntry: z.strictObject({ conditions: Conditions }).optional(),
});
export type StageDeclaration = z.infer<typeof Stage>;

const Patterns = z.strictObject({
  includes: z.array(z.string()).optional(),
  excludes: z.array(z.string()).optional(),
});

const Trigger = z.strictObject({
  providerType: z.literal('CodeStarSourceConnection'),
  gitConfiguration: z.strictObject({
    sourceActionName: z.string(),
    push: z
      .array(
        z.strictObject({
          tags: Patterns.optional(),
          branches: Patterns.optional(),
          filePaths: Patterns.optional(),
        }),
      )
      .optional(),
    pullRequest: z
      .array(
        z.strictObject({
          events: z.array(z.enum(['OPEN', 'UPDATED', 'CLOSED'])).optional(),
          branches: Patterns.optional(),
          filePaths: Patterns.optional(),
        }),
      )
      .optional(),
  }),
});
export type TriggerDeclaration = z.infer<typeof Trigger>;

const ArtifactStore = z.strictObject({
  type: z.literal('S3'),
  location: z.string(),
  encryptionKey: z.strictObject({ id: z.string(), type: z.literal('KMS') }).optional(),
});

export const PipelineDeclaration = z.strictObject({
  name: z.string(),
  roleArn: z.string().optional(),
  artifactStore: ArtifactStore.optional(),
  artifactStores: z.record(z.string(), ArtifactStore).optional(),
  stages: z.array(Stage),
  version: z.int().optional(),
  executionMode: z.enum(['QUEUED', 'SUPERSEDED', 'PARALLEL']).optional(),
  pipelineType: z.enum(['V1', 'V2']).optional(),
  variables: z
    .array(
      z.strictObject({
        name: z.string(),
        defaultValue: z.string().optional(),
        description: z.string().optional(),
      }),
    )
    .optional(),
  triggers: z.array(Trigger).optional(),
});
export type PipelineDeclaration = z.infer<typeof PipelineDeclaration>;

export const Tag = z.strictObject({ key: z.string(), value: z.string() });
export type Tag = z.infer<typeof Tag>;

/** What get-pipeline answers and create-pipeline takes. */
export const PipelineEnvelope = z.strictObject({
  pipeline: PipelineDeclaration,
  tags: z.array(Tag).optional(),
  metadata: z.unknown().optional(),
});
