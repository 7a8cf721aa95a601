import { describe, expect, it } from 'vitest';
import { firings, lastFiring, parseTiming, type Timing } from '../../../worker/calendar/timing.ts';
import { zone, type Zone } from '../../../worker/calendar/time-zone.ts';

const at = (text: string): number => Date.parse(text);

function timing(text: string): Timing {
  const parsed = parseTiming(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.timing;
}

function where(name: string): Zone {
  const found = zone(name);
  if (found === undefined) throw new Error(`no zone ${name}`);
  return found;
}

function next(text: string, name: string, after: string, count = 3): string[] {
  return firings(timing(text), where(name), at(after), at(after), count).map((moment) =>
    new Date(moment).toISOString().slice(0, 16),
  );
}

describe('a schedule', () => {
  it.each([
    ['0 2 * * MON-FRI', '2026-11-26T00:00Z', ['2026-11-26T02:00', '2026-11-27T02:00', '2026-11-30T02:00']],
    ['*/20 4 * * 7', '2026-11-25T00:00Z', ['2026-11-29T04:00', '2026-11-29T04:20', '2026-11-29T04:40']],
    ['30 6 1 * SUN', '2026-11-25T00:00Z', ['2026-11-29T06:30', '2026-12-01T06:30', '2026-12-06T06:30']],
    ['0 15 10 L * ?', '2026-11-25T00:00Z', ['2026-11-30T10:15', '2026-12-31T10:15', '2027-01-31T10:15']],
    ['0 0 9 15W * ?', '2026-11-25T00:00Z', ['2026-12-15T09:00', '2027-01-15T09:00', '2027-02-15T09:00']],
    ['0 0 12 ? * 6#3', '2026-11-25T00:00Z', ['2026-12-18T12:00', '2027-01-15T12:00', '2027-02-19T12:00']],
    ['0 0 12 ? * FRIL 2026', '2026-11-25T00:00Z', ['2026-11-27T12:00', '2026-12-25T12:00']],
    ['cron(0 10 ? * MON-FRI *)', '2026-11-27T11:00Z', ['2026-11-30T10:00', '2026-12-01T10:00', '2026-12-02T10:00']],
    ['cron(15 12 L * ? *)', '2026-11-25T00:00Z', ['2026-11-30T12:15', '2026-12-31T12:15', '2027-01-31T12:15']],
    ['rate(36 hours)', '2026-11-25T06:30Z', ['2026-11-26T18:30', '2026-11-28T06:30', '2026-11-29T18:30']],
    ['rate(1 day)', '2026-11-25T06:30Z', ['2026-11-26T06:30', '2026-11-27T06:30', '2026-11-28T06:30']],
    ['0 0 29 2 *', '2026-11-25T00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
  ])('"%s" after %s', (text, after, expected) => {
    expect(next(text, 'UTC', after)).toEqual(expected);
  });

  it('fires at the first moment after a time of day that the clocks leave out', () => {
    // 2:00 to 3:00 does not exist on 2026-03-29 in Berlin.
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z')).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
    // However many of its times were left out.
    expect(next('*/10 2 * * *', 'Europe/Berlin', '2026-03-28T02:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:00',
    ]);
  });

  it('fires once at a time of day that the clocks show twice', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z')).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
      '2026-10-27T01:30',
    ]);
    // Midnight comes twice in Havana: the clocks go back from 1:00 to 0:00.
    expect(next('0 0 * * *', 'America/Havana', '2026-10-31T12:00Z', 2)).toEqual([
      '2026-11-01T04:00',
      '2026-11-02T05:00',
    ]);
  });

  it('goes on through the hour that comes twice when it names every hour', () => {
    expect(next('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:59Z', 4)).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T00:30',
      '2026-10-25T01:00',
      '2026-10-25T01:30',
    ]);
    expect(next('30 * * * *', 'Europe/Berlin', '2026-03-29T00:00Z')).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:30',
      '2026-03-29T02:30',
    ]);
  });

  it('ends with its last year', () => {
    expect(next('0 0 12 1 1 ? 2027', 'UTC', '2026-11-25T00:00Z')).toEqual(['2027-01-01T12:00']);
    expect(next('0 0 12 1 1 ? 2027', 'UTC', '2027-11-25T00:00Z')).toEqual([]);
  });

  it('knows the latest of those that were missed', () => {
    const nightly = timing('0 2 * * *');
    const missed = (from: string, until: string): number | undefined =>
      lastFiring(nightly, where('UTC'), { from: at(from), at: at(until), since: 0 });
    expect(missed('2026-11-20T02:00Z', '2026-11-25T01:59Z')).toBe(at('2026-11-24T02:00Z'));
    expect(missed('2026-11-20T02:00Z', '2026-11-25T02:00Z')).toBe(at('2026-11-25T02:00Z'));
    expect(missed('2026-11-25T02:00Z', '2026-11-25T01:59Z')).toBeUndefined();
  });

  it.each([
    ['* *', /has 2 fields/],
    ['0 25 * * *', /hour "25"/],
    ['30 0 2 * * ?', /second "30"; a schedule keeps to whole minutes/],
    ['* 0 2 * * ?', /second "\*"/],
    ['0 0 31 2 *', /no day that exists/],
    ['cron(0 2 * * *)', /5 fields in cron/],
    ['cron(0 2 1 * MON *)', /\?/],
    ['rate(5)', /like rate\(5 minutes\)/],
    ['rate(0 minutes)', /between 1 minute and 366 days/],
    ['rate(30 seconds)', /in minutes, hours or days/],
    ['@daily', /has 1 fields/],
  ])('is not "%s"', (text, message) => {
    const parsed = parseTiming(text);
    expect(parsed.ok ? '' : parsed.message).toMatch(message);
  });
});
