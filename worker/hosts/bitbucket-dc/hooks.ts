import type { z } from 'zod';
import type { HookOrder, HookState } from '../git-host.ts';
import type { HostApi } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import { pages } from './pages.ts';
import { placeOf } from './place.ts';
import { DELIVERY, HOOK } from './shapes.ts';

const EVENTS = ['repo:refs_changed', 'pr:opened', 'pr:from_ref_updated', 'pr:merged', 'pr:declined'];

/** Brings the hook that delivers to this URL up to date, wherever it came from; else makes one. Its secret cannot be read, so it is written always. */
export async function ensureHook(api: HostApi, repository: string, hook: HookOrder): Promise<HookState> {
  const path = hooksOf(repository);
  const { url, secret } = hook;
  const body = { name: 'Millrace', url, active: true, events: EVENTS, configuration: { secret } };
  const id = await knownHook(api, path, hook);
  const made =
    id === undefined
      ? await api.send({ method: 'POST', path, body }, HOOK)
      : await api.send({ method: 'PUT', path: `${path}/${id}`, body }, HOOK);
  return { id: String(made.id), isActive: made.active };
}

export async function hookState(api: HostApi, repository: string, id: string): Promise<HookState | undefined> {
  const path = `${hooksOf(repository)}/${segments(id)}`;
  const found = await api.find(path, HOOK);
  if (found === undefined) return undefined;
  // Until something has been delivered there is nothing to tell of.
  const last = await api.find(`${path}/latest`, DELIVERY, {}, [204, 404]);
  return { id: String(found.id), isActive: found.active, ...(last ? lastDelivery(last) : {}) };
}

export async function removeHook(api: HostApi, repository: string, id: string): Promise<void> {
  await api.change({ method: 'DELETE', path: `${hooksOf(repository)}/${segments(id)}` });
}

/** The description is the status of the answer, or what went wrong before there was one. */
function lastDelivery({ finish, result }: z.infer<typeof DELIVERY>): Pick<HookState, 'lastDelivery'> {
  const { description, outcome } = result ?? {};
  const isStatus = /^\d{3}$/.test(description ?? '');
  const message = isStatus ? outcome : (description ?? outcome);
  return {
    lastDelivery: {
      ...(typeof finish === 'number' ? { at: finish } : {}),
      ...(isStatus ? { status: Number(description) } : {}),
      ...(typeof message === 'string' ? { message } : {}),
    },
  };
}

async function knownHook(api: HostApi, path: string, { id, url }: HookOrder): Promise<number | undefined> {
  const known = id === undefined ? undefined : await api.find(`${path}/${segments(id)}`, HOOK);
  if (known !== undefined) return known.id;
  const hooks = await pages(api, path, HOOK, { query: { limit: 100 } });
  return hooks?.values.find((hook) => hook.url === url)?.id;
}

function hooksOf(repository: string): string {
  return `${placeOf(repository)}/webhooks`;
}
