import type { ExecutionId, PipelineId } from '../../engine/ids.ts';
import { sha256 } from '../../kernel/crypto.ts';

const PIPELINE_LENGTH = 12;
const OWN_LENGTH = 16;
const FORMAT = /^([0-9a-z]{12})-[0-9a-z]{16}$/;

/** An execution's id begins with its pipeline's, so that the pipeline can be asked before anything else knows of it. */
export function newExecutionId(pipeline: PipelineId, newId: (length: number) => string): ExecutionId {
  return `${pipeline}-${newId(OWN_LENGTH)}` as ExecutionId;
}

/** The id of the execution that a job starts: whoever knows the job knows it, even when the answer to the start got lost. */
export async function executionIdOf(pipeline: PipelineId, job: string): Promise<ExecutionId> {
  return `${pipeline}-${(await sha256(job)).slice(0, OWN_LENGTH)}` as ExecutionId;
}

/** Undefined: not the id of an execution. */
export function parseExecutionId(text: string): { id: ExecutionId; pipeline: PipelineId } | undefined {
  const [id, pipeline] = FORMAT.exec(text) ?? [];
  return id === undefined || pipeline?.length !== PIPELINE_LENGTH
    ? undefined
    : { id: id as ExecutionId, pipeline: pipeline as PipelineId };
}
