import type { z } from 'zod';
import { signingToken } from '../../kernel/signing-key.ts';
import type { HookOrder, HookState } from '../git-host.ts';
import type { HostApi } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import { projectAt } from './place.ts';
import { HOOK } from './shapes.ts';

type Hook = z.infer<typeof HOOK>;

const EVENTS = {
  push_events: true,
  tag_push_events: true,
  merge_requests_events: true,
  enable_ssl_verification: true,
};
const PAGE = 100;

/**
 * Brings the hook that delivers to this URL up to date, wherever it came from; else makes one. GitLab 19 and later sign with what is made
 * from the secret; those before do not know how, say so by keeping silent about it, and are given the secret itself to show.
 */
export async function ensureHook(api: HostApi, repository: string, hook: HookOrder): Promise<HookState> {
  const path = hooksOf(repository);
  const { url, secret } = hook;
  const id = await usableHook(api, path, hook);
  const body = { url, ...EVENTS, signing_token: await signingToken(secret) };
  const made =
    id === undefined
      ? await api.send({ method: 'POST', path, body }, HOOK)
      : await api.send({ method: 'PUT', path: `${path}/${id}`, body }, HOOK);
  if (made.signing_token_present === true) return stateOf(made);
  const shown = { url, ...EVENTS, token: secret };
  return stateOf(await api.send({ method: 'PUT', path: `${path}/${made.id}`, body: shown }, HOOK));
}

export async function hookState(api: HostApi, repository: string, id: string): Promise<HookState | undefined> {
  const found = await api.find(`${hooksOf(repository)}/${segments(id)}`, HOOK);
  return found && stateOf(found);
}

export async function removeHook(api: HostApi, repository: string, id: string): Promise<void> {
  await api.change({ method: 'DELETE', path: `${hooksOf(repository)}/${segments(id)}` });
}

/** One that GitLab has given up on for good stays off whatever is changed about it: it makes room for a new one. */
async function usableHook(api: HostApi, path: string, order: HookOrder): Promise<number | undefined> {
  const known = await knownHook(api, path, order);
  if (known?.alert_status !== 'disabled') return known?.id;
  await api.change({ method: 'DELETE', path: `${path}/${known.id}` });
  return undefined;
}

async function knownHook(api: HostApi, path: string, { id, url }: HookOrder): Promise<Hook | undefined> {
  const known = id === undefined ? undefined : await api.find(`${path}/${segments(id)}`, HOOK);
  if (known !== undefined) return known;
  const hooks = await api.list(path, HOOK, { size: PAGE });
  return hooks.find((hook) => hook.url === url);
}

function hooksOf(repository: string): string {
  return `${projectAt(repository)}/hooks`;
}

function stateOf({ id, alert_status: status }: Hook): HookState {
  return { id: String(id), isActive: (status ?? 'executable') === 'executable' };
}
