import type { ConnectionRepository } from '../../../contract/connections.ts';
import type { GitHost, HostRepository } from '../../hosts/git-host.ts';
import type { ServiceContext } from '../context.ts';
import { gitHostOf } from './access.ts';
import { findConnection } from './connections.ts';
import { hostProblem } from './failure.ts';

/** As the host has it now. */
export async function getRepository(ctx: ServiceContext, id: string, name: string): Promise<ConnectionRepository> {
  const { tenant, ports } = ctx;
  const row = await findConnection(ctx, id);
  const repository = await repositoryOf(await gitHostOf(ports.connections, row), name);
  await ports.connections.watches.learnId(tenant.id, id, repository.name, repository.id);
  const { id: repositoryId, defaultBranch, url, isPrivate } = repository;
  return { name: repository.name, id: repositoryId, defaultBranch, url, isPrivate };
}

export async function repositoryOf(host: GitHost, name: string): Promise<HostRepository> {
  try {
    return await host.repository(name);
  } catch (error) {
    const remedy = `Check its full name, like example-org/shop, and that the credentials may see it.`;
    throw hostProblem(error, 'repository_not_found', remedy);
  }
}
