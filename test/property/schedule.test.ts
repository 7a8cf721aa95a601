import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firings, lastFiring, nextFiring, parseTiming } from '../../worker/calendar/timing.ts';
import { zone } from '../../worker/calendar/time-zone.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const DAYS = 3;

/** The day before clocks are set somewhere, and some days on which they are not. */
const ZONES: Readonly<Record<string, readonly string[]>> = {
  'Europe/Berlin': ['2026-03-28', '2026-10-24', '2027-01-30'],
  'America/New_York': ['2026-03-07', '2026-10-31', '2028-02-28'],
  'Australia/Lord_Howe': ['2026-04-04', '2026-10-03'],
  'America/Havana': ['2026-03-07', '2026-10-31'],
  'Asia/Beirut': ['2026-03-28', '2026-10-24'],
  'America/Santiago': ['2026-04-03', '2026-09-05'],
  'Asia/Kolkata': ['2026-06-01'],
  UTC: ['2026-12-30'],
};

interface Shown {
  /** As a number that only grows where no clock is set. */
  readonly wall: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

const clocks = new Map<string, (at: number) => number>();

/** What a clock on the wall shows, asked of Intl and of nothing of ours. */
function shownBy(timeZone: string): (at: number) => number {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const seen = new Map<number, number>();
  const clock = (at: number): number => {
    const wall = seen.get(at) ?? Date.parse(`${format.format(at).replace(' ', 'T')}Z`);
    seen.set(at, wall);
    return wall;
  };
  clocks.set(timeZone, clock);
  return clock;
}

function partsOf(wall: number): Shown {
  const date = new Date(wall);
  return {
    wall,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  };
}

/** Minute by minute: a time of day counts the first time that it is shown, or at once when it is skipped. */
function bruteForce(
  isNamed: (shown: Shown) => boolean,
  isRhythm: boolean,
  clock: (at: number) => number,
  from: number,
  to: number,
): number[] {
  const found: number[] = [];
  let highest = clock(from - DAY - MINUTE);
  for (let at = from - DAY; at <= to; at += MINUTE) {
    const wall = clock(at);
    const isShownFirst = wall > highest;
    let fires = isNamed(partsOf(wall)) && (isRhythm || isShownFirst);
    for (let skipped = highest + MINUTE; skipped < wall && !isRhythm; skipped += MINUTE) {
      fires ||= isNamed(partsOf(skipped));
    }
    if (fires && at >= from) found.push(at);
    highest = Math.max(highest, wall);
  }
  return found;
}

const some = (min: number, max: number): fc.Arbitrary<number[] | undefined> =>
  fc.option(fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 }), { nil: undefined, freq: 3 });
const list = (values: readonly number[] | undefined): string => values?.join(',') ?? '*';
const has = (values: readonly number[] | undefined, value: number): boolean => values?.includes(value) ?? true;

const situations = fc.record({
  place: fc.constantFrom(...Object.entries(ZONES).flatMap(([name, days]) => days.map((day) => ({ name, day })))),
  offset: fc.integer({ min: -12 * 60, max: 36 * 60 }),
  times: fc.oneof(
    fc.record({
      minutes: fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 3 }),
      hours: some(0, 5),
    }),
    fc.record({ minutes: fc.constant(undefined), hours: fc.constantFrom([0], [2], [1, 3]) }),
  ),
  months: fc.option(fc.constant([3, 4, 9, 10, 11]), { nil: undefined }),
  monthDays: some(1, 31),
  weekdays: some(0, 7),
});

it('fires in the minutes that a clock on the wall shows, once each, whatever is done to the clock', () => {
  fc.assert(
    fc.property(situations, ({ place, offset, times: { minutes, hours }, months, monthDays, weekdays }) => {
      const cron = [minutes, hours, monthDays, months, weekdays].map(list).join(' ');
      const parsed = parseTiming(cron);
      const where = zone(place.name);
      // Some name no day at all, like the 31st of June.
      if (!parsed.ok || where === undefined) return;
      const isDayNamed = ({ day, weekday }: Shown): boolean => {
        const isWeekday = weekdays?.some((one) => one % 7 === weekday);
        if (monthDays === undefined || isWeekday === undefined) return isWeekday ?? has(monthDays, day);
        return monthDays.includes(day) || isWeekday;
      };
      const isNamed = (shown: Shown): boolean =>
        has(minutes, shown.minute) && has(hours, shown.hour) && has(months, shown.month) && isDayNamed(shown);
      const from = Date.parse(place.day) + offset * MINUTE;
      const to = from + DAYS * DAY;
      const expected = bruteForce(isNamed, hours === undefined, shownBy(place.name), from, to);

      const found: number[] = [];
      let at = nextFiring(parsed.timing, where, from - MINUTE, 0);
      while (at !== undefined && at <= to) {
        found.push(at);
        at = nextFiring(parsed.timing, where, at, 0);
      }
      expect(found).toEqual(expected);
      // And backwards: what is caught up is the latest one.
      const middle = from + Math.floor((DAYS * DAY) / 2);
      const last = lastFiring(parsed.timing, where, { from, at: middle, since: 0 });
      expect(last).toBe(expected.findLast((moment) => moment <= middle));
    }),
    { numRuns: 250 },
  );
}, 120_000);

it('goes by the clock of its own making when it is a rate', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 0, max: 10 * DAY }),
      fc.integer({ min: -DAY, max: 40 * DAY }),
      (every, since, passed) => {
        const parsed = parseTiming(`rate(${every} minutes)`);
        const utc = zone('UTC');
        if (!parsed.ok || utc === undefined) throw new Error('not a rate');
        const [first = 0, second = 0] = firings(parsed.timing, utc, since + passed, since, 2);
        expect(first).toBeGreaterThan(since + passed);
        expect(first).toBeGreaterThan(since);
        expect((first - since) % (every * MINUTE)).toBe(0);
        expect(second - first).toBe(every * MINUTE);
        const before = first - every * MINUTE;
        const last = lastFiring(parsed.timing, utc, { from: -Infinity, at: since + passed, since });
        expect(last).toBe(before > since ? before : undefined);
      },
    ),
  );
});
