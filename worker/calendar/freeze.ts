import { parseCron } from './cron.ts';
import { matchesGlob } from './glob.ts';
import { clipped, type Interval, merged } from './intervals.ts';
import { momentsOfOrGap, type WallTime, wallTime, zone, type Zone } from './time-zone.ts';
import { beginnings, midnightOf } from './window.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The end of a freeze that recurs is looked for this far ahead; one that goes on for longer ends there, and is asked again. */
const END_HORIZON_MS = 40 * DAY_MS;
export const DURATION_MINUTES_MAX = 31 * 24 * 60;
/** Beginnings in a day: what bounds the work that a tenant's calendar makes. */
export const BEGINNINGS_MAX = 24;

/** One entry of a tenant's freeze calendar: while it lasts, the stages that have a Freeze rule and lie in its scope are held. */
export interface Freeze {
  readonly id: string;
  readonly name: string;
  readonly calendar: string;
  readonly scope: FreezeScope;
  readonly when: FreezeTimes;
}

export interface FreezeScope {
  /** Names or globs; empty: every pipeline. */
  readonly pipelines: readonly string[];
  /** Likewise. */
  readonly stages: readonly string[];
}

export type FreezeTimes =
  | { readonly kind: 'once'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'cron';
      /** When it begins, each time. */
      readonly cron: string;
      readonly durationMinutes: number;
      readonly timezone: string;
    }
  | {
      readonly kind: 'weekly';
      /** `FRI 16:00` to `MON 08:00`, by the clocks on the wall. */
      readonly windows: readonly { readonly from: string; readonly to: string }[];
      readonly timezone: string;
    };

export interface FreezePlace {
  readonly pipeline: string;
  readonly stage: string;
  /** Undefined: entries of every calendar count. */
  readonly calendar: string | undefined;
}

export interface TimesProblem {
  /** The member of `FreezeTimes` that is wrong. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export function applies({ calendar, scope }: Freeze, place: FreezePlace): boolean {
  const isOneOf = (globs: readonly string[], name: string): boolean =>
    globs.length === 0 || globs.some((glob) => matchesGlob(name, glob));
  return (
    (place.calendar === undefined || place.calendar === calendar) &&
    isOneOf(scope.pipelines, place.pipeline) &&
    isOneOf(scope.stages, place.stage)
  );
}

/** The freezes that hold a place now, and when it will not be held any more. Undefined: it is not held. */
export function holdAt(
  freezes: readonly Freeze[],
  place: FreezePlace,
  at: number,
): { readonly freezes: readonly Freeze[]; readonly until: number } | undefined {
  const here = freezes.filter((freeze) => applies(freeze, place));
  const holding = here.filter(({ when }) => lastsAt(when, at));
  if (holding.length === 0) return undefined;
  const ends = here.flatMap(({ when }) => intervalsOf(when, { from: at, to: at + END_HORIZON_MS }));
  return { freezes: holding, until: merged(ends)[0]?.to ?? at };
}

/** When a freeze lasts, as far as it touches `bounds`: merged, and not cut off at them. */
export function intervalsOf(when: FreezeTimes, bounds: Interval): readonly Interval[] {
  return merged(all(when, bounds).filter(({ from, to }) => from < bounds.to && to > bounds.from));
}

/** Freezes with the intervals that they last for within some bounds: worked out once for any number of places. */
export type Schedule = readonly { readonly freeze: Freeze; readonly intervals: readonly Interval[] }[];

export function scheduleOf(freezes: readonly Freeze[], bounds: Interval): Schedule {
  return freezes
    .map((freeze) => ({ freeze, intervals: clipped(intervalsOf(freeze.when, bounds), bounds) }))
    .filter(({ intervals }) => intervals.length > 0);
}

/** When a place is held, merged, and the freezes that do it. */
export function heldBy(
  schedule: Schedule,
  place: FreezePlace,
): { readonly intervals: readonly Interval[]; readonly freezes: readonly Freeze[] } {
  const acting = schedule.filter(({ freeze }) => applies(freeze, place));
  return {
    intervals: merged(acting.flatMap(({ intervals }) => intervals)),
    freezes: acting.map(({ freeze }) => freeze),
  };
}

/** Everything that is wrong with the times of a freeze. */
export function timesProblems(when: FreezeTimes): readonly TimesProblem[] {
  if (when.kind === 'once') {
    return when.to > when.from ? [] : [{ path: ['to'], message: 'must be later than from' }];
  }
  const unknownZone =
    zone(when.timezone) === undefined
      ? [{ path: ['timezone'], message: `There is no time zone "${when.timezone}"; it is like Europe/Berlin` }]
      : [];
  if (when.kind === 'weekly') return [...windowProblems(when.windows), ...unknownZone];
  const parsed = parseCron(when.cron);
  if (!parsed.ok) return [{ path: ['cron'], message: `"${when.cron}" ${parsed.message}` }, ...unknownZone];
  const isTooOften = parsed.cron.hours.length * parsed.cron.minutes.length > BEGINNINGS_MAX;
  const message = `begins more than ${BEGINNINGS_MAX} times a day; name the beginning only, and a duration`;
  return [...(isTooOften ? [{ path: ['cron'], message }] : []), ...unknownZone];
}

function lastsAt(when: FreezeTimes, at: number): boolean {
  return all(when, { from: at, to: at + 1 }).some(({ from, to }) => from <= at && at < to);
}

/** Unmerged, and some of them outside the bounds. */
function all(when: FreezeTimes, bounds: Interval): readonly Interval[] {
  if (when.kind === 'once') return [when];
  const where = zone(when.timezone);
  // Stored freezes have been checked; should a time zone ever vanish, holding too much beats holding too little.
  if (where === undefined) return [bounds];
  if (when.kind === 'weekly') return when.windows.flatMap((window) => weekly(window, where, bounds));
  const parsed = parseCron(when.cron);
  if (!parsed.ok) return [bounds];
  const durationMs = when.durationMinutes * MINUTE_MS;
  return beginnings(parsed.cron, where, bounds.from - durationMs, bounds.to).map((from) => ({
    from,
    to: from + durationMs,
  }));
}

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const WEEK_MS = 7 * DAY_MS;

function weekly(window: { readonly from: string; readonly to: string }, where: Zone, bounds: Interval): Interval[] {
  const from = intoWeek(window.from) ?? 0;
  const lengthMs = ((intoWeek(window.to) ?? 0) - from + WEEK_MS) % WEEK_MS;
  const found: Interval[] = [];
  const last = wallTime(bounds.to, where) + DAY_MS;
  for (let sunday = sundayOf(wallTime(bounds.from, where)) - WEEK_MS; sunday <= last; sunday += WEEK_MS) {
    const wall = sunday + from;
    // Of two such times the first begins it, and the last ends it.
    const begins = momentsOfOrGap(wall, where)[0];
    const ends = momentsOfOrGap(wall + lengthMs, where).at(-1);
    if (begins !== undefined && ends !== undefined) found.push({ from: begins, to: ends });
  }
  return found;
}

function sundayOf(wall: WallTime): WallTime {
  return midnightOf(wall) - new Date(wall).getUTCDay() * DAY_MS;
}

/** `FRI 16:00` as milliseconds since Sunday's midnight. */
function intoWeek(text: string): number | undefined {
  const [, day = '', hour, minute] = /^([A-Z]{3}) (\d{2}):(\d{2})$/.exec(text) ?? [];
  const weekday = WEEKDAYS.indexOf(day);
  if (weekday === -1 || Number(hour) > 23 || Number(minute) > 59) return undefined;
  return weekday * DAY_MS + (Number(hour) * 60 + Number(minute)) * MINUTE_MS;
}

function windowProblems(windows: readonly { readonly from: string; readonly to: string }[]): TimesProblem[] {
  return windows.flatMap(({ from, to }, index) => {
    const wrong = (['from', 'to'] as const).filter((end) => intoWeek(end === 'from' ? from : to) === undefined);
    const message = 'must be a day and a time, like FRI 16:00';
    if (wrong.length > 0) return wrong.map((end) => ({ path: ['windows', index, end], message }));
    return from === to ? [{ path: ['windows', index, 'to'], message: 'must differ from from' }] : [];
  });
}
