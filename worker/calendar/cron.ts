import { dayOfMonth, type DayTest, dayOfWeek, everyDay } from './cron-days.ts';
import { CronError, field, type FieldSpec } from './cron-field.ts';

/** A parsed expression: which minutes of which days it names. Seconds are checked and otherwise ignored: see `window.ts`. */
export interface Cron {
  /** Ascending, 0 to 59 and 0 to 23. */
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly isDay: DayTest;
  /** Undefined: every year. */
  readonly years: ReadonlySet<number> | undefined;
}

export type ParsedCron =
  { readonly ok: true; readonly cron: Cron } | { readonly ok: false; readonly message: string };

const SECOND: FieldSpec = { name: 'second', min: 0, max: 59 };
const MINUTE: FieldSpec = { name: 'minute', min: 0, max: 59 };
const HOUR: FieldSpec = { name: 'hour', min: 0, max: 23 };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const MONTH: FieldSpec = { name: 'month', min: 1, max: 12, names: MONTHS };
const YEAR: FieldSpec = { name: 'year', min: 1970, max: 2099, noWrap: true };
export const YEAR_MAX = YEAR.max;

const LENGTH_MAX = 200;

/**
 * Six or seven fields are Quartz's (second minute hour day-of-month month day-of-week [year], Sunday is 1, with `? L W #`): what
 * AWS's DeploymentWindow takes. Five are the classic ones (minute hour day-of-month month day-of-week, Sunday is 0 or 7), where a
 * day counts when either of two restricted day fields names it.
 */
export function parseCron(text: string): ParsedCron {
  const fields = text.trim().toUpperCase().split(/\s+/);
  if (text.length > LENGTH_MAX) return { ok: false, message: `is longer than ${LENGTH_MAX} characters` };
  try {
    if (fields.length === 5) return { ok: true, cron: classic(fields) };
    if (fields.length === 6 || fields.length === 7) return { ok: true, cron: quartz(fields) };
  } catch (error) {
    if (error instanceof CronError) return { ok: false, message: error.message };
    throw error;
  }
  const wanted = 'second minute hour day-of-month month day-of-week [year]';
  return { ok: false, message: `has ${text.trim() === '' ? 0 : fields.length} fields; it needs ${wanted}` };
}

function quartz([
  second = '',
  minute = '',
  hour = '',
  monthDay = '',
  month = '',
  weekday = '',
  year = '*',
]: string[]) {
  field(second, SECOND);
  if (monthDay === '?' && weekday === '?') throw new CronError('has ? for both days; one of them must say something');
  const isRestricted = (day: string): boolean => day !== '?' && day !== '*';
  if (isRestricted(monthDay) && isRestricted(weekday)) {
    throw new CronError('restricts day-of-month and day-of-week; put ? into one of them');
  }
  const byMonthDay = isRestricted(monthDay) ? dayOfMonth(monthDay) : everyDay;
  const byWeekday = isRestricted(weekday) ? dayOfWeek(weekday, 'SundayIs1') : everyDay;
  return cronOf(minute, hour, month, year, (day) => byMonthDay(day) && byWeekday(day));
}

function classic([minute = '', hour = '', monthDay = '', month = '', weekday = '']: string[]): Cron {
  const byMonthDay = /^[*?]$/.test(monthDay) ? undefined : dayOfMonth(monthDay);
  const byWeekday = /^[*?]$/.test(weekday) ? undefined : dayOfWeek(weekday, 'SundayIs0');
  const either: DayTest =
    byMonthDay !== undefined && byWeekday !== undefined
      ? (day) => byMonthDay(day) || byWeekday(day)
      : (byMonthDay ?? byWeekday ?? everyDay);
  return cronOf(minute, hour, month, '*', either);
}

function cronOf(minute: string, hour: string, month: string, year: string, isDay: DayTest): Cron {
  const months = new Set(field(month, MONTH));
  return {
    minutes: field(minute, MINUTE),
    hours: field(hour, HOUR),
    isDay: (day) => months.has(day.month) && isDay(day),
    years: year === '*' ? undefined : new Set(field(year, YEAR)),
  };
}
