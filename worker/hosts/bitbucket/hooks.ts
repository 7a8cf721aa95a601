import type { z } from 'zod';
import type { HookOrder, HookState } from '../git-host.ts';
import { segments } from '../support/path.ts';
import type { BitbucketApi } from './api.ts';
import { pages } from './pages.ts';
import { HOOK } from './shapes.ts';

const EVENTS = [
  'repo:push',
  'pullrequest:created',
  'pullrequest:updated',
  'pullrequest:fulfilled',
  'pullrequest:rejected',
];

/** Brings the hook that delivers to this URL up to date, wherever it came from; else makes one. Its secret cannot be read, so it is written always. */
export async function ensureHook(of: BitbucketApi, repository: string, hook: HookOrder): Promise<HookState> {
  const path = hooksOf(repository);
  const { url, secret } = hook;
  const body = { description: 'Millrace', url, active: true, secret, events: EVENTS };
  const id = await knownHook(of, path, hook);
  const made =
    id === undefined
      ? await of.api.send({ method: 'POST', path, body }, HOOK)
      : await of.api.send({ method: 'PUT', path: `${path}/${segments(id)}`, body }, HOOK);
  return stateOf(made);
}

export async function hookState(
  { api }: BitbucketApi,
  repository: string,
  id: string,
): Promise<HookState | undefined> {
  const found = await api.find(`${hooksOf(repository)}/${segments(id)}`, HOOK);
  return found && stateOf(found);
}

export async function removeHook({ api }: BitbucketApi, repository: string, id: string): Promise<void> {
  await api.change({ method: 'DELETE', path: `${hooksOf(repository)}/${segments(id)}` });
}

async function knownHook(
  { api, apiUrl }: BitbucketApi,
  path: string,
  { id, url }: HookOrder,
): Promise<string | undefined> {
  const known = id === undefined ? undefined : await api.find(`${path}/${segments(id)}`, HOOK);
  if (known !== undefined) return known.uuid;
  const hooks = await pages(api, apiUrl, path, HOOK, { query: { pagelen: 100 } });
  return hooks?.values.find((hook) => hook.url === url)?.uuid;
}

function hooksOf(repository: string): string {
  return `/repositories/${segments(repository)}/hooks`;
}

function stateOf({ uuid: id, active }: z.infer<typeof HOOK>): HookState {
  return { id, isActive: active };
}
