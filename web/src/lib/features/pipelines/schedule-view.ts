import type { ScheduleView } from '#lib/api/contract.ts';

export interface ZonedTime {
  readonly zone: string;
  readonly text: string;
}

/**
 * A firing as the clocks show it: the reader's, and the schedule's where they show something else. A zone that the browser does not
 * know is left out.
 */
export function zonedTimes(timestamp: string, zone: string, own: string): readonly ZonedTime[] {
  const at = Date.parse(timestamp);
  const mine = textIn(at, own);
  const theirs = textIn(at, offsetName(zone));
  return [
    ...(mine === undefined ? [] : [{ zone: 'your time', text: mine }]),
    ...(theirs === undefined || theirs === mine ? [] : [{ zone, text: theirs }]),
  ];
}

/** What came of the last firing; undefined while there was none. */
export function lastOutcome({ last }: ScheduleView): 'started' | 'caught up' | 'not started' | undefined {
  if (last === null) return undefined;
  if (last.execution === null) return 'not started';
  return Date.parse(last.at) - Date.parse(last.dueAt) > LATE_MS ? 'caught up' : 'started';
}

/** Why there is no next firing. */
export function silence({ enabled }: ScheduleView): string {
  return enabled ? 'fires no more' : 'disabled';
}

const LATE_MS = 60_000;

/** Browsers write `UTC+02:00` as `+02:00`. */
function offsetName(zone: string): string {
  return /^UTC[+-]/i.test(zone) ? zone.slice(3) : zone;
}

function textIn(at: number, timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', { ...SHAPE, timeZone }).format(at);
  } catch {
    return undefined;
  }
}

const SHAPE: Intl.DateTimeFormatOptions = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
};
