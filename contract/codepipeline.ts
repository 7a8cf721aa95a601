import { z } from 'zod';
import { EntityName, RoleArn } from './names.ts';

const ArtifactStore = z.strictObject({
  type: z.literal('S3'),
  location: z
    .string()
    .min(3)
    .max(63)
    .regex(/^[a-zA-Z0-9\-.]+$/, 'must be the name of an S3 bucket'),
  encryptionKey: z.strictObject({ id: z.string().min(1).max(400), type: z.literal('KMS') }).optional(),
});

/** What only AWS CodePipeline reads, kept so that an imported pipeline can be exported whole. */
export const CodePipelineMembers = z.strictObject({
  strict: z
    .boolean()
    .optional()
    .describe(
      "Keep CodePipeline's own rules, so that it would take the pipeline back. true if left out; false: only Millrace's.",
    ),
  roleArn: RoleArn.optional().describe('The service role of the pipeline.'),
  pipelineType: z.enum(['V1', 'V2']).optional(),
  version: z.int().min(1).optional().describe("CodePipeline's own count at the time of the import."),
  artifactStore: ArtifactStore.optional(),
  artifactStores: z.record(z.string().min(4).max(30), ArtifactStore).optional().describe('By Region.'),
  blockers: z
    .record(
      EntityName,
      z.array(z.strictObject({ name: z.string().min(1).max(100), type: z.literal('Schedule') })).min(1),
    )
    .optional()
    .describe('By stage. Reserved by AWS, without effect.'),
});
export type CodePipelineMembers = z.infer<typeof CodePipelineMembers>;
