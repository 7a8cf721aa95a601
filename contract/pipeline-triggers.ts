import { z } from 'zod';
import { EntityName, VariableName } from './names.ts';
import { Text } from './text.ts';

const Patterns = z.array(z.string().min(1).max(255)).min(1).max(50);

/** At least one include matches (none given: everything does) and no exclude. Globs: `*`, `**`, `?`, `[a-z]`, `{a,b}`. */
export const GitPatterns = z.strictObject({ includes: Patterns.optional(), excludes: Patterns.optional() });
export type GitPatterns = z.infer<typeof GitPatterns>;

export const PushFilter = z.strictObject({
  branches: GitPatterns.optional(),
  tags: GitPatterns.optional(),
  filePaths: GitPatterns.optional().describe('One changed file that fits is enough.'),
});
export type PushFilter = z.infer<typeof PushFilter>;

export const PullRequestFilter = z.strictObject({
  events: z
    .array(z.enum(['OPEN', 'UPDATED', 'CLOSED', 'MERGED']))
    .min(1)
    .max(4)
    .optional()
    .describe(
      'CLOSED is closed without being merged; in a pipeline from CodePipeline it is both. Left out: all of them.',
    ),
  branches: GitPatterns.optional().describe('The branch that the pull request wants to go into.'),
  filePaths: GitPatterns.optional().describe('One changed file that fits is enough.'),
  drafts: z.boolean().optional().describe('Of drafts, too? true if left out.'),
});
export type PullRequestFilter = z.infer<typeof PullRequestFilter>;

export const ForkPolicy = z.enum(['RESTRICTED', 'APPROVAL', 'REFUSE']);
export type ForkPolicy = z.infer<typeof ForkPolicy>;

export const Schedule = z.strictObject({
  name: EntityName,
  cron: z
    .string()
    .min(1)
    .max(255)
    .describe('minute hour day-of-month month day-of-week, like "0 2 * * MON-FRI"; also rate(5 minutes).'),
  timezone: z.string().min(1).max(64).default('UTC').describe('Like Europe/Berlin.'),
  enabled: z.boolean().optional().describe('false: it is kept, and starts nothing. true if left out.'),
  variables: z
    .record(VariableName, Text)
    .optional()
    .describe('What its executions start with; the defaults for what is left out.'),
});
export type Schedule = z.infer<typeof Schedule>;

const JsonPath = z.string().min(1).max(255);

export const WebhookFilter = z.strictObject({
  hook: EntityName.describe('Name of the hook that it is signed for.'),
  types: z.array(z.string().min(1).max(200)).min(1).max(20).optional().describe('What the sender calls it, exactly.'),
  where: z
    .array(z.strictObject({ path: JsonPath, equals: z.string().max(1_000) }))
    .min(1)
    .max(20)
    .optional()
    .describe('All of them must hold. Paths like $.release.tag into the body.'),
  variables: z
    .record(VariableName, JsonPath)
    .optional()
    .describe('Variables of the pipeline, and where in the body their values are.'),
});
export type WebhookFilter = z.infer<typeof WebhookFilter>;

export const PipelineFilter = z.strictObject({
  name: EntityName.describe('Of another pipeline.'),
  status: z
    .array(z.enum(['Succeeded', 'Failed', 'Stopped', 'Cancelled', 'Superseded']))
    .min(1)
    .max(5)
    .optional()
    .describe('How its execution has ended. Succeeded alone if left out.'),
  variables: z
    .record(VariableName, z.enum(['execution', 'number', 'status', 'revision', 'branch']))
    .optional()
    .describe('Variables of this pipeline, and what of the other execution they are set to.'),
});
export type PipelineFilter = z.infer<typeof PipelineFilter>;

/** One of: a source action, a schedule, a webhook, another pipeline. */
export const TriggerDefinition = z.strictObject({
  source: EntityName.optional().describe('Name of the source action whose repository is watched.'),
  push: z.array(PushFilter).min(1).max(20).optional().describe('Any of them must fit.'),
  pullRequest: z.array(PullRequestFilter).min(1).max(20).optional().describe('Any of them must fit.'),
  schedule: Schedule.optional(),
  webhook: WebhookFilter.optional(),
  pipeline: PipelineFilter.optional().describe('Each end of an execution of another pipeline.'),
});
export type TriggerDefinition = z.infer<typeof TriggerDefinition>;
