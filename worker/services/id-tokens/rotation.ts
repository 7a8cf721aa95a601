/** When signing keys come and go: pure, so that a test can move its clock by hand. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const TOKEN_MS = 10 * MINUTE_MS;
/** How long others may keep what we publish. */
export const PUBLISHED_CACHE_MS = HOUR_MS;
/** Whoever fetches the keys at least once a day knows a key before anything is signed with it. */
export const PUBLISHED_BEFORE_MS = DAY_MS;
export const USED_MS = 30 * DAY_MS;
export const KEPT_AFTER_MS = 2 * TOKEN_MS + PUBLISHED_CACHE_MS;

export interface SigningKeyTimes {
  readonly kid: string;
  readonly state: 'next' | 'active' | 'retired';
  readonly createdAt: number;
  readonly activeAt: number | null;
  readonly retiredAt: number | null;
}

export type RotationStep =
  | { readonly do: 'create'; readonly state: 'next' | 'active' }
  | { readonly do: 'activate'; readonly kid: string; readonly instead: string | undefined }
  | { readonly do: 'remove'; readonly kid: string };

/** What to do now; done twice, it changes nothing more. */
export function rotationSteps(keys: readonly SigningKeyTimes[], now: number): readonly RotationStep[] {
  const active = keys.find(({ state }) => state === 'active');
  const next = keys.find(({ state }) => state === 'next');
  const steps: RotationStep[] = keys
    .filter(({ state, retiredAt }) => state === 'retired' && (retiredAt ?? now) + KEPT_AFTER_MS <= now)
    .map(({ kid }) => ({ do: 'remove', kid }));
  // The very first one is needed at once, and nobody can have fetched the keys before there were any.
  if (active === undefined && next === undefined) steps.push({ do: 'create', state: 'active' });
  const isPublished = next !== undefined && next.createdAt + PUBLISHED_BEFORE_MS <= now;
  const isOver = active === undefined || (active.activeAt ?? active.createdAt) + USED_MS <= now;
  if (isPublished && isOver) steps.push({ do: 'activate', kid: next.kid, instead: active?.kid });
  if (next === undefined || (isPublished && isOver)) steps.push({ do: 'create', state: 'next' });
  return steps;
}
