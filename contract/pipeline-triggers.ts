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
    .array(z.enum(['OPEN', 'UPDATED', 'CLOSED']))
    .min(1)
    .max(3)
    .optional()
    .describe('Left out: all of them.'),
  branches: GitPatterns.optional().describe('The branch that the pull request wants to go into.'),
  filePaths: GitPatterns.optional().describe('One changed file that fits is enough.'),
});
export type PullRequestFilter = z.infer<typeof PullRequestFilter>;

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

/** Either of a source action, or a schedule. */
export const TriggerDefinition = z.strictObject({
  source: EntityName.optional().describe('Name of the source action whose repository is watched.'),
  push: z.array(PushFilter).min(1).max(20).optional().describe('Any of them must fit.'),
  pullRequest: z.array(PullRequestFilter).min(1).max(20).optional().describe('Any of them must fit.'),
  schedule: Schedule.optional(),
});
export type TriggerDefinition = z.infer<typeof TriggerDefinition>;
