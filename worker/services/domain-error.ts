import type { Problem, ProblemCode } from '../../contract/problem.ts';

type Details = Pick<Problem, 'errors' | 'executions' | 'quota' | 'retryAfterSeconds'>;

/** No such thing, not allowed, or bad input. Becomes a problem at the API's edge; the state is as it was. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ProblemCode;
  readonly more: Details;

  constructor(code: ProblemCode, message: string, more: Details = {}) {
    super(message);
    this.code = code;
    this.more = more;
  }
}
