import { z } from 'zod';
import { ExecutionSummary } from './executions.ts';
import { Digest } from './names.ts';
import { PipelineDefinition } from './pipeline-definition.ts';

const Timestamp = z.string().describe('ISO 8601, UTC.');

export const ExecutionMode = z.enum(['SUPERSEDED', 'QUEUED', 'PARALLEL']);

export const Pipeline = z
  .object({
    name: z.string(),
    id: z.string(),
    version: z.int(),
    mode: ExecutionMode,
    definition: PipelineDefinition,
    createdAt: Timestamp,
    updatedAt: Timestamp,
    updatedBy: z.string(),
  })
  .meta({ id: 'Pipeline' });
export type Pipeline = z.infer<typeof Pipeline>;

export const PipelineSummary = z
  .object({
    name: z.string(),
    id: z.string(),
    version: z.int(),
    mode: ExecutionMode,
    stages: z.array(z.string()),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    recent: z.array(ExecutionSummary).describe('The newest executions, newest first.'),
  })
  .meta({ id: 'PipelineSummary' });
export type PipelineSummary = z.infer<typeof PipelineSummary>;

export const PipelineVersion = z
  .object({ version: z.int(), createdAt: Timestamp, createdBy: z.string(), digest: Digest })
  .meta({ id: 'PipelineVersion' });

export const StageOccupant = z.object({
  id: z.string(),
  number: z.int(),
  since: Timestamp,
  kind: z.enum(['STANDARD', 'ROLLBACK']),
  isAtGate: z.boolean().describe('It waits for a gate of its own, not for the stage.'),
});

export const TransitionChange = z
  .strictObject({
    enabled: z.boolean(),
    reason: z.string().max(300).default('').describe('Shown to whoever waits.'),
  })
  .meta({ id: 'TransitionChange' });
export type TransitionChange = z.infer<typeof TransitionChange>;

export const RollbackStage = z
  .strictObject({
    target: z
      .string()
      .optional()
      .describe('An execution that succeeded in the stage; left out: the last one that did.'),
    reason: z.string().max(500).optional(),
  })
  .meta({ id: 'RollbackStage' });

/** CodePipeline's GetPipelineState: what is in each stage, and what waits in front of it. */
export const PipelineState = z
  .object({
    name: z.string(),
    version: z.int(),
    mode: ExecutionMode,
    stages: z
      .array(
        z.object({
          name: z.string(),
          actions: z.array(z.object({ name: z.string(), type: z.string(), runOrder: z.int() })).readonly(),
          transition: z
            .object({
              enabled: z.boolean(),
              by: z.string().nullable(),
              at: Timestamp.nullable(),
              reason: z.string().nullable(),
            })
            .describe('The way into the stage.'),
          inside: z.array(StageOccupant).readonly(),
          inbound: z
            .array(StageOccupant)
            .readonly()
            .describe('Executions that wait for the stage, the next one first.'),
          lastSucceeded: z.object({ id: z.string(), number: z.int(), at: Timestamp }).nullable(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'PipelineState' });
export type PipelineState = z.infer<typeof PipelineState>;

/** Something to say about one place of a document. */
export const PlacedMessage = z.object({ path: z.string(), message: z.string() });

const Warnings = z.array(PlacedMessage).readonly().describe('What may be saved, but does not do all that it says.');

export const Validation = z
  .object({ valid: z.boolean(), errors: z.array(PlacedMessage), warnings: Warnings })
  .meta({ id: 'Validation' });

export const SavedPipeline = Pipeline.extend({ warnings: Warnings }).meta({ id: 'SavedPipeline' });
export type SavedPipeline = z.infer<typeof SavedPipeline>;

export const Revision = z
  .object({
    id: z.string(),
    digest: Digest,
    sizeBytes: z.int(),
    summary: z.string(),
    branch: z.string().optional(),
    createdAt: Timestamp,
  })
  .meta({ id: 'Revision' });
export type Revision = z.infer<typeof Revision>;
