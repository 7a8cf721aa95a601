import type { z } from 'zod';
import type { HookOrder, HookState } from '../git-host.ts';
import type { HostApi } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import { HOOK } from './shapes.ts';

const EVENTS = ['push', 'pull_request'];

/** Brings the hook that delivers to this URL up to date, wherever it came from; else makes one. Its secret cannot be read, so it is written always. */
export async function ensureHook(api: HostApi, repository: string, hook: HookOrder): Promise<HookState> {
  const path = hooksOf(repository);
  const config = { url: hook.url, content_type: 'json', secret: hook.secret };
  const body = { active: true, events: EVENTS, config };
  const id = await knownHook(api, path, hook);
  const made =
    id === undefined
      ? await api.send({ method: 'POST', path, body: { type: 'gitea', ...body } }, HOOK)
      : await api.send({ method: 'PATCH', path: `${path}/${id}`, body }, HOOK);
  return stateOf(made);
}

export async function hookState(api: HostApi, repository: string, id: string): Promise<HookState | undefined> {
  const found = await api.find(`${hooksOf(repository)}/${segments(id)}`, HOOK);
  return found && stateOf(found);
}

export async function removeHook(api: HostApi, repository: string, id: string): Promise<void> {
  await api.change({ method: 'DELETE', path: `${hooksOf(repository)}/${segments(id)}` });
}

async function knownHook(api: HostApi, path: string, { id, url }: HookOrder): Promise<number | undefined> {
  const known = id === undefined ? undefined : await api.find(`${path}/${segments(id)}`, HOOK);
  if (known !== undefined) return known.id;
  const hooks = await api.list(path, HOOK, { size: 50, sizeName: 'limit' });
  return hooks.find(({ config }) => config?.['url'] === url)?.id;
}

function hooksOf(repository: string): string {
  return `/repos/${segments(repository)}/hooks`;
}

function stateOf({ id, active }: z.infer<typeof HOOK>): HookState {
  return { id: String(id), isActive: active };
}
