import type { z } from 'zod';
import type { HookOrder, HookState } from '../git-host.ts';
import type { HostApi } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import { DELIVERY, HOOK } from './shapes.ts';

const EVENTS = ['push', 'pull_request'];
const PAGE = 100;
const REDELIVERED_MAX = 50;
const DELIVERY_PAGES_MAX = 10;

/** Brings the hook that delivers to this URL up to date, wherever it came from; else makes one. Its secret cannot be read, so it is written always. */
export async function ensureHook(api: HostApi, repository: string, hook: HookOrder): Promise<HookState> {
  const path = hooksOf(repository);
  const body = {
    active: true,
    events: EVENTS,
    config: { url: hook.url, content_type: 'json', secret: hook.secret, insecure_ssl: '0' },
  };
  const id = await knownHook(api, path, hook);
  const made =
    id === undefined
      ? await api.send({ method: 'POST', path, body: { name: 'web', ...body } }, HOOK)
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

/** GitHub never tries again by itself, and keeps deliveries for three days. */
export async function redeliverFailed(
  api: HostApi,
  repository: string,
  hookId: string,
  since: number,
): Promise<number> {
  const path = `${hooksOf(repository)}/${segments(hookId)}/deliveries`;
  const failed = new Map<string, number>();
  const arrived = new Set<string>();
  for (const { id, guid, status_code: status } of await deliveriesSince(api, path, since)) {
    // One delivery has as many entries as attempts, the newest first.
    if (status !== null && status >= 200 && status < 300) arrived.add(guid);
    else if (!failed.has(guid)) failed.set(guid, id);
  }
  const lost = [...failed].filter(([guid]) => !arrived.has(guid)).slice(0, REDELIVERED_MAX);
  // The oldest first, in the order in which they were meant to arrive.
  for (const [, id] of lost.reverse()) await api.change({ method: 'POST', path: `${path}/${id}/attempts` });
  return lost.length;
}

async function deliveriesSince(
  api: HostApi,
  path: string,
  since: number,
): Promise<readonly z.infer<typeof DELIVERY>[]> {
  const all: z.infer<typeof DELIVERY>[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < DELIVERY_PAGES_MAX; page += 1) {
    const response = await api.response(path, { per_page: PAGE, cursor });
    const items = await api.read(response, path, DELIVERY.array());
    const recent = items.filter(({ delivered_at: at }) => Date.parse(at) >= since);
    all.push(...recent);
    cursor = nextCursor(response.headers.get('link'));
    if (cursor === undefined || recent.length < items.length) break;
  }
  return all;
}

/** The cursor alone is taken out of the link, and not where it leads. */
function nextCursor(link: string | null): string | undefined {
  const [, url] = /<([^>]*)>;\s*rel="next"/.exec(link ?? '') ?? [];
  return url === undefined || !URL.canParse(url) ? undefined : (new URL(url).searchParams.get('cursor') ?? undefined);
}

async function knownHook(api: HostApi, path: string, { id, url }: HookOrder): Promise<string | undefined> {
  const known = id === undefined ? undefined : await api.find(`${path}/${segments(id)}`, HOOK);
  if (known !== undefined) return String(known.id);
  const hooks = await api.list(path, HOOK, { size: PAGE });
  const same = hooks.find(({ config }) => config.url === url);
  return same && String(same.id);
}

function hooksOf(repository: string): string {
  return `/repos/${segments(repository)}/hooks`;
}

function stateOf({ id, active, last_response: last }: z.infer<typeof HOOK>): HookState {
  const { code, message } = last ?? {};
  const lastDelivery = {
    ...(typeof code === 'number' ? { status: code } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
  const hasDelivered = Object.keys(lastDelivery).length > 0;
  return { id: String(id), isActive: active, ...(hasDelivered ? { lastDelivery } : {}) };
}
