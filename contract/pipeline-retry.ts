import { z } from 'zod';

/** Why an action failed: AWS's failure types for jobs, and the ones that AWS leaves without a name. */
export const FailureCode = z.enum([
  'JobFailed',
  'ConfigurationError',
  'PermissionError',
  'RevisionUnavailable',
  'SystemUnavailable',
  'TimedOut',
  'Rejected',
  'ApprovalExpired',
  'RevisionOutOfSync',
  'ConditionUnmet',
  'RunnerLost',
]);

const On = z
  .array(FailureCode)
  .min(1)
  .optional()
  .describe('Only failures of these kinds are tried again. Left out: whatever the failure.');

export const RetryPolicy = z.strictObject({
  attempts: z.int().min(1).max(10).describe('All attempts together, the first one included.'),
  backoffSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(5)
    .describe('Wait before the second attempt; doubles with every further one, up to an hour.'),
  on: On,
});

export const StageRetryMode = z
  .enum(['FAILED_ACTIONS', 'ALL_ACTIONS'])
  .describe('FAILED_ACTIONS repeats what failed, ALL_ACTIONS the whole stage.');

export const StageRetry = z.union([
  StageRetryMode,
  z.strictObject({
    mode: StageRetryMode,
    attempts: z
      .int()
      .min(2)
      .max(10)
      .default(2)
      .describe('Attempts of the stage together, the first one included; CodePipeline knows 2.'),
    backoffSeconds: z
      .number()
      .min(0)
      .max(3600)
      .default(0)
      .describe('Wait before the second attempt; doubles with every further one, up to an hour.'),
    on: On,
  }),
]);
export type StageRetry = z.infer<typeof StageRetry>;
