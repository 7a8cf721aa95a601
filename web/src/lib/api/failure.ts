import type { Problem, ProblemCode } from './contract.ts';

/** The server answered, and the answer is a problem. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: ProblemCode | 'unreadable';
  readonly title: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly requestId: string | undefined;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? `The server answered ${status} without saying why.`);
    this.status = status;
    this.code = problem.code ?? 'unreadable';
    this.title = problem.title ?? 'The server could not do that';
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId;
  }
}

/** There was no answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor(cause: unknown) {
    super('The server could not be reached. Check the connection and try again.', { cause });
  }
}

/** What a person is told about something that went wrong. */
export interface Explanation {
  readonly title: string;
  readonly detail: string;
  readonly places: readonly { readonly path: string; readonly message: string }[];
  readonly requestId: string | undefined;
}

export function explain(error: unknown): Explanation {
  if (error instanceof ApiProblem) {
    return { title: error.title, detail: error.message, places: error.errors, requestId: error.requestId };
  }
  if (error instanceof NoAnswer) {
    return { title: 'No answer', detail: error.message, places: [], requestId: undefined };
  }
  return {
    title: 'Something went wrong in this page',
    detail: error instanceof Error ? error.message : String(error),
    places: [],
    requestId: undefined,
  };
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 404;
}

/** Signed in, and a member of no tenant, or not any more of the one that the session is for. */
export function isTenantless(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'tenant_required';
}

/** Signed in, but not in the way that the tenant asks for. */
export function needsSignOn(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'sign_on_required';
}

export function isUnauthenticated(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401;
}
