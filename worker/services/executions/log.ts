import { actionKey, jobId } from '../../engine/ids.ts';
import { type ServiceContext, watcherOf } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { getExecution } from './read.ts';

export interface LogPlace {
  readonly execution: string;
  readonly stage: string;
  readonly action: string;
  /** Undefined: the latest. */
  readonly attempt: number | undefined;
}

/** The log of one attempt from byte `after` on: as text, or live when the request asks for an upgrade. */
export async function openLog(
  ctx: ServiceContext,
  place: LogPlace,
  how: '/read' | '/watch',
  after: number,
  headers: Headers,
): Promise<Response> {
  const execution = await getExecution(ctx, place.execution);
  const action = execution.stages
    .find(({ name }) => name === place.stage)
    ?.actions.find(({ name }) => name === place.action);
  const attempt = place.attempt ?? action?.attempt;
  if (action === undefined || attempt === null || !action.attempts.some(({ number }) => number === attempt)) {
    throw new DomainError('log_not_found', `"${place.stage}/${place.action}" has no such attempt.`);
  }
  if (!action.hasLog) {
    throw new DomainError('log_not_found', `${action.type} does not run on a runner and has no log.`);
  }
  const job = jobId(execution.id as never, actionKey(place.stage, place.action), attempt ?? 1);
  return ctx.ports.log(ctx.tenant.id, job, how, { after: String(after), by: watcherOf(ctx.actor) }, headers);
}

/** A runner's socket for the log of the attempt that its job token names. */
export async function writeLog(ctx: ServiceContext, isNew: boolean, headers: Headers): Promise<Response> {
  if (ctx.actor.kind !== 'job') throw new DomainError('forbidden', 'Only a job writes its log.');
  const { job, secrets } = ctx.actor;
  // Its token is signed and known to nobody: it outlives a tenant that has been deleted.
  if (await ctx.ports.life.isGone(ctx.tenant.id)) {
    throw new DomainError('job_fenced', 'The tenant of this job has been deleted.');
  }
  const masking = secrets === undefined ? {} : { masking: JSON.stringify(secrets) };
  return ctx.ports.log(ctx.tenant.id, job, '/write', { new: String(isNew), ...masking }, headers);
}
