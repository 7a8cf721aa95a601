import type { Clock } from '../../kernel/clock.ts';
import type { HookRow } from '../../storage/hooks.ts';
import type { Ports } from '../context.ts';

const KEPT_MS = 30_000;
/** Somebody may ask for hooks that there are not before they make them. */
const ABSENT_KEPT_MS = 2_000;
const KEPT_MAX = 1_000;
const RELOAD_PAUSE_MS = 1_000;
const TELL_PAUSE_MS = 1_000;

export interface KnownHook {
  readonly row: HookRow;
  readonly secrets: readonly string[];
  readonly loadedAt: number;
  /** Does it once a second at most: a flood of what nobody signed must not cost anything. */
  readonly tellOfUnverified: (tell: () => Promise<void>) => Promise<void>;
}

interface Entry {
  readonly hook: KnownHook | undefined;
  readonly loadedAt: number;
}

/** By the ports of an isolate: what was read a moment ago need not be read again. */
const remembered = new WeakMap<object, Map<string, Entry>>();

/**
 * The hook with its secrets, as it was within the last half minute. With `stale`, anew, but not more often than once a second, and only
 * if that is another one. Whether there is no such hook or none could have that id takes the same time.
 */
export async function hookOf(
  ports: Pick<Ports, 'connections' | 'clock'>,
  id: string,
  now: number,
  stale?: KnownHook,
): Promise<KnownHook | undefined> {
  const { hooks } = ports.connections;
  const entries = remembered.get(hooks) ?? new Map<string, Entry>();
  remembered.set(hooks, entries);
  const known = entries.get(id);
  if (stale === undefined) {
    const keptMs = known?.hook === undefined ? ABSENT_KEPT_MS : KEPT_MS;
    if (known !== undefined && now - known.loadedAt < keptMs) return known.hook;
  } else if (known !== undefined && now - known.loadedAt < RELOAD_PAUSE_MS) {
    return known.hook === stale ? undefined : known.hook;
  }
  const row = await hooks.hookById(id);
  const hook = row === undefined ? undefined : { row, secrets: await hooks.openSecrets(row, now), loadedAt: now };
  const entry = {
    hook: hook === undefined ? undefined : { ...hook, tellOfUnverified: teller(known?.hook, ports.clock) },
    loadedAt: now,
  };
  if (entries.size >= KEPT_MAX) entries.clear();
  entries.set(id, entry);
  return entry.hook;
}

function teller(before: KnownHook | undefined, clock: Clock): KnownHook['tellOfUnverified'] {
  if (before !== undefined) return before.tellOfUnverified;
  let toldAt = 0;
  return async (tell) => {
    const now = clock.now();
    if (now - toldAt < TELL_PAUSE_MS) return;
    toldAt = now;
    await tell();
  };
}
