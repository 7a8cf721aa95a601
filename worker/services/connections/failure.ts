import { PermanentFailure, RetryableFailure } from '../../kernel/failure.ts';
import { DomainError } from '../domain-error.ts';
import type { ProblemCode } from '../../../contract/problem.ts';

/** What a host's failure is to whoever asked for something at it. Anything else is a fault of ours. */
export function hostProblem(error: unknown, absent: ProblemCode, remedy: string): unknown {
  if (error instanceof RetryableFailure) {
    return new DomainError('host_unavailable', `${sentence(error.message)} Try again in a moment.`);
  }
  if (!(error instanceof PermanentFailure)) return error;
  const isDenied = error.code === 'PermissionError';
  const detail = `${sentence(error.message)} ${remedy}`.trim();
  if (absent === 'hook_refused' || !isDenied) return new DomainError(absent, detail);
  return new DomainError('connection_refused', detail, { errors: [{ path: 'credentials', message: error.message }] });
}

/** A host's own words do not always end as one. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
