export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_MAX_MS = 15_000;

/**
 * How long to wait before reconnect number `failures` (1 for the first). Doubles up to the maximum; `random` in [0, 1) takes
 * away up to half, so that a server that comes back is not met by everyone at once.
 */
export function reconnectDelayMs(failures: number, random: number): number {
  const full = Math.min(BACKOFF_FIRST_MS * 2 ** Math.max(0, failures - 1), BACKOFF_MAX_MS);
  return Math.round(full * (1 - random / 2));
}
