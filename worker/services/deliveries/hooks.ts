import type { CreatedHook, CreateHook, Hook } from '../../../contract/deliveries.ts';
import type { HookRow } from '../../storage/hooks.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { findConnection } from '../connections/connections.ts';
import { DomainError } from '../domain-error.ts';
import { findHook } from './one.ts';

export async function listAllHooks(ctx: ServiceContext, origin: string): Promise<Hook[]> {
  const rows = await ctx.ports.connections.hooks.list(ctx.tenant.id);
  return Promise.all(rows.map((row) => hookView(ctx, row, origin)));
}

/** For what is no Git host. Its secret is shown once. */
export async function createHook(ctx: ServiceContext, order: CreateHook, origin: string): Promise<CreatedHook> {
  const { tenant, ports, actor } = ctx;
  const { kind, name, connection, topics } = order;
  const { hooks } = ports.connections;
  if (ports.deliveries.source(kind) === undefined) {
    throw new DomainError('validation_failed', `Deliveries of the kind ${kind} are not understood here.`, {
      errors: [{ path: 'kind', message: 'is not understood by this installation' }],
    });
  }
  if (connection !== undefined) await findConnection(ctx, connection);
  const known = await hooks.list(tenant.id);
  if (known.some((row) => row.name === name)) {
    throw new DomainError('hook_exists', `There is a hook "${name}" already; triggers could not tell them apart.`);
  }
  const now = ports.clock.now();
  const { row } = await hooks.create(tenant.id, {
    kind,
    name,
    connectionId: connection ?? null,
    repository: null,
    hostHookId: null,
    settings: topics === undefined ? {} : { topics },
    createdAt: now,
    createdBy: actorName(actor),
    updatedAt: now,
    disabledAt: null,
  });
  ctx.note?.({ object: { type: 'hook', id: row.id }, after: { kind, name } });
  const [secret] = await hooks.openSecrets(row, now);
  return { ...(await hookView(ctx, row, origin)), secret: kind === 'standard' ? `whsec_${secret}` : secret };
}

/** What still comes finds nobody, and what has come is forgotten. */
export async function deleteHook(ctx: ServiceContext, id: string): Promise<void> {
  const { tenant, ports } = ctx;
  const row = await findHook(ctx, id);
  if (row.repository !== null) {
    const detail = `The hook is for a repository: DELETE /connections/${row.connectionId ?? ''}/hooks/${id}.`;
    throw new DomainError('bad_request', detail);
  }
  ctx.note?.({ before: { kind: row.kind, name: row.name } });
  await ports.connections.hooks.remove(tenant.id, id);
  await ports.deliveries.inbox(tenant.id, id).forget(tenant.id);
}

async function hookView({ tenant, ports }: ServiceContext, row: HookRow, origin: string): Promise<Hook> {
  const { id, kind, name, connectionId, repository, createdAt, createdBy } = row;
  const { backlog, lastAt, unverified } = await ports.deliveries.inbox(tenant.id, id).standing(tenant.id);
  return {
    id,
    kind,
    name,
    connection: connectionId,
    repository,
    url: `${ports.connections.publicUrl ?? origin}/api/v1/hooks/${id}`,
    createdAt: new Date(createdAt).toISOString(),
    createdBy,
    lastDeliveryAt: lastAt === 0 ? null : new Date(lastAt).toISOString(),
    backlog,
    unverified: unverified.map(({ at, ...about }) => ({ at: new Date(at).toISOString(), ...about })),
  };
}
