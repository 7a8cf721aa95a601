import { apiPath, type ApiClient, withQuery } from '#lib/api/client.ts';
import type { Delivery, DeliveryDetails, Page, ReplayedDelivery, WhyNot } from '#lib/api/contract.ts';
import { type DeliveryFilter, withDeliveryFilter } from './filter.ts';

const LOOKED_THROUGH = 5;

export function listDeliveries(
  api: ApiClient,
  filter: DeliveryFilter,
  cursor: string | null,
): Promise<Page<Delivery>> {
  return api.get(withQuery(withDeliveryFilter(apiPath('deliveries'), filter), { cursor, limit: 50 }));
}

export function getDelivery(api: ApiClient, hook: string, id: string): Promise<DeliveryDetails> {
  return api.get(apiPath('hooks', hook, 'deliveries', id));
}

/** For whoever may read deliveries and not what they held: one of the newest of its hook. */
export async function findDelivery(api: ApiClient, hook: string, id: string): Promise<Delivery | undefined> {
  const path = withQuery(apiPath('deliveries'), { hook, limit: 100 });
  for await (const items of api.pages<Delivery>(path, LOOKED_THROUGH)) {
    const found = items.find((delivery) => delivery.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function replayDelivery(api: ApiClient, hook: string, id: string): Promise<ReplayedDelivery> {
  return api.post(apiPath('hooks', hook, 'deliveries', id, 'replay'), {});
}

export function approveDelivery(api: ApiClient, hook: string, id: string, pipeline: string): Promise<void> {
  return api.post(apiPath('hooks', hook, 'deliveries', id, 'approve'), { pipeline });
}

export function whyNot(api: ApiClient, pipeline: string, commit: string): Promise<WhyNot> {
  return api.get(withQuery(apiPath('pipelines', pipeline, 'why-not'), { commit }));
}
