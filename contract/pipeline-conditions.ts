import { z } from 'zod';
import { ArtifactName, EntityName, EnvironmentName, Region, RoleArn, TypeName } from './names.ts';
import { StageRetry } from './pipeline-retry.ts';
import { Text } from './text.ts';

export const RuleDefinition = z.strictObject({
  name: EntityName,
  type: TypeName.optional().describe('Rule/Provider. `commands` alone means Rule/Commands.'),
  configuration: z.record(z.string().min(1).max(50), Text).optional(),
  commands: z.array(z.string().min(1).max(65_536)).min(1).max(50).optional(),
  environment: z.record(EnvironmentName, Text).optional(),
  inputs: z.array(ArtifactName).max(10).optional().describe('Names of artifacts that earlier actions put out.'),
  region: Region.optional(),
  roleArn: RoleArn.optional(),
  timeoutMinutes: z.number().positive().max(86_400).optional(),
  pool: EntityName.optional().describe('Runner pool for commands; "default" if left out.'),
  labels: z.array(z.string().min(1).max(100)).max(20).optional().describe('A runner must carry all of them.'),
});
export type RuleDefinition = z.infer<typeof RuleDefinition>;

const Rules = z
  .array(RuleDefinition)
  .min(1, 'a condition needs at least one rule')
  .max(20)
  .describe('The condition is met when every rule succeeds.');

export const BeforeEntry = z.strictObject({
  rules: Rules,
  otherwise: z
    .enum(['WAIT', 'FAIL', 'SKIP'])
    .describe('When a rule does not succeed: try again until it does, fail the stage, or skip it.'),
  waitMinutes: z
    .number()
    .positive()
    .max(86_400)
    .optional()
    .describe('With WAIT: the execution fails after so long. 7 days if left out.'),
});
export type BeforeEntry = z.infer<typeof BeforeEntry>;

export const OnSuccess = z.strictObject({
  rules: Rules,
  otherwise: z.enum(['FAIL', 'ROLLBACK']).describe('When a rule does not succeed.'),
});
export type OnSuccess = z.infer<typeof OnSuccess>;

const FailureResponse = z.strictObject({
  retry: StageRetry.optional().describe('Automatic retries, before anything else here.'),
  rules: Rules.optional(),
  otherwise: z.enum(['ROLLBACK', 'RETRY']).optional().describe('When a rule does not succeed.'),
  result: z.literal('ROLLBACK').optional().describe('Roll back whatever the rules say.'),
});
export type OnFailure = z.infer<typeof FailureResponse>;

/** The shorthand `onFailure: ROLLBACK` means `{ result: ROLLBACK }`. */
export const OnFailure = z.union([
  z.literal('ROLLBACK').transform((result): OnFailure => ({ result })),
  FailureResponse,
]);
