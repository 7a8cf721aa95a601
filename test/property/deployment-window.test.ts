import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCron } from '../../worker/calendar/cron.ts';
import { zone } from '../../worker/calendar/time-zone.ts';
import { isOpen, nextOpening } from '../../worker/calendar/window.ts';

const MINUTE = 60_000;
const DAYS_MAX = 4;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Days around which clocks are set, and some around which they are not. */
const ZONES: Readonly<Record<string, readonly string[]>> = {
  'Europe/Berlin': ['2026-03-29', '2026-10-25', '2027-01-31'],
  'America/New_York': ['2026-03-08', '2026-11-01', '2028-02-29'],
  'Australia/Lord_Howe': ['2026-04-05', '2026-10-04'],
  'America/Havana': ['2026-03-08', '2026-11-01'],
  'Asia/Beirut': ['2026-03-29', '2026-10-25'],
  UTC: ['2026-12-31'],
};

interface Shown {
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

/** What a clock on the wall shows, asked of Intl minute by minute and remembered: no arithmetic of its own. */
const clock = remembered((timeZone: string): ((at: number) => Shown) => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return remembered((at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    return {
      month: of('month'),
      day: of('day'),
      weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? ''),
      hour: of('hour'),
      minute: of('minute'),
    };
  });
});

function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}

const some = (min: number, max: number): fc.Arbitrary<number[] | undefined> =>
  fc.option(fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 }), { nil: undefined, freq: 2 });
const list = (values: readonly number[] | undefined, otherwise = '*'): string => values?.join(',') ?? otherwise;
const has = (values: readonly number[] | undefined, value: number): boolean => values?.includes(value) ?? true;

it('opens exactly when a clock on the wall shows a minute that the expression names', () => {
  const situations = fc.record({
    place: fc.constantFrom(...Object.entries(ZONES).flatMap(([name, days]) => days.map((day) => ({ name, day })))),
    offset: fc.integer({ min: -36 * 60, max: 36 * 60 }),
    minutes: some(0, 59),
    hours: some(0, 5),
    months: some(1, 12),
    days: fc.oneof(
      fc.record({ monthDays: some(1, 31), weekdays: fc.constant(undefined) }),
      fc.record({ monthDays: fc.constant(undefined), weekdays: some(0, 6) }),
    ),
  });
  fc.assert(
    fc.property(situations, ({ place, offset, minutes, hours, months, days: { monthDays, weekdays } }) => {
      const quartzWeekdays = weekdays?.map((weekday) => weekday + 1);
      const day =
        weekdays === undefined ? [list(monthDays), list(months), '?'] : ['?', list(months), list(quartzWeekdays)];
      const parsed = parseCron(`0 ${list(minutes)} ${list(hours)} ${day.join(' ')}`);
      const where = zone(place.name);
      if (!parsed.ok || where === undefined) throw new Error('not a situation');
      const shows = clock(place.name);
      const isNamed = (at: number): boolean => {
        const shown = shows(at);
        return (
          has(minutes, shown.minute) &&
          has(hours, shown.hour) &&
          has(months, shown.month) &&
          has(monthDays, shown.day) &&
          has(weekdays, shown.weekday)
        );
      };
      const from = Date.parse(place.day) + offset * MINUTE;
      expect(isOpen(parsed.cron, where, from)).toBe(isNamed(from));
      const until = from + DAYS_MAX * 24 * 60 * MINUTE;
      let expected: number | undefined;
      for (let at = from + MINUTE; at <= until && expected === undefined; at += MINUTE) {
        if (isNamed(at)) expected = at;
      }
      const next = nextOpening(parsed.cron, where, from);
      expect(next !== undefined && next <= until ? next : undefined).toBe(expected);
    }),
    { numRuns: 400 },
  );
}, 60_000);
