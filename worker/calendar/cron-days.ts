import { CronError, field, type FieldSpec, valueOf } from './cron-field.ts';

/** A day of the Gregorian calendar. `weekday`: 0 is Sunday. */
export interface Day {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
}

export type DayTest = (day: Day) => boolean;

export const everyDay: DayTest = () => true;

const MONTH_DAY: FieldSpec = { name: 'day-of-month', min: 1, max: 31 };
const BEFORE_LAST: FieldSpec = { name: 'offset after L-', min: 1, max: 30 };
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Numbers, `L` (the last day), `L-3` (three before it), `15W` (the weekday nearest to the 15th), `LW`, and lists of them. */
export function dayOfMonth(text: string): DayTest {
  const tests = text.split(',').map((part): DayTest => {
    const special = /^(?:(\d{1,2})|L(?:-(\d{1,2}))?)(W)?$/.exec(part);
    const [, number, beforeLast, isWeekday] = special ?? [];
    if (special === null || (number !== undefined && isWeekday === undefined)) {
      const days = new Set(field(part, MONTH_DAY));
      return ({ day }) => days.has(day);
    }
    const fixed = number === undefined ? undefined : valueOf(number, MONTH_DAY);
    if (beforeLast !== undefined) valueOf(beforeLast, BEFORE_LAST);
    const wanted = ({ year, month }: Day): number => fixed ?? daysIn(year, month) - Number(beforeLast ?? 0);
    return isWeekday === undefined
      ? (day) => day.day === wanted(day)
      : (day) => day.day === nearestWeekday(day, wanted(day));
  });
  return (day) => tests.some((test) => test(day));
}

/** Numbers and names, `FRIL` (the last Friday of the month), `FRI#2` (its second Friday), and lists of them. */
export function dayOfWeek(text: string, numbering: 'SundayIs0' | 'SundayIs1'): DayTest {
  const spec: FieldSpec =
    numbering === 'SundayIs1'
      ? { name: 'day-of-week', min: 1, max: 7, names: WEEKDAYS }
      : { name: 'day-of-week', min: 0, max: 7, names: WEEKDAYS };
  // Classic expressions may call Sunday 7.
  const weekdayOf = (value: number): number => (value - spec.min) % 7;
  const weekday = (of: string): number => weekdayOf(valueOf(of, spec));
  const tests = text.split(',').map((part): DayTest => {
    if (part === 'L') return ({ weekday: is }) => is === 6;
    const [, last] = /^(.+)L$/.exec(part) ?? [];
    if (last !== undefined) {
      const wanted = weekday(last);
      return (day) => day.weekday === wanted && day.day + 7 > daysIn(day.year, day.month);
    }
    const [of, nth] = part.split('#');
    if (of !== undefined && nth !== undefined) {
      const wanted = weekday(of);
      if (!/^[1-5]$/.test(nth)) throw new CronError(`has the day-of-week "${part}"; after # comes 1 to 5`);
      return (day) => day.weekday === wanted && Math.ceil(day.day / 7) === Number(nth);
    }
    const days = new Set(field(part, spec).map(weekdayOf));
    return ({ weekday: is }) => days.has(is);
  });
  return (day) => tests.some((test) => test(day));
}

export function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Monday to Friday, never in another month. Undefined: the month has no such day. */
function nearestWeekday({ year, month }: Day, wanted: number): number | undefined {
  const last = daysIn(year, month);
  if (wanted < 1 || wanted > last) return undefined;
  const weekday = new Date(Date.UTC(year, month - 1, wanted)).getUTCDay();
  if (weekday === 6) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 0) return wanted === last ? wanted - 2 : wanted + 1;
  return wanted;
}
