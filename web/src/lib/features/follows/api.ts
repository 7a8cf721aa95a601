import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { Badge, Follow, FollowOrder } from '#lib/api/contract.ts';
import { isNotFound } from '#lib/api/failure.ts';

/** Undefined: its definition is saved by hand. */
export async function getFollow(api: ApiClient, pipeline: string): Promise<Follow | undefined> {
  try {
    return await api.get<Follow>(apiPath('pipelines', pipeline, 'follow'));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export function setFollow(api: ApiClient, pipeline: string, order: FollowOrder): Promise<Follow> {
  return api.put(apiPath('pipelines', pipeline, 'follow'), order);
}

export function removeFollow(api: ApiClient, pipeline: string): Promise<void> {
  return api.delete(apiPath('pipelines', pipeline, 'follow'));
}

export function getBadge(api: ApiClient, pipeline: string): Promise<Badge> {
  return api.get(apiPath('pipelines', pipeline, 'badge'));
}
