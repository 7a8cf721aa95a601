import type { ConnectionHook, RegisteredHook } from '../../../contract/connections.ts';
import type { GitHost, HookState } from '../../hosts/git-host.ts';
import { PermanentFailure, RetryableFailure } from '../../kernel/failure.ts';
import type { ConnectionRow } from '../../storage/connections.ts';
import type { HookRow } from '../../storage/hooks.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { refOf } from '../deliveries/receive.ts';
import { DomainError } from '../domain-error.ts';
import { gitHostOf } from './access.ts';
import { findConnection } from './connections.ts';
import { hostProblem } from './failure.ts';
import { kindOf } from './kinds.ts';
import { repositoryOf } from './repositories.ts';

type Health = ConnectionHook['health'];

/** A Worker has six connections open at a time; more would wait for each other and run out of time. */
const AT_ONCE = 6;

const UNKNOWN: Health = {
  state: 'unknown',
  problem: null,
  lastDeliveryAt: null,
  lastDeliveryStatus: null,
  lastDeliveryMessage: null,
};

/** With their health, as the host has it. A host that cannot be asked says nothing of theirs. */
export async function listHooks(ctx: ServiceContext, id: string, origin: string): Promise<ConnectionHook[]> {
  const { tenant, ports } = ctx;
  const row = await findConnection(ctx, id);
  const rows = await ports.connections.hooks.ofConnection(tenant.id, id);
  if (rows.length === 0) return [];
  const host = row.disabled ? undefined : await gitHostOf(ports.connections, row);
  const views: ConnectionHook[] = [];
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const asked = rows
      .slice(at, at + AT_ONCE)
      .map(async (hook) => hookView(ctx, hook, await healthOf(host, hook), origin));
    views.push(...(await Promise.all(asked)));
  }
  return views;
}

/** One hook a repository, whoever asks how often. Without rights at the host it can be made there by hand. */
export async function registerHook(
  ctx: ServiceContext,
  id: string,
  order: { readonly repository: string; readonly byHand: boolean },
  origin: string,
): Promise<{ readonly hook: RegisteredHook; readonly isNew: boolean }> {
  const { tenant, ports, actor } = ctx;
  const { hooks, watches } = ports.connections;
  const row = await findConnection(ctx, id);
  const host = await gitHostOf(ports.connections, row);
  const repository = await repositoryOf(host, order.repository);
  await watches.learnId(tenant.id, id, repository.name, repository.id);
  const now = ports.clock.now();
  const made = await hooks.create(tenant.id, {
    kind: host.kind,
    name: `${row.name}: ${repository.name}`,
    connectionId: id,
    repository: repository.name,
    hostHookId: null,
    settings: {},
    createdAt: now,
    createdBy: actorName(actor),
    updatedAt: now,
    disabledAt: null,
  });
  ctx.note?.({ after: { hook: made.row.id, repository: repository.name, byHand: order.byHand } });
  await ports.deliveries.inbox(tenant.id, made.row.id).watch(tenant.id, refOf(made.row));
  const [secret] = await hooks.openSecrets(made.row, now);
  if (order.byHand) {
    // Shown to who makes it, once: a second time there is a new one to be had by rotating.
    const shown = made.isNew ? secret : null;
    return { hook: { ...hookView(ctx, made.row, UNKNOWN, origin), secret: shown }, isNew: made.isNew };
  }
  const state = await ensured(ctx, { host, row, hook: made.row, secret, origin }, async () => {
    if (!made.isNew) return;
    await hooks.remove(tenant.id, made.row.id);
    await ports.deliveries.inbox(tenant.id, made.row.id).forget(tenant.id);
  });
  const known = (await hooks.change(made.row, { hostHookId: state.id, updatedAt: now })) ?? made.row;
  return { hook: { ...hookView(ctx, known, healthView(state), origin), secret: null }, isNew: made.isNew };
}

/** Both secrets count for a day. The host is told the new one; who made the hook by hand is shown it, once. */
export async function rotateHook(
  ctx: ServiceContext,
  id: string,
  hookId: string,
  origin: string,
): Promise<RegisteredHook> {
  const { ports } = ctx;
  const { hooks } = ports.connections;
  const row = await findConnection(ctx, id);
  const hook = await findHook(ctx, id, hookId);
  const host = hook.hostHookId === null ? undefined : await gitHostOf(ports.connections, row);
  // Kept before the host knows it: whichever it signs with, the deliveries of today are good.
  const rotated = await hooks.rotate(hook, ports.clock.now());
  if (rotated === undefined) throw new DomainError('version_conflict', 'Somebody has changed the hook meanwhile.');
  ctx.note?.({ after: { hook: hookId, repository: hook.repository, rotated: true } });
  const [secret] = await hooks.openSecrets(rotated, ports.clock.now());
  if (host === undefined) return { ...hookView(ctx, rotated, UNKNOWN, origin), secret };
  const state = await ensured(ctx, { host, row, hook: rotated, secret, origin }, () => Promise.resolve());
  return { ...hookView(ctx, rotated, healthView(state), origin), secret: null };
}

/** At the host first, as far as it lets us; what still comes from there finds nobody from now on. */
export async function removeHook(ctx: ServiceContext, id: string, hookId: string): Promise<void> {
  const { tenant, ports } = ctx;
  const row = await findConnection(ctx, id);
  const hook = await findHook(ctx, id, hookId);
  ctx.note?.({ before: { hook: hookId, repository: hook.repository } });
  if (hook.hostHookId !== null && !row.disabled) {
    const host = await gitHostOf(ports.connections, row);
    await host.removeHook(hook.repository ?? '', hook.hostHookId).catch((error: unknown) => {
      // Credentials that no longer open anything must not keep a hook here.
      if (!(error instanceof PermanentFailure)) throw hostProblem(error, 'hook_refused', '');
    });
  }
  await ports.connections.hooks.remove(tenant.id, hookId);
  await ports.deliveries.inbox(tenant.id, hookId).forget(tenant.id);
}

async function findHook({ tenant, ports }: ServiceContext, id: string, hookId: string): Promise<HookRow> {
  const hook = await ports.connections.hooks.byId(tenant.id, hookId);
  if (hook?.connectionId !== id) throw new DomainError('hook_not_found', `There is no hook "${hookId}".`);
  return hook;
}

interface Ensure {
  readonly host: GitHost;
  readonly row: ConnectionRow;
  readonly hook: HookRow;
  readonly secret: string;
  readonly origin: string;
}

async function ensured(ctx: ServiceContext, of: Ensure, undo: () => Promise<void>): Promise<HookState> {
  const { host, row, hook, secret, origin } = of;
  const order = { url: urlOf(ctx, hook.id, origin), secret };
  const id = hook.hostHookId;
  try {
    return await host.ensureHook(hook.repository ?? '', id === null ? order : { ...order, id });
  } catch (error) {
    await undo();
    const { hooks } = kindOf(row.kind);
    const remedy = `Grant the rights to make hooks, or make it by hand: ${hooks?.where ?? ''}.`;
    throw hostProblem(error, 'hook_refused', remedy);
  }
}

async function healthOf(host: GitHost | undefined, { repository, hostHookId }: HookRow): Promise<Health> {
  if (host === undefined || hostHookId === null || repository === null) return UNKNOWN;
  try {
    const state = await host.hookState(repository, hostHookId);
    if (state !== undefined) return healthView(state);
    const problem = 'The host has this hook no more. Register it again.';
    return { ...UNKNOWN, state: 'missing', problem };
  } catch (error) {
    if (error instanceof PermanentFailure || error instanceof RetryableFailure) {
      return { ...UNKNOWN, problem: error.message };
    }
    throw error;
  }
}

function healthView({ isActive, lastDelivery = {} }: HookState): Health {
  const { at, status = null, message = null } = lastDelivery;
  return {
    state: isActive ? 'active' : 'inactive',
    problem: isActive ? null : 'The host has switched this hook off. Register it again.',
    lastDeliveryAt: at === undefined ? null : new Date(at).toISOString(),
    lastDeliveryStatus: status,
    lastDeliveryMessage: message,
  };
}

function hookView(ctx: ServiceContext, hook: HookRow, health: Health, origin: string): ConnectionHook {
  const { id, repository, hostHookId, previousUntil, createdAt, createdBy } = hook;
  const isOverlapping = previousUntil !== null && previousUntil > ctx.ports.clock.now();
  return {
    id,
    repository: repository ?? '',
    url: urlOf(ctx, id, origin),
    isByHand: hostHookId === null,
    previousSecretUntil: isOverlapping ? new Date(previousUntil).toISOString() : null,
    createdAt: new Date(createdAt).toISOString(),
    createdBy,
    health,
  };
}

function urlOf({ ports }: ServiceContext, id: string, origin: string): string {
  return `${ports.connections.publicUrl ?? origin}/api/v1/hooks/${id}`;
}
