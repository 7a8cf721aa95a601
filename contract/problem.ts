import { z } from 'zod';

/** Every code that an error answer may carry. Stable: programs match on them. */
export const ProblemCode = z.enum([
  'bad_request',
  'unauthenticated',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'payload_too_large',
  'length_required',
  'unsupported_media_type',
  'upgrade_required',
  'validation_failed',
  'definition_invalid',
  'pipeline_not_found',
  'pipeline_busy',
  'pipeline_name_mismatch',
  'version_conflict',
  'variable_unknown',
  'variable_missing',
  'revision_missing',
  'source_action_not_found',
  'execution_not_found',
  'execution_ended',
  'already_stopping',
  'action_not_found',
  'action_not_held',
  'approval_not_pending',
  'approval_token_stale',
  'approval_forbidden',
  'approval_given_already',
  'stage_not_found',
  'stage_not_retryable',
  'execution_not_ended',
  'condition_not_overridable',
  'return_refused',
  'rollback_not_possible',
  'rollback_target_invalid',
  'version_not_found',
  'concurrent_executions_limit',
  'idempotency_key_reused',
  'artifact_not_found',
  'digest_mismatch',
  'artifact_too_large',
  'upload_unavailable',
  'token_not_found',
  'job_fenced',
  'log_not_found',
  'freeze_not_found',
  'freezes_limit',
  'slug_taken',
  'busy',
  'internal',
]);
export type ProblemCode = z.infer<typeof ProblemCode>;

/** The one error body: RFC 9457, with a stable code, every place that is wrong, and the id to quote when asking for help. */
export const Problem = z
  .object({
    type: z.string().describe('A URI that names the kind of problem.'),
    title: z.string(),
    status: z.int(),
    code: ProblemCode,
    detail: z.string().describe('What happened, to what, and what to do about it.'),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .describe('Every place that is wrong, like stages[2].actions[0].inputs[0].')
      .optional(),
    executions: z.array(z.string()).describe('Ids of the executions that are in the way.').optional(),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
