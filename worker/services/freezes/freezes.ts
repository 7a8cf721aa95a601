import type { Freeze, SaveFreeze } from '../../../contract/freezes.ts';
import { intervalsOf } from '../../calendar/freeze.ts';
import type { Json } from '../../audit/canonical.ts';
import type { StoredFreeze } from '../../objects/tenant/freeze-store.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { calendarEntry, isoSpan, timesView } from './entry.ts';

const YEAR_MS = 366 * 24 * 60 * 60_000;
const ID_LENGTH = 12;

export async function listFreezes({ tenant, ports }: ServiceContext): Promise<Freeze[]> {
  const all = await ports.tenants(tenant.id).freezes(tenant.id);
  const now = ports.clock.now();
  return all
    .map((stored) => freezeView(stored, now))
    .sort((one, other) => (one.next?.from ?? '9').localeCompare(other.next?.from ?? '9') || compare(one, other));
}

export async function getFreeze({ tenant, ports }: ServiceContext, id: string): Promise<Freeze> {
  const all = await ports.tenants(tenant.id).freezes(tenant.id);
  const stored = all.find(({ freeze }) => freeze.id === id);
  if (stored === undefined) throw freezeNotFound(id);
  return freezeView(stored, ports.clock.now());
}

export async function addFreeze(ctx: ServiceContext, order: SaveFreeze): Promise<Freeze> {
  const { tenant, actor, ports } = ctx;
  const now = ports.clock.now();
  const by = actorName(actor);
  const freeze = calendarEntry(ports.newId(ID_LENGTH), order);
  const { reason } = order;
  const stored = { freeze, reason, createdAt: now, createdBy: by, updatedAt: now, updatedBy: by };
  const isAdded = await ports.tenants(tenant.id).addFreeze(tenant.id, stored);
  if (!isAdded) throw new DomainError('freezes_limit', 'The calendar is full. Delete entries that are over first.');
  const view = freezeView(stored, now);
  ctx.note?.({ object: { type: 'freeze', id: view.id }, after: noted(view) });
  return view;
}

export async function changeFreeze(ctx: ServiceContext, id: string, order: SaveFreeze): Promise<Freeze> {
  const { tenant, actor, ports } = ctx;
  const before = await getFreeze(ctx, id);
  const now = ports.clock.now();
  const change = {
    freeze: calendarEntry(id, order),
    reason: order.reason,
    updatedAt: now,
    updatedBy: actorName(actor),
  };
  const stored = await ports.tenants(tenant.id).changeFreeze(tenant.id, change);
  if (stored === null) throw freezeNotFound(id);
  const view = freezeView(stored, now);
  ctx.note?.({ before: noted(before), after: noted(view) });
  return view;
}

export async function removeFreeze(ctx: ServiceContext, id: string): Promise<void> {
  const { tenant, ports } = ctx;
  const before = await getFreeze(ctx, id);
  ctx.note?.({ before: noted(before) });
  if (!(await ports.tenants(tenant.id).removeFreeze(tenant.id, id))) throw freezeNotFound(id);
}

/** What somebody has said of it, without what the clock and we make of that. */
function noted({ name, reason, calendar, scope, when }: Freeze): Json {
  return { name, reason, calendar, scope: { ...scope }, when: JSON.parse(JSON.stringify(when)) as Json };
}

function freezeView(stored: StoredFreeze, now: number): Freeze {
  const { id, name, calendar, scope, when } = stored.freeze;
  const next = intervalsOf(when, { from: now, to: now + YEAR_MS })[0];
  return {
    id,
    name,
    reason: stored.reason,
    calendar,
    scope: { pipelines: [...scope.pipelines], stages: [...scope.stages] },
    when: timesView(when),
    createdAt: new Date(stored.createdAt).toISOString(),
    createdBy: stored.createdBy,
    updatedAt: new Date(stored.updatedAt).toISOString(),
    updatedBy: stored.updatedBy,
    isActive: next !== undefined && next.from <= now,
    next: next === undefined ? null : isoSpan(next),
  };
}

function compare(one: Freeze, other: Freeze): number {
  return one.createdAt.localeCompare(other.createdAt) || one.id.localeCompare(other.id);
}

function freezeNotFound(id: string): DomainError {
  return new DomainError('freeze_not_found', `There is no freeze "${id}".`);
}
