import type { JobPayload, JobResult } from '../../../contract/runner-protocol.ts';
import { assertNever } from '../../engine/assert-never.ts';
import type { ActionReport } from '../../engine/messages.ts';
import type { ActionRun } from '../../engine/run.ts';

/** What the engine calls a run, in the words of the runner protocol. */
export function payloadOf(run: ActionRun): JobPayload {
  return {
    job: run.job,
    execution: run.execution,
    number: run.number,
    pipeline: run.pipeline.name,
    stage: run.stage,
    action: run.name,
    attempt: run.attempt,
    commands: [...run.commands],
    environment: { ...run.environment },
    secrets: { ...run.secrets?.references },
    identity: run.identity === true,
    inputs: run.inputs.map(({ name, digest, sizeBytes }) => {
      const isClone = run.clones?.some(({ artifact }) => artifact === name) === true;
      return { name, digest, sizeBytes, ...(isClone ? { clone: true } : {}) };
    }),
    outputs: run.outputs.map(({ name, files }) => ({ name, files: [...files] })),
    outputVariables: [...run.outputVariables],
    timeoutMs: run.timeoutMs,
  };
}

/** What a runner says of a job's end, in the words of the engine. */
export function reportOf(run: ActionRun, result: JobResult): ActionReport {
  const of = { action: run.action, attempt: run.attempt };
  switch (result.outcome) {
    case 'succeeded':
      return { type: 'ReportSucceeded', ...of, variables: result.variables, artifacts: result.artifacts };
    case 'failed':
      return {
        type: 'ReportFailed',
        ...of,
        failure: { code: result.code ?? 'JobFailed', message: result.message },
        ...(result.exitCode === null ? {} : { summary: `Exit code ${result.exitCode}` }),
      };
    case 'cancelled':
      return { type: 'ReportCancelled', ...of };
    case 'lost':
      return { type: 'ReportLost', ...of, reason: result.message };
    default:
      return assertNever(result.outcome);
  }
}
