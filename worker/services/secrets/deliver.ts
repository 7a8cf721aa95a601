import type { JobSecrets } from '../../../contract/secrets.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { mayMint } from '../id-tokens/may-mint.ts';
import { standingOf } from '../id-tokens/standing.ts';
import { resolveSecrets } from './resolve.ts';

/** The values for the attempt that the job's token names, for as long as a runner holds it. */
export async function jobSecrets({ actor, tenant, ports, note }: ServiceContext): Promise<JobSecrets> {
  if (actor.kind !== 'job') throw new DomainError('forbidden', 'Only a job reads its secrets.');
  const run = await ports.pools(tenant.id, actor.pool).claimedRun(tenant.id, actor.job);
  if (run === null) throw new DomainError('job_fenced', 'No runner holds this job any more.');
  const standing = run.identity === true ? await standingOf(ports, run) : null;
  // Without it the runner says so in the log; what is asked for regardless is refused with the reason.
  const hasIdentity = standing !== null && mayMint(standing);
  const identity = hasIdentity
    ? { identity: { token: await ports.identityCredential(tenant.id, actor.pool, actor.job) } }
    : {};
  if (run.secrets === undefined) return { environment: {}, ...identity };
  const { pipeline, stage, secrets } = run;
  const use = { tenant: tenant.id, pipelineId: pipeline.id, stage, ...secrets };
  note?.({ object: { type: 'secret', id: Object.values(secrets.references).join(', ') } });
  const resolved = await resolveSecrets(ports.secrets, use, ports.clock.now());
  if (!resolved.ok) throw new DomainError('secret_unavailable', resolved.message);
  note?.({ after: resolved.used });
  return { environment: { ...resolved.environment }, ...identity };
}
