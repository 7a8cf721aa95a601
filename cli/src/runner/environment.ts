import type { JobFolder } from './job-folder.ts';

/** Secrets are here and nowhere else: the job's folder does not hold them. */
export type Secrets = Readonly<Record<string, string>>;

/** What the commands ask for identity tokens with, and where; it opens nothing else. */
export interface IdentityDoor {
  readonly url: string;
  readonly token: string;
}

/** Of the runner's own environment a job gets these and nothing else: no token or key of the runner's reaches it. */
const PASSED_ON = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

export function jobEnvironment(
  folder: JobFolder,
  own: NodeJS.ProcessEnv = process.env,
  secrets: Secrets = {},
  identity?: IdentityDoor,
): Record<string, string> {
  const { payload } = folder;
  const passed = PASSED_ON.flatMap((name) => {
    const value = own[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const inputs = payload.inputs.map(
    ({ name }, index) => [inputVariable(name), index === 0 ? folder.workspace : folder.input(name)] as const,
  );
  return {
    ...Object.fromEntries(passed),
    TERM: 'dumb',
    ...payload.environment,
    ...secrets,
    CI: 'true',
    MILLRACE_PIPELINE: payload.pipeline,
    MILLRACE_EXECUTION_ID: payload.execution,
    MILLRACE_EXECUTION_NUMBER: String(payload.number),
    MILLRACE_STAGE: payload.stage,
    MILLRACE_ACTION: payload.action,
    MILLRACE_ATTEMPT: String(payload.attempt),
    MILLRACE_OUTPUT: folder.outputVariables,
    ...(identity === undefined
      ? {}
      : { MILLRACE_ID_TOKEN_REQUEST_URL: identity.url, MILLRACE_ID_TOKEN_REQUEST_TOKEN: identity.token }),
    ...Object.fromEntries(inputs),
  };
}

/** A shell knows no variable with a hyphen in its name. */
function inputVariable(artifact: string): string {
  return `MILLRACE_INPUT_${artifact.replaceAll('-', '_')}`;
}
