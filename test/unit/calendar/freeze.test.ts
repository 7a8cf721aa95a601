import { describe, expect, it } from 'vitest';
import {
  applies,
  type Freeze,
  type FreezeTimes,
  heldBy,
  holdAt,
  intervalsOf,
  scheduleOf,
  timesProblems,
} from '../../../worker/calendar/freeze.ts';
import { matchesGlob } from '../../../worker/calendar/glob.ts';
import { merged } from '../../../worker/calendar/intervals.ts';

const at = (text: string): number => Date.parse(text);
const HERE = { pipeline: 'web-shop', stage: 'Release', calendar: undefined };

function aFreeze(when: FreezeTimes, overrides: Partial<Freeze> = {}): Freeze {
  return {
    id: 'f1',
    name: 'a freeze',
    calendar: 'default',
    scope: { pipelines: [], stages: [] },
    when,
    ...overrides,
  };
}

function spans(when: FreezeTimes, from: string, to: string): string[] {
  return intervalsOf(when, { from: at(from), to: at(to) }).map(
    (span) => `${new Date(span.from).toISOString().slice(0, 16)} ${new Date(span.to).toISOString().slice(0, 16)}`,
  );
}

const CHRISTMAS = {
  kind: 'once' as const,
  from: at('2026-12-22T00:00Z'),
  to: at('2027-01-05T00:00Z'),
} satisfies FreezeTimes;
const WEEKEND = {
  kind: 'weekly' as const,
  windows: [{ from: 'FRI 16:00', to: 'MON 08:00' }],
  timezone: 'Europe/Berlin',
} satisfies FreezeTimes;
const NIGHT = {
  kind: 'cron' as const,
  cron: '0 22 * * *',
  durationMinutes: 8 * 60,
  timezone: 'Europe/Berlin',
} satisfies FreezeTimes;

describe('a freeze holds', () => {
  it('from its beginning until just before its end', () => {
    const freezes = [aFreeze(CHRISTMAS)];
    expect(holdAt(freezes, HERE, at('2026-12-22T00:00Z') - 1)).toBeUndefined();
    expect(holdAt(freezes, HERE, at('2026-12-22T00:00Z'))).toMatchObject({ until: at('2027-01-05T00:00Z') });
    expect(holdAt(freezes, HERE, at('2027-01-05T00:00Z') - 1)).toBeDefined();
    expect(holdAt(freezes, HERE, at('2027-01-05T00:00Z'))).toBeUndefined();
  });

  it('until those that follow without a gap have ended too', () => {
    const after = aFreeze({ kind: 'once', from: at('2027-01-04T00:00Z'), to: at('2027-01-09T00:00Z') }, { id: 'f2' });
    expect(holdAt([aFreeze(CHRISTMAS), after], HERE, at('2026-12-24T00:00Z'))).toMatchObject({
      freezes: [{ id: 'f1' }],
      until: at('2027-01-09T00:00Z'),
    });
  });

  it('where its scope says, by name or glob', () => {
    const of = (pipelines: string[], stages: string[]): Freeze =>
      aFreeze(CHRISTMAS, { scope: { pipelines, stages } });
    expect(applies(of([], []), HERE)).toBe(true);
    expect(applies(of(['web-*'], []), HERE)).toBe(true);
    expect(applies(of(['api', 'web-shop'], ['Release']), HERE)).toBe(true);
    expect(applies(of(['web'], []), HERE)).toBe(false);
    expect(applies(of(['web-*'], ['Build']), HERE)).toBe(false);
  });

  it('for its own calendar, or for all of them', () => {
    const finance = aFreeze(CHRISTMAS, { calendar: 'finance' });
    expect(applies(finance, HERE)).toBe(true);
    expect(applies(finance, { ...HERE, calendar: 'finance' })).toBe(true);
    expect(applies(finance, { ...HERE, calendar: 'default' })).toBe(false);
  });
});

describe('a freeze that recurs', () => {
  it('lasts every night, also in the one that began yesterday', () => {
    expect(holdAt([aFreeze(NIGHT)], HERE, at('2026-11-25T01:00Z'))).toMatchObject({ until: at('2026-11-25T05:00Z') });
    expect(holdAt([aFreeze(NIGHT)], HERE, at('2026-11-25T05:00Z'))).toBeUndefined();
  });

  it('lasts every weekend, by the clocks on the wall', () => {
    expect(spans(WEEKEND, '2026-03-25T00:00Z', '2026-04-04T00:00Z')).toEqual([
      '2026-03-27T15:00 2026-03-30T06:00', // an hour shorter: the clocks are set forward
      '2026-04-03T14:00 2026-04-06T06:00',
    ]);
    expect(spans(WEEKEND, '2026-10-23T00:00Z', '2026-10-27T00:00Z')).toEqual(['2026-10-23T14:00 2026-10-26T07:00']);
  });

  it('a window within one day, and one that spans all but an hour of the week', () => {
    const short: FreezeTimes = { kind: 'weekly', windows: [{ from: 'TUE 09:00', to: 'TUE 10:30' }], timezone: 'UTC' };
    expect(spans(short, '2026-11-22T00:00Z', '2026-11-29T00:00Z')).toEqual(['2026-11-24T09:00 2026-11-24T10:30']);
    const long: FreezeTimes = { kind: 'weekly', windows: [{ from: 'TUE 10:00', to: 'TUE 09:00' }], timezone: 'UTC' };
    expect(spans(long, '2026-11-24T09:00Z', '2026-11-24T10:00Z')).toEqual([]);
    expect(spans(long, '2026-11-24T08:59Z', '2026-11-24T09:00Z')).toEqual(['2026-11-17T10:00 2026-11-24T09:00']);
  });

  it('does not leave out what would begin in the hour that the clocks leave out', () => {
    const early: FreezeTimes = { kind: 'cron', cron: '30 2 * * *', durationMinutes: 60, timezone: 'Europe/Berlin' };
    expect(spans(early, '2026-03-29T00:00Z', '2026-03-29T12:00Z')).toEqual(['2026-03-29T01:00 2026-03-29T02:00']);
    expect(spans(early, '2026-10-25T00:00Z', '2026-10-25T12:00Z')).toEqual(['2026-10-25T00:30 2026-10-25T02:30']);
  });

  it('has an end as far as one looks, even if it has none', () => {
    const always: FreezeTimes = { kind: 'cron', cron: '0 0 * * *', durationMinutes: 24 * 60, timezone: 'UTC' };
    const hold = holdAt([aFreeze(always)], HERE, at('2026-11-25T12:00Z'));
    expect(hold?.until).toBeGreaterThan(at('2026-12-25T12:00Z'));
  });
});

describe('what a preview shows', () => {
  it('is merged over all freezes, and cut off at its bounds', () => {
    const bounds = { from: at('2026-12-18T00:00Z'), to: at('2026-12-23T00:00Z') };
    const names = { WEEKEND, CHRISTMAS, NIGHT };
    const freezes = Object.entries(names).map(([name, when]) => aFreeze(when, { name }));
    const elsewhere = aFreeze(CHRISTMAS, { scope: { pipelines: ['api'], stages: [] } });
    const over = aFreeze({ kind: 'once', from: 1, to: 2 });
    const held = heldBy(scheduleOf([...freezes, elsewhere, over], bounds), HERE);
    expect(held.freezes.map(({ name }) => name)).toEqual(['WEEKEND', 'CHRISTMAS', 'NIGHT']);
    expect(held.intervals.map(({ from, to }) => [new Date(from).toISOString(), new Date(to).toISOString()])).toEqual([
      ['2026-12-18T00:00:00.000Z', '2026-12-18T05:00:00.000Z'],
      ['2026-12-18T15:00:00.000Z', '2026-12-21T07:00:00.000Z'],
      ['2026-12-21T21:00:00.000Z', '2026-12-23T00:00:00.000Z'],
    ]);
  });

  it('merges what touches', () => {
    expect(
      merged([
        { from: 5, to: 6 },
        { from: 1, to: 3 },
        { from: 3, to: 4 },
        { from: 2, to: 3 },
      ]),
    ).toEqual([
      { from: 1, to: 4 },
      { from: 5, to: 6 },
    ]);
  });
});

describe('globs', () => {
  it.each([
    ['web-shop', 'web-shop', true],
    ['web-shop', 'web-*', true],
    ['web-shop', '*', true],
    ['web-shop', '*shop', true],
    ['web-shop', 'w*b*p', true],
    ['web-shop', 'web?shop', true],
    ['web-shop', 'web', false],
    ['web-shop', 'shop', false],
    ['web-shop', 'web-shop?', false],
    ['web.shop', 'web?shop', true],
    ['webxshop', 'web.shop', false],
    ['', '*', true],
    ['a', '', false],
    ['a'.repeat(100), `${'*a'.repeat(40)}b`, false],
  ])('%s and %s: %s', (name, glob, expected) => {
    expect(matchesGlob(name, glob)).toBe(expected);
  });
});

describe('times that are none', () => {
  const wrong: readonly (readonly [FreezeTimes, readonly (readonly (string | number)[])[]])[] = [
    [{ kind: 'once', from: 2, to: 2 }, [['to']]],
    [{ ...NIGHT, cron: 'nonsense', timezone: 'Mars' }, [['cron'], ['timezone']]],
    [{ ...NIGHT, cron: '* * * * *' }, [['cron']]],
    [
      { ...WEEKEND, windows: [{ from: 'FRY 16:00', to: 'MON 25:00' }] },
      [
        ['windows', 0, 'from'],
        ['windows', 0, 'to'],
      ],
    ],
    [{ ...WEEKEND, windows: [{ from: 'FRI 16:00', to: 'FRI 16:00' }] }, [['windows', 0, 'to']]],
    [WEEKEND, []],
    [NIGHT, []],
    [CHRISTMAS, []],
  ];
  it.each(wrong)('%j', (when, paths) => {
    expect(timesProblems(when).map(({ path }) => path)).toEqual(paths);
  });
});
