import { z } from 'zod';
import { ActionStatus, ExecutionStatus, StageStatus } from './executions.ts';
import { DefinitionChange } from './pipeline-diff.ts';

const Timestamp = z.string().describe('ISO 8601, UTC.');
const Duration = z.int().nullable().describe('In milliseconds. null: not known yet.');

/** The same thing in the first and the second execution; null where one has none. */
function pairOf<T extends z.ZodType>(value: T) {
  return { a: value.nullable(), b: value.nullable(), isSame: z.boolean() };
}

const Text = z.object(pairOf(z.string()));
const NamedText = z.object({ name: z.string(), ...pairOf(z.string()) });
const Milliseconds = z.object({ a: Duration, b: Duration, differenceMs: Duration.describe('b minus a.') });

export const ComparedAction = z
  .object({
    name: z.string(),
    isSame: z.boolean().describe('In all but its duration.'),
    status: z.object(pairOf(ActionStatus)),
    duration: Milliseconds,
    attempts: z.object({ a: z.int(), b: z.int() }).describe('How many it took in all.'),
    error: Text,
    outputs: z.array(NamedText).readonly().describe('Output variables that differ.'),
  })
  .meta({ id: 'ComparedAction' });

export const ComparedStage = z
  .object({
    name: z.string(),
    isSame: z.boolean().describe('In all but its duration.'),
    status: z.object(pairOf(StageStatus)),
    duration: Milliseconds,
    actions: z.array(ComparedAction).readonly(),
  })
  .meta({ id: 'ComparedStage' });

const ComparedExecution = z.object({
  id: z.string(),
  number: z.int(),
  pipeline: z.string(),
  version: z.int(),
  status: ExecutionStatus,
  startedAt: Timestamp,
  endedAt: Timestamp.nullable(),
});

export const Comparison = z
  .object({
    a: ComparedExecution,
    b: ComparedExecution,
    duration: Milliseconds,
    variables: z.array(NamedText).readonly().describe('Variables that differ.'),
    revisions: z
      .array(
        z.object({
          action: z.string(),
          ...pairOf(z.object({ id: z.string(), digest: z.string(), summary: z.string() })),
        }),
      )
      .readonly()
      .describe('Of every source action.'),
    stages: z.array(ComparedStage).readonly().describe('Those of b, then those that only a has.'),
    artifacts: z.array(NamedText).readonly().describe('Digests of every artifact.'),
    definition: z
      .array(DefinitionChange)
      .readonly()
      .describe("From a's version to b's. Empty: the same. null: a version is gone.")
      .nullable(),
  })
  .meta({ id: 'Comparison' });
export type Comparison = z.infer<typeof Comparison>;
