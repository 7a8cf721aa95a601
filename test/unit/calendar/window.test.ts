import { describe, expect, it } from 'vitest';
import { type Cron, parseCron } from '../../../worker/calendar/cron.ts';
import { momentsOf, momentsOfOrGap, zone, type Zone } from '../../../worker/calendar/time-zone.ts';
import { beginnings, isOpen, nextOpening } from '../../../worker/calendar/window.ts';

function cron(text: string): Cron {
  const parsed = parseCron(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.cron;
}

function place(name: string): Zone {
  const found = zone(name);
  if (found === undefined) throw new Error(name);
  return found;
}

const at = (text: string): number => Date.parse(text);
const iso = (moment: number | undefined): string | undefined =>
  moment === undefined ? undefined : new Date(moment).toISOString();

const BERLIN = place('Europe/Berlin');
const NEW_YORK = place('America/New_York');
const LORD_HOWE = place('Australia/Lord_Howe');

describe('a deployment window', () => {
  const office = cron('0 * 8-17 ? * MON-FRI *');

  it.each([
    ['2026-11-25T07:00:00Z', true, 'Wednesday, 8:00 in Berlin'],
    ['2026-11-25T06:59:59.999Z', false, 'a moment earlier'],
    ['2026-11-25T16:59:59.999Z', true, '17:59'],
    ['2026-11-25T17:00:00Z', false, '18:00'],
    ['2026-11-28T10:00:00Z', false, 'Saturday'],
    ['2026-07-15T06:00:30Z', true, 'in summer an hour earlier by UTC'],
  ])('at %s: %s (%s)', (moment, open) => {
    expect(isOpen(office, BERLIN, at(moment))).toBe(open);
  });

  it('opens next at', () => {
    expect(iso(nextOpening(office, BERLIN, at('2026-11-25T17:00:00Z')))).toBe('2026-11-26T07:00:00.000Z');
    expect(iso(nextOpening(office, BERLIN, at('2026-11-27T18:00:00Z')))).toBe('2026-11-30T07:00:00.000Z');
    expect(iso(nextOpening(cron('0 0 12 29 2 ?'), BERLIN, at('2026-11-27T18:00:00Z')))).toBe(
      '2028-02-29T11:00:00.000Z',
    );
    expect(nextOpening(cron('0 0 12 30 2 ?'), BERLIN, at('2026-11-27T18:00:00Z'))).toBeUndefined();
    expect(nextOpening(cron('0 0 12 * * ? 2025'), BERLIN, at('2026-11-27T18:00:00Z'))).toBeUndefined();
  });
});

describe('where the clocks are set', () => {
  // Berlin 2026: forward on 29 March at 01:00Z (02:00 to 03:00), back on 25 October at 01:00Z (03:00 to 02:00).
  it('a time that is left out is no opening', () => {
    const half = cron('0 30 2 * * ?');
    expect(iso(nextOpening(half, BERLIN, at('2026-03-28T12:00:00Z')))).toBe('2026-03-30T00:30:00.000Z');
  });

  it('a time that comes twice is open twice', () => {
    const half = cron('0 30 2 * * ?');
    const first = nextOpening(half, BERLIN, at('2026-10-24T12:00:00Z')) ?? 0;
    expect(iso(first)).toBe('2026-10-25T00:30:00.000Z');
    expect(iso(nextOpening(half, BERLIN, first))).toBe('2026-10-25T01:30:00.000Z');
    expect(isOpen(half, BERLIN, at('2026-10-25T01:30:59Z'))).toBe(true);
  });

  it('half an hour is half an hour on Lord Howe', () => {
    // Back on 5 April 2026 at 02:00 (+11) to 01:30 (+10:30); forward on 4 October at 02:00 to 02:30.
    const moments = momentsOf(Date.UTC(2026, 3, 5, 1, 45), LORD_HOWE);
    expect(moments.map(iso)).toEqual(['2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z']);
    expect(momentsOf(Date.UTC(2026, 9, 4, 2, 15), LORD_HOWE)).toEqual([]);
    expect(momentsOfOrGap(Date.UTC(2026, 9, 4, 2, 15), LORD_HOWE).map(iso)).toEqual(['2026-10-03T15:30:00.000Z']);
  });

  it('what begins in the hour that is left out begins when the clocks are set', () => {
    const night = cron('30 2 * * *');
    const days = beginnings(night, NEW_YORK, at('2026-03-07T12:00:00Z'), at('2026-03-09T12:00:00Z'));
    expect(days.map(iso)).toEqual(['2026-03-08T07:00:00.000Z', '2026-03-09T06:30:00.000Z']);
  });

  it('a whole day that is left out does not confuse the next one', () => {
    // Samoa had no 30 December 2011.
    const noon = cron('0 0 12 * * ?');
    expect(iso(nextOpening(noon, place('Pacific/Apia'), at('2011-12-29T23:00:00Z')))).toBe(
      '2011-12-30T22:00:00.000Z',
    );
  });
});

describe('time zones', () => {
  it.each([
    ['Europe/Berlin', 2],
    ['america/new_york', -4],
    ['UTC', 0],
    ['', 0],
    ['UTC+05:30', 5.5],
    ['UTC-0330', -3.5],
    ['CET', 2],
    ['PST', -7],
    ['Asia/Kathmandu', 5.75],
  ])('%s is one', (name, hours) => {
    expect(place(name).offsetAt(Date.UTC(2026, 6, 1))).toBe(hours * 3_600_000);
  });

  it.each(['Mars/Olympus', 'XYZ', 'UTC+25:00', 'UTC+05:75', '+02:00', 'Europe/Berlin; drop', '../etc'])(
    '%s is none',
    (name) => {
      expect(zone(name)).toBeUndefined();
    },
  );
});
