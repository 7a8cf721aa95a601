import type { z } from 'zod';
import type { HookOrder, HookState } from '../git-host.ts';
import type { HostApi } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import type { Place } from './place.ts';
import { list, REPOSITORY, SUBSCRIPTION } from './shapes.ts';

type Subscription = z.infer<typeof SUBSCRIPTION>;

const SUBSCRIPTIONS = '/_apis/hooks/subscriptions';
/** Each is a subscription of its own. Of updates only those are asked for that change what is to be merged, or whether. */
const WANTED: readonly (readonly [eventType: string, inputs: Readonly<Record<string, string>>])[] = [
  ['git.push', {}],
  ['git.pullrequest.created', {}],
  ['git.pullrequest.updated', { notificationType: 'PushNotification' }],
  ['git.pullrequest.updated', { notificationType: 'StatusUpdateNotification' }],
];
const ACTIVE = ['enabled', 'onProbation'];

/** What is one hook elsewhere is four subscriptions here; its id is theirs, with commas between. */
export async function ensureHook(api: HostApi, place: Place, hook: HookOrder): Promise<HookState> {
  const { id: repository, project } = await api.get(place.repository, REPOSITORY);
  const there = await subscriptions(api, hook.url, repository);
  const made: Subscription[] = [];
  for (const [eventType, inputs] of WANTED) {
    const same = there.find((one) => isFor(one, eventType, inputs));
    const body = {
      ...(same === undefined ? {} : { id: same.id }),
      publisherId: 'tfs',
      eventType,
      resourceVersion: '1.0',
      consumerId: 'webHooks',
      consumerActionId: 'httpRequest',
      publisherInputs: { projectId: project.id, repository, ...inputs },
      consumerInputs: { url: hook.url, basicAuthUsername: 'millrace', basicAuthPassword: hook.secret },
    };
    const change =
      same === undefined
        ? ({ method: 'POST', path: SUBSCRIPTIONS, body } as const)
        : ({ method: 'PUT', path: `${SUBSCRIPTIONS}/${segments(same.id)}`, body } as const);
    made.push(await api.send(change, SUBSCRIPTION));
  }
  return stateOf(made);
}

/** Undefined: one of them is gone, and so the hook is not whole. */
export async function hookState(api: HostApi, id: string): Promise<HookState | undefined> {
  const found: Subscription[] = [];
  for (const one of id.split(',')) {
    const subscription = await api.find(`${SUBSCRIPTIONS}/${segments(one)}`, SUBSCRIPTION);
    if (subscription === undefined) return undefined;
    found.push(subscription);
  }
  return stateOf(found);
}

export async function removeHook(api: HostApi, id: string): Promise<void> {
  for (const one of id.split(',')) await api.change({ method: 'DELETE', path: `${SUBSCRIPTIONS}/${segments(one)}` });
}

async function subscriptions(api: HostApi, url: string, repository: string): Promise<readonly Subscription[]> {
  const query = { publisherId: 'tfs', consumerId: 'webHooks', consumerActionId: 'httpRequest' };
  const { value } = await api.get(SUBSCRIPTIONS, list(SUBSCRIPTION), query);
  return value.filter(
    ({ publisherInputs, consumerInputs }) =>
      consumerInputs['url'] === url && publisherInputs['repository'] === repository,
  );
}

function isFor(subscription: Subscription, eventType: string, inputs: Readonly<Record<string, string>>): boolean {
  const { publisherInputs } = subscription;
  const notification = publisherInputs['notificationType'] ?? undefined;
  return subscription.eventType === eventType && notification === inputs['notificationType'];
}

function stateOf(all: readonly Subscription[]): HookState {
  return { id: all.map(({ id }) => id).join(','), isActive: all.every(({ status }) => ACTIVE.includes(status)) };
}
