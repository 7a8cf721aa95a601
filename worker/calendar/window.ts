import { type Cron, YEAR_MAX } from './cron.ts';
import { isPlainDay, momentsOf, momentsOfOrGap, type WallTime, wallTime, type Zone } from './time-zone.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * A deployment window is open in every minute that the expression names. Seconds are left out of it: `0 * 8-17 ? * MON-FRI *` is
 * AWS's own way to say "office hours", and nobody means the first second of each minute by it.
 */
export function isOpen(cron: Cron, zone: Zone, at: number): boolean {
  const wall = wallTime(at, zone);
  const date = new Date(wall);
  return (
    isDay(cron, midnightOf(wall)) &&
    cron.hours.includes(date.getUTCHours()) &&
    cron.minutes.includes(date.getUTCMinutes())
  );
}

/** The beginning of the first named minute after `at`. Undefined: there is none before the year 2100. */
export function nextOpening(cron: Cron, zone: Zone, at: number): number | undefined {
  // From the day before: where the clocks are set back over midnight, that day comes again.
  let day = midnightOf(wallTime(at, zone)) - DAY_MS;
  for (; new Date(day).getUTCFullYear() <= YEAR_MAX; day += DAY_MS) {
    if (!isDay(cron, day)) continue;
    const first = momentsOn(day, cron, zone, momentsOf).find((moment) => moment > at);
    if (first === undefined) continue;
    // Where they are set back just after midnight, the new day begins before the old one has ended again.
    const isNextEarlier = !isPlainDay(day, zone) && isDay(cron, day + DAY_MS);
    const next = isNextEarlier ? momentsOn(day + DAY_MS, cron, zone, momentsOf).find((moment) => moment > at) : first;
    return Math.min(first, next ?? first);
  }
  return undefined;
}

/**
 * Every moment from `from` to `to` at which something that begins by this expression does so, ascending. What the clocks leave
 * out begins when they are set forward; what they show twice begins twice.
 */
export function beginnings(cron: Cron, zone: Zone, from: number, to: number): readonly number[] {
  const found: number[] = [];
  const last = midnightOf(wallTime(to, zone)) + DAY_MS;
  for (let day = midnightOf(wallTime(from, zone)) - DAY_MS; day <= last; day += DAY_MS) {
    if (!isDay(cron, day)) continue;
    found.push(...momentsOn(day, cron, zone, momentsOfOrGap).filter((moment) => moment >= from && moment <= to));
  }
  return [...new Set(found)].sort((one, other) => one - other);
}

function momentsOn(
  midnight: WallTime,
  cron: Cron,
  zone: Zone,
  moments: (wall: WallTime, zone: Zone) => readonly number[],
): readonly number[] {
  const walls = wallsOn(midnight, cron);
  if (isPlainDay(midnight, zone)) {
    const offset = zone.offsetAt(midnight);
    return walls.map((wall) => wall - offset);
  }
  return walls.flatMap((wall) => moments(wall, zone)).sort((one, other) => one - other);
}

/** The times that are named of a day, ascending, as a clock would show them. */
export function wallsOn(midnight: WallTime, { hours, minutes }: Cron): readonly WallTime[] {
  return hours.flatMap((hour) => minutes.map((minute) => midnight + (hour * 60 + minute) * MINUTE_MS));
}

export function midnightOf(wall: WallTime): WallTime {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}

export function isDay(cron: Cron, midnight: WallTime): boolean {
  const date = new Date(midnight);
  const year = date.getUTCFullYear();
  if (cron.years?.has(year) === false) return false;
  return cron.isDay({ year, month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay() });
}
