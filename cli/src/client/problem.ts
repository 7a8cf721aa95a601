import { Problem } from '../../../contract/problem.ts';

/** An answer that is an error, with its stable code and, in the message, all that the server said about it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];

  constructor(status: number, code: string, message: string, errors: ApiError['errors'] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }

  static async from(response: Response): Promise<ApiError> {
    const text = await response.text();
    const problem = Problem.safeParse(parsed(text));
    if (!problem.success) return new ApiError(response.status, 'unknown', `${response.status} ${text.slice(0, 200)}`);
    const { status, code, detail, errors } = problem.data;
    return new ApiError(status, code, detail, errors ?? []);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
