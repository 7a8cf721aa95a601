const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Two units at most, the second one padded so that a ticking duration keeps its width. */
export function formatDuration(ms: number): string {
  const clamped = Math.max(0, ms);
  if (clamped < MINUTE) return `${Math.floor(clamped / SECOND)} s`;
  if (clamped < HOUR) return `${whole(clamped, MINUTE)} m ${padded(clamped % MINUTE, SECOND)} s`;
  if (clamped < DAY) return `${whole(clamped, HOUR)} h ${padded(clamped % HOUR, MINUTE)} m`;
  return `${whole(clamped, DAY)} d ${padded(clamped % DAY, HOUR)} h`;
}

/** For ended things, where tenths still mean something below ten seconds. */
export function formatExactDuration(ms: number): string {
  const clamped = Math.max(0, ms);
  return clamped < 10 * SECOND ? `${(clamped / SECOND).toFixed(1)} s` : formatDuration(clamped);
}

export function formatRelative(at: number, now: number): string {
  const ms = now - at;
  return ms >= 0 ? formatPast(ms, at) : formatFuture(-ms);
}

/** In the reader's own zone, to the second. */
export function formatAbsolute(at: number): string {
  return absolute.format(at);
}

export function formatClockTime(at: number): string {
  return clockTime.format(at);
}

export function parseInstant(timestamp: string): number {
  return Date.parse(timestamp);
}

export function instantOrUndefined(timestamp: string | null): number | undefined {
  return timestamp === null ? undefined : Date.parse(timestamp);
}

const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });
const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

function formatPast(ms: number, at: number): string {
  if (ms < 5 * SECOND) return 'just now';
  if (ms < MINUTE) return `${whole(ms, SECOND)} s ago`;
  if (ms < HOUR) return `${whole(ms, MINUTE)} min ago`;
  if (ms < DAY) return `${whole(ms, HOUR)} h ago`;
  if (ms < 30 * DAY) return `${whole(ms, DAY)} d ago`;
  return day.format(at);
}

function formatFuture(ms: number): string {
  if (ms < MINUTE) return `in ${Math.max(1, Math.round(ms / SECOND))} s`;
  if (ms < HOUR) return `in ${Math.ceil(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `in ${Math.round(ms / HOUR)} h`;
  return `in ${Math.round(ms / DAY)} d`;
}

function whole(ms: number, unit: number): number {
  return Math.floor(ms / unit);
}

function padded(ms: number, unit: number): string {
  return String(whole(ms, unit)).padStart(2, '0');
}
