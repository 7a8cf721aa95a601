import { type Cron, parseCron, YEAR_MAX } from './cron.ts';
import { isPlainDay, momentsOf, momentsOfOrGap, type WallTime, wallTime, type Zone } from './time-zone.ts';
import { isDay, midnightOf, wallsOn } from './window.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const UNIT_MS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS };
const RATE_MAX_MS = 366 * DAY_MS;

/** When a schedule fires: at times of day that clocks show, or every so often since it was made, whatever they show. */
export type Timing =
  { readonly kind: 'cron'; readonly cron: Cron } | { readonly kind: 'rate'; readonly everyMs: number };

export type ParsedTiming =
  { readonly ok: true; readonly timing: Timing } | { readonly ok: false; readonly message: string };

/** What `parseCron` takes, and EventBridge's own spellings: `cron(…)`, which has a year but no seconds, and `rate(5 minutes)`. */
export function parseTiming(text: string): ParsedTiming {
  const rate = /^\s*rate\((.*)\)\s*$/is.exec(text);
  if (rate !== null) return parseRate(rate[1] ?? '');
  const aws = /^\s*cron\((.*)\)\s*$/is.exec(text);
  const fields = (aws?.[1] ?? text).trim().split(/\s+/);
  if (aws !== null && fields.length !== 6) {
    return wrong(`has ${fields.length} fields in cron(…); it needs minute hour day-of-month month day-of-week year`);
  }
  const parsed = parseCron(aws === null ? text : `0 ${fields.join(' ')}`);
  if (!parsed.ok) return parsed;
  const second = fields.length > 5 && aws === null ? fields[0] : '0';
  if (!/^0+$/.test(second ?? '')) {
    return wrong(`has the second "${second ?? ''}"; a schedule keeps to whole minutes, so it must be 0`);
  }
  const timing: Timing = { kind: 'cron', cron: parsed.cron };
  const always = { name: 'UTC', offsetAt: () => 0 };
  return nextFiring(timing, always, 0, 0) === undefined ? wrong('names no day that exists') : { ok: true, timing };
}

/** The first firing after `after`. `since`: when the schedule was made, from which a rate counts. Undefined: there is none any more. */
export function nextFiring(timing: Timing, zone: Zone, after: number, since: number): number | undefined {
  if (timing.kind === 'rate') {
    const { everyMs } = timing;
    return since + Math.max(1, Math.floor((after - since) / everyMs) + 1) * everyMs;
  }
  const { cron } = timing;
  const lastYear = cron.years === undefined ? YEAR_MAX : Math.max(...cron.years);
  // From the day before: where the clocks are set back over midnight, that day comes again.
  let day = midnightOf(wallTime(after, zone)) - DAY_MS;
  for (; new Date(day).getUTCFullYear() <= lastYear; day += DAY_MS) {
    const first = firstAfter(firingsOn(day, cron, zone), after);
    if (first === undefined) continue;
    // Where they are set back just after midnight, the new day begins before the old one has ended again.
    const other = isPlainDay(day, zone) ? undefined : firstAfter(firingsOn(day + DAY_MS, cron, zone), after);
    return Math.min(first, other ?? first);
  }
  return undefined;
}

/** The last firing from `from` to `at`, both included: of all that were missed, the one to catch up. */
export function lastFiring(
  timing: Timing,
  zone: Zone,
  { from, at, since }: { readonly from: number; readonly at: number; readonly since: number },
): number | undefined {
  if (timing.kind === 'rate') {
    const times = Math.floor((at - since) / timing.everyMs);
    const last = since + times * timing.everyMs;
    return times >= 1 && last >= from ? last : undefined;
  }
  const { cron } = timing;
  const end = midnightOf(wallTime(from, zone)) - DAY_MS;
  for (let day = midnightOf(wallTime(at, zone)) + DAY_MS; day >= end; day -= DAY_MS) {
    const last = lastUntil(firingsOn(day, cron, zone), at);
    if (last === undefined) continue;
    const other = isPlainDay(day, zone) ? undefined : lastUntil(firingsOn(day - DAY_MS, cron, zone), at);
    const found = Math.max(last, other ?? last);
    return found >= from ? found : undefined;
  }
  return undefined;
}

/** The next few. */
export function firings(timing: Timing, zone: Zone, after: number, since: number, count: number): readonly number[] {
  const found: number[] = [];
  for (let at: number | undefined = after; found.length < count; found.push(at)) {
    at = nextFiring(timing, zone, at, since);
    if (at === undefined) break;
  }
  return found;
}

function parseRate(text: string): ParsedTiming {
  const [, value, unit = ''] = /^\s*(\d{1,6})\s+(minute|hour|day)s?\s*$/i.exec(text) ?? [];
  const everyMs = Number(value ?? 0) * (UNIT_MS[unit.toLowerCase()] ?? 0);
  if (value === undefined) {
    return wrong(`has the rate "${text.trim()}"; it is like rate(5 minutes), in minutes, hours or days`);
  }
  if (everyMs === 0 || everyMs > RATE_MAX_MS) return wrong('has a rate that is not between 1 minute and 366 days');
  return { ok: true, timing: { kind: 'rate', everyMs } };
}

/** Ascending. */
function firingsOn(midnight: WallTime, cron: Cron, zone: Zone): readonly number[] {
  if (!isDay(cron, midnight)) return [];
  const walls = wallsOn(midnight, cron);
  if (isPlainDay(midnight, zone)) {
    const offset = zone.offsetAt(midnight);
    return walls.map((wall) => wall - offset);
  }
  return walls.flatMap((wall) => momentsOfFiring(wall, cron, zone)).sort((one, other) => one - other);
}

/**
 * A time of day that the clocks leave out fires when they are set forward over it; one that they show twice fires the first time. What
 * is named for every hour is no time of day but a rhythm: it goes by the clock as it is, so that it neither pauses nor stumbles.
 */
function momentsOfFiring(wall: WallTime, { hours }: Cron, zone: Zone): readonly number[] {
  return hours.length === 24 ? momentsOf(wall, zone) : momentsOfOrGap(wall, zone).slice(0, 1);
}

function firstAfter(ascending: readonly number[], after: number): number | undefined {
  return ascending.find((moment) => moment > after);
}

function lastUntil(ascending: readonly number[], at: number): number | undefined {
  return ascending.findLast((moment) => moment <= at);
}

function wrong(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
