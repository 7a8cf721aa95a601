import type { JobClone } from '../../../contract/connections.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { hostByReference } from './by-reference.ts';
import { hostProblem } from './failure.ts';

/**
 * What the runner that holds a job clones one of its inputs with. Only what a source action of the same execution has put out can be
 * cloned, never what a job says; and what strangers have a hand in gets no credentials.
 */
export async function jobClone({ actor, tenant, ports, note }: ServiceContext, artifact: string): Promise<JobClone> {
  if (actor.kind !== 'job') throw new DomainError('forbidden', 'Only a job clones its inputs.');
  const run = await ports.pools(tenant.id, actor.pool).claimedRun(tenant.id, actor.job);
  if (run === null) throw new DomainError('job_fenced', 'No runner holds this job any more.');
  const clone = run.clones?.find((one) => one.artifact === artifact);
  if (clone === undefined) throw new DomainError('artifact_not_found', `"${artifact}" is nothing to clone.`);
  const { connection, repository, commit, branch, isRefused } = clone;
  if (isRefused) {
    const remedy = 'Let the source put out an archive: OutputArtifactFormat: CODE_ZIP.';
    throw new DomainError('forbidden', `What comes from a fork gets no credentials to clone with. ${remedy}`);
  }
  note?.({ object: { type: 'connection', id: connection }, after: { repository, commit } });
  try {
    const host = await hostByReference(ports.connections, tenant.id, connection);
    if (host === undefined) throw new DomainError('connection_not_found', `There is no connection "${connection}".`);
    const { url, user, password } = await host.clone(repository);
    return { url, user, password, commit, ...(branch === undefined ? {} : { branch }) };
  } catch (error) {
    throw hostProblem(error, 'artifact_not_found', 'Test the connection on the page Connections.');
  }
}
