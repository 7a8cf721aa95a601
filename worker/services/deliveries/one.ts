import type { Delivery, DeliveryDetails } from '../../../contract/deliveries.ts';
import type { HookRow } from '../../storage/hooks.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from '../pipelines/find.ts';
import { assertOpen } from '../tenants/life.ts';
import { uncompressed } from './compression.ts';
import { masked } from './masked.ts';
import { deliveryView } from './view.ts';

const SHOWN_MAX_BYTES = 1024 * 1024;

/** With what it held, in which no secret of the hook or its connection can be read. */
export async function getDelivery(ctx: ServiceContext, hookId: string, id: string): Promise<DeliveryDetails> {
  const { tenant, ports } = ctx;
  const hook = await findHook(ctx, hookId);
  const found = await ports.deliveries.inbox(tenant.id, hookId).delivery(tenant.id, id);
  if (found === null) throw notFound(id);
  const { delivery, payload } = found;
  const { headers, sizeBytes } = delivery.body;
  const bytes = typeof payload === 'string' ? await ports.deliveries.payloads.get(tenant.id, payload) : payload;
  const text =
    bytes === undefined || sizeBytes > SHOWN_MAX_BYTES
      ? null
      : new TextDecoder().decode(await uncompressed(new Uint8Array(bytes)));
  const mask = await masked(ctx, hook);
  return {
    ...(JSON.parse(mask(JSON.stringify(deliveryView(delivery)))) as Delivery),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, mask(value)])),
    sizeBytes,
    payload: text === null ? null : mask(text),
  };
}

/** The same once more, as it would be decided now. */
export async function replayDelivery(
  ctx: ServiceContext,
  hookId: string,
  id: string,
): Promise<{ readonly id: string }> {
  const { tenant, ports } = ctx;
  await Promise.all([findHook(ctx, hookId), assertOpen(ports, tenant.id)]);
  const replay = await ports.deliveries.inbox(tenant.id, hookId).replay(tenant.id, id, actorName(ctx.actor));
  if (replay === null) throw notFound(id);
  ctx.note?.({ object: { type: 'delivery', id }, after: { hook: hookId, replay } });
  return { id: replay };
}

/** Lets a pull request from a fork in. It runs as restricted as every other. */
export async function approveDelivery(ctx: ServiceContext, hookId: string, id: string, name: string): Promise<void> {
  const { tenant, ports } = ctx;
  const [{ id: pipeline }] = await Promise.all([
    findPipeline(ctx, name),
    findHook(ctx, hookId),
    assertOpen(ports, tenant.id),
  ]);
  const isLetIn = await ports.deliveries
    .inbox(tenant.id, hookId)
    .approve(tenant.id, id, pipeline, actorName(ctx.actor));
  if (!isLetIn) {
    throw new DomainError('delivery_not_waiting', `Nothing of the delivery waits to be let into "${name}".`);
  }
  ctx.note?.({ object: { type: 'delivery', id }, after: { hook: hookId, pipeline: name, approved: true } });
}

export async function findHook({ tenant, ports }: ServiceContext, id: string): Promise<HookRow> {
  const hook = await ports.connections.hooks.byId(tenant.id, id);
  if (hook === undefined) throw new DomainError('hook_not_found', `There is no hook "${id}".`);
  return hook;
}

function notFound(id: string): DomainError {
  return new DomainError('delivery_not_found', `There is no delivery "${id}".`);
}
