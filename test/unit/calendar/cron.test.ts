import { describe, expect, it } from 'vitest';
import { parseCron } from '../../../worker/calendar/cron.ts';

/** The days of a month that an expression names. */
function daysOf(text: string, year: number, month: number): number[] {
  const parsed = parseCron(text);
  if (!parsed.ok) throw new Error(parsed.message);
  const days: number[] = [];
  for (let day = 1; day <= new Date(Date.UTC(year, month, 0)).getUTCDate(); day += 1) {
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
    if (parsed.cron.isDay({ year, month, day, weekday })) days.push(day);
  }
  return days;
}

function messageOf(text: string): string {
  const parsed = parseCron(text);
  return parsed.ok ? 'ok' : parsed.message;
}

describe('Quartz expressions', () => {
  // November 2026 begins on a Sunday; August 2026 on a Saturday, and has 31 days.
  it.each([
    ['0 0 9 ? * MON-FRI', [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 30]],
    ['0 0 9 ? * 2-6', [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 30]],
    ['0 0 9 ? * FRI-SUN', [1, 6, 7, 8, 13, 14, 15, 20, 21, 22, 27, 28, 29]],
    ['0 0 9 ? * 1', [1, 8, 15, 22, 29]],
    ['0 0 9 ? * L', [7, 14, 21, 28]],
    ['0 0 9 ? * FRIL', [27]],
    ['0 0 9 ? * 2L', [30]],
    ['0 0 9 ? * MON#1,FRI#4', [2, 27]],
    ['0 0 9 ? * SUN#5', [29]],
    ['0 0 9 L * ?', [30]],
    ['0 0 9 L-3 * ?', [27]],
    ['0 0 9 LW * ?', [30]],
    ['0 0 9 1W * ?', [2]],
    ['0 0 9 15W,21W * ?', [16, 20]],
    ['0 0 9 28/1 * ?', [28, 29, 30]],
    ['0 0 9 1,31 * ?', [1]],
    ['0 0 9 */10 * ?', [1, 11, 21]],
    ['0 0 9 * NOV ? 2026', Array.from({ length: 30 }, (_, index) => index + 1)],
    ['0 0 9 * OCT ?', []],
  ])('%s in November 2026', (text, days) => {
    expect(daysOf(text, 2026, 11)).toEqual(days);
  });

  it('the nearest weekday never leaves the month', () => {
    expect(daysOf('0 0 9 1W * ?', 2026, 8)).toEqual([3]);
    expect(daysOf('0 0 9 31W * ?', 2026, 5)).toEqual([29]);
    expect(daysOf('0 0 9 LW * ?', 2026, 5)).toEqual([29]);
    expect(daysOf('0 0 9 31W * ?', 2026, 11)).toEqual([]);
  });

  it('a range may run over the end, except that of years', () => {
    const parsed = parseCron('0 55-5 22-2 ? NOV-FEB SAT-SUN');
    expect(parsed).toMatchObject({
      ok: true,
      cron: { minutes: [0, 1, 2, 3, 4, 5, 55, 56, 57, 58, 59], hours: [0, 1, 2, 22, 23] },
    });
    expect(messageOf('0 0 9 * * ? 2030-2026')).toContain('runs backwards');
  });

  it('knows leap years', () => {
    expect(daysOf('0 0 9 L * ?', 2028, 2)).toEqual([29]);
    expect(daysOf('0 0 9 L * ?', 2100, 2)).toEqual([28]);
  });
});

describe('classic expressions', () => {
  it.each([
    ['0 9 * * 1-5', [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 30]],
    ['0 9 * * 0', [1, 8, 15, 22, 29]],
    ['0 9 * * 7', [1, 8, 15, 22, 29]],
    ['0 9 * * 6-7', [1, 7, 8, 14, 15, 21, 22, 28, 29]],
    ['0 9 * * 0-7', Array.from({ length: 30 }, (_, index) => index + 1)],
    ['0 9 13 * FRI', [6, 13, 20, 27]],
    ['0 9 14 * FRI', [6, 13, 14, 20, 27]],
    ['0 9 L * *', [30]],
  ])('%s in November 2026', (text, days) => {
    expect(daysOf(text, 2026, 11)).toEqual(days);
  });
});

describe('what is no expression', () => {
  it.each([
    ['', 'has 0 fields'],
    ['* * *', 'has 3 fields'],
    ['0 0 9 ? * ?', 'has ? for both days'],
    ['0 0 9 1 * MON', 'put ? into one of them'],
    ['0 0 24 ? * MON', 'has the hour "24"; it must be 0 to 23'],
    ['0 60 9 ? * MON', 'has the minute "60"; it must be 0 to 59'],
    ['61 0 9 ? * MON', 'has the second "61"'],
    ['0 0 9 ? * 0', 'has the day-of-week "0"; it must be 1 to 7 or SUN to SAT'],
    ['0 0 9 ? * 8', 'has the day-of-week "8"'],
    ['0 0 9 ? * MONDAY', 'has the day-of-week "MONDAY"'],
    ['0 0 9 ? * MON#6', 'after # comes 1 to 5'],
    ['0 0 9 32 * ?', 'has the day-of-month "32"'],
    ['0 0 9 32W * ?', 'has the day-of-month "32"'],
    ['0 0 9 L-31 * ?', 'has the offset after L- "31"'],
    ['0 0 9 ? 13 MON', 'has the month "13"; it must be 1 to 12 or JAN to DEC'],
    ['0 0/0 9 ? * MON', 'must be a number above 0'],
    ['0 1/2/3 9 ? * MON', 'more than one /'],
    ['0 1-2-3 9 ? * MON', 'more than one -'],
    ['0 1,,2 9 ? * MON', 'has the minute ""'],
    ['0 0 9 ? * MON 1969', 'has the year "1969"'],
    [`0 ${'1,'.repeat(200)}1 9 ? * MON`, 'is longer than 200 characters'],
  ])('%s', (text, message) => {
    expect(messageOf(text)).toContain(message);
  });
});
