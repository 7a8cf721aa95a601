import type { Problem, ProblemCode } from '../../contract/problem.ts';

/** No such thing, not allowed, or bad input. Becomes a problem at the API's edge; the state is as it was. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ProblemCode;
  readonly more: Pick<Problem, 'errors' | 'executions'>;

  constructor(code: ProblemCode, message: string, more: Pick<Problem, 'errors' | 'executions'> = {}) {
    super(message);
    this.code = code;
    this.more = more;
  }
}
