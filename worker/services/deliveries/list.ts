import type { Delivery, DeliveryQuery } from '../../../contract/deliveries.ts';
import type { Before, DeliveryFilter, ListedDelivery } from '../../objects/inbox/inbox-orders.ts';
import type { ServiceContext } from '../context.ts';
import { decodeCursor, type Page, pageOf } from '../cursor.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from '../pipelines/find.ts';
import { deliveryView } from './view.ts';

interface Place {
  readonly at: number;
  readonly hook: string;
  readonly seq: number;
}

/** Newest first, of all hooks or of one. */
export async function listDeliveries(
  ctx: ServiceContext,
  query: DeliveryQuery,
  page: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<Delivery>> {
  const { hook, pipeline, repository, commit, verdict, from, to } = query;
  const of = pipeline === undefined ? undefined : (await findPipeline(ctx, pipeline)).id;
  const filter: DeliveryFilter = {
    ...(of === undefined ? {} : { pipeline: of }),
    ...(repository === undefined ? {} : { repository }),
    ...(commit === undefined ? {} : { commit }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
  };
  const after = page.cursor === undefined ? undefined : placeIn(page.cursor);
  const found = await foundIn(ctx, hook, filter, after, page.limit + 1);
  const { items, nextCursor } = pageOf(found, page.limit, ({ at, seq, body }) => `${at}|${seq}|${body.hook.id}`);
  return { items: items.map(deliveryView), nextCursor };
}

export async function foundIn(
  { tenant, ports }: ServiceContext,
  only: string | undefined,
  filter: DeliveryFilter,
  after: Place | undefined,
  limit: number,
): Promise<readonly ListedDelivery[]> {
  const hooks = (await ports.connections.hooks.list(tenant.id)).filter(({ id }) => only === undefined || id === only);
  const pages = await Promise.all(
    hooks.map(({ id }) =>
      ports.deliveries.inbox(tenant.id, id).list(tenant.id, filter, after && beforeIn(id, after), limit),
    ),
  );
  return pages.flat().sort(byPlace).slice(0, limit);
}

/** Of those at the same moment, the hooks go by their ids. */
function beforeIn(hook: string, { at, hook: last, seq }: Place): Before {
  if (hook === last) return { at, seq };
  return { at, seq: hook > last ? Number.MAX_SAFE_INTEGER : 0 };
}

function byPlace(one: ListedDelivery, other: ListedDelivery): number {
  if (one.at !== other.at) return other.at - one.at;
  const [mine, its] = [one.body.hook.id, other.body.hook.id];
  return mine === its ? other.seq - one.seq : mine < its ? -1 : 1;
}

function placeIn(cursor: string): Place {
  const [at = '', seq = '', hook = ''] = String(decodeCursor(cursor)).split('|');
  if (/^\d+$/.test(at) && /^\d+$/.test(seq)) return { at: Number(at), seq: Number(seq), hook };
  throw new DomainError('bad_request', 'The cursor is not one that this list gave out.');
}
