import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Problem, ProblemCode } from '../../contract/problem.ts';

/** The one table from codes to HTTP. */
const problems: Readonly<Record<ProblemCode, { readonly status: ContentfulStatusCode; readonly title: string }>> = {
  bad_request: { status: 400, title: 'Bad request' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  payload_too_large: { status: 413, title: 'Too large' },
  length_required: { status: 411, title: 'Length required' },
  upgrade_required: { status: 426, title: 'Upgrade required' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  validation_failed: { status: 422, title: 'Invalid input' },
  definition_invalid: { status: 422, title: 'Invalid definition' },
  pipeline_not_found: { status: 404, title: 'No such pipeline' },
  pipeline_busy: { status: 409, title: 'Pipeline is busy' },
  pipeline_name_mismatch: { status: 422, title: 'Names differ' },
  version_conflict: { status: 409, title: 'Version conflict' },
  variable_unknown: { status: 422, title: 'Unknown variable' },
  variable_missing: { status: 422, title: 'Missing variable' },
  revision_missing: { status: 409, title: 'Missing revision' },
  source_action_not_found: { status: 404, title: 'No such source action' },
  execution_not_found: { status: 404, title: 'No such execution' },
  execution_ended: { status: 409, title: 'Execution has ended' },
  already_stopping: { status: 409, title: 'Already stopping' },
  action_not_found: { status: 404, title: 'No such action' },
  action_not_held: { status: 409, title: 'Action is not held' },
  approval_not_pending: { status: 409, title: 'No approval is pending' },
  approval_token_stale: { status: 409, title: 'Stale approval token' },
  approval_forbidden: { status: 403, title: 'Not an approver' },
  approval_given_already: { status: 409, title: 'Approved already' },
  stage_not_found: { status: 404, title: 'No such stage' },
  stage_not_retryable: { status: 409, title: 'Stage cannot be run again' },
  execution_not_ended: { status: 409, title: 'Execution has not ended' },
  condition_not_overridable: { status: 409, title: 'No condition to override' },
  return_refused: { status: 409, title: 'A newer execution is ahead' },
  rollback_not_possible: { status: 409, title: 'Rollback is not possible' },
  rollback_target_invalid: { status: 409, title: 'No execution to go back to' },
  version_not_found: { status: 404, title: 'No such version' },
  concurrent_executions_limit: { status: 429, title: 'Too many executions' },
  idempotency_key_reused: { status: 409, title: 'Idempotency-Key reused' },
  artifact_not_found: { status: 404, title: 'No such artifact' },
  digest_mismatch: { status: 422, title: 'Digest mismatch' },
  artifact_too_large: { status: 413, title: 'Artifact too large' },
  upload_unavailable: { status: 409, title: 'Large uploads are not set up' },
  token_not_found: { status: 404, title: 'No such token' },
  token_not_rotatable: { status: 409, title: 'Token cannot be rotated' },
  job_fenced: { status: 409, title: 'Job is fenced' },
  id_token_refused: { status: 403, title: 'No identity for this run' },
  log_not_found: { status: 404, title: 'No such log' },
  freeze_not_found: { status: 404, title: 'No such freeze' },
  freezes_limit: { status: 409, title: 'Freeze calendar is full' },
  secret_not_found: { status: 404, title: 'No such secret' },
  secret_unavailable: { status: 409, title: 'Secret cannot be used' },
  follow_not_found: { status: 404, title: 'Nothing is followed' },
  follow_refused: { status: 422, title: 'Cannot be followed' },
  connection_not_found: { status: 404, title: 'No such connection' },
  connection_name_taken: { status: 409, title: 'Name of a connection is taken' },
  connection_in_use: { status: 409, title: 'Connection is used' },
  connection_disabled: { status: 409, title: 'Connection is disabled' },
  connection_refused: { status: 422, title: 'Connection does not work' },
  connections_limit: { status: 409, title: 'Too many connections' },
  host_unavailable: { status: 503, title: 'Host cannot be asked' },
  repository_not_found: { status: 404, title: 'No such repository' },
  hook_not_found: { status: 404, title: 'No such hook' },
  hook_refused: { status: 422, title: 'Host makes no hook' },
  slug_taken: { status: 409, title: 'Slug is taken' },
  tenant_required: { status: 403, title: 'No tenant' },
  tenant_closing: { status: 409, title: 'Tenant is being deleted' },
  tenant_not_found: { status: 404, title: 'No such tenant' },
  member_not_found: { status: 404, title: 'No such member' },
  member_exists: { status: 409, title: 'A member already' },
  last_owner: { status: 409, title: 'The last owner' },
  role_too_high: { status: 403, title: 'Above your own role' },
  grant_not_found: { status: 404, title: 'No such grant' },
  invitation_not_found: { status: 404, title: 'No such invitation' },
  invitation_expired: { status: 410, title: 'Invitation has expired' },
  invitation_not_yours: { status: 403, title: 'Somebody else’s invitation' },
  invitations_limit: { status: 409, title: 'Too many invitations' },
  sign_on_required: { status: 403, title: 'Sign-on is required' },
  sign_on_confined: { status: 403, title: 'Not with this sign-on' },
  sign_on_not_found: { status: 404, title: 'No sign-on' },
  sign_on_provider_failed: { status: 409, title: 'Identity provider cannot be used' },
  domain_not_found: { status: 404, title: 'No such domain' },
  domain_not_proven: { status: 409, title: 'Domain is not proven' },
  domain_taken: { status: 409, title: 'Another tenant’s domain' },
  quota_exceeded: { status: 409, title: 'Quota is used up' },
  execution_quota_exceeded: { status: 429, title: 'Quota of executions is used up' },
  rate_limited: { status: 429, title: 'Too many requests' },
  busy: { status: 503, title: 'Busy' },
  internal: { status: 500, title: 'Something went wrong here' },
};

export type ProblemDetails = Pick<Problem, 'errors' | 'executions' | 'quota' | 'retryAfterSeconds'>;

export function problemStatus(code: ProblemCode): ContentfulStatusCode {
  return problems[code].status;
}

export function problemResponse(c: Context, code: ProblemCode, detail: string, more: ProblemDetails = {}): Response {
  const { status, title } = problems[code];
  const requestId = c.get('requestId') as string;
  const body: Problem = { type: `urn:millrace:problem:${code}`, title, status, code, detail, ...more, requestId };
  const { retryAfterSeconds } = more;
  return c.body(JSON.stringify(body), status, {
    'content-type': 'application/problem+json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  });
}
