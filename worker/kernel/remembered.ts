import type { Clock } from './clock.ts';

/** More keys than this at once are not worth their memory. */
const KEYS_MAX = 1_000;

/** Answers again what was read less than `forMs` ago. Failures are not remembered. */
export function remembered<Key, Value>(
  clock: Clock,
  forMs: number,
  read: (key: Key) => Promise<Value>,
): (key: Key) => Promise<Value> {
  const known = new Map<Key, { readonly value: Value; readonly until: number }>();
  return async (key) => {
    const found = known.get(key);
    if (found !== undefined && found.until > clock.now()) return found.value;
    const value = await read(key);
    if (known.size >= KEYS_MAX) known.clear();
    known.set(key, { value, until: clock.now() + forMs });
    return value;
  };
}
