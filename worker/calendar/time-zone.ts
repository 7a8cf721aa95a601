const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How far a zone's clocks are ahead of UTC at a moment; `at` and the answer in milliseconds. */
export interface Zone {
  readonly name: string;
  readonly offsetAt: (at: number) => number;
}

/**
 * A date and a time of day as the clocks of some zone show it: the milliseconds that they would be in UTC. Not a moment: there
 * may be none or two of them for it.
 */
export type WallTime = number;

/**
 * `Region/City` as in the IANA database, `UTC±HH:MM`, or an abbreviation that ICU knows; nothing is UTC (user guide,
 * "DeploymentWindow"). Undefined: there is no such zone.
 */
export function zone(text: string): Zone | undefined {
  const name = text.trim() === '' ? 'UTC' : text.trim();
  const fixed = /^UTC(?:([+-])(\d{2}):?(\d{2}))?$/i.exec(name);
  if (fixed !== null) {
    const [, sign, hours = '0', minutes = '0'] = fixed;
    const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS * (sign === '-' ? -1 : 1);
    return Math.abs(offset) <= 18 * 60 * MINUTE_MS && Number(minutes) < 60
      ? { name, offsetAt: () => offset }
      : undefined;
  }
  return named(name);
}

export function wallTime(at: number, { offsetAt }: Zone): WallTime {
  return at + offsetAt(at);
}

/** When the clocks show `wall`: once as a rule, twice when they are set back over it, never when they are set forward over it. */
export function momentsOf(wall: WallTime, { offsetAt }: Zone): readonly number[] {
  // Clocks are never set twice within two days, so these are all the offsets that come into question.
  const before = wall - offsetAt(wall - DAY_MS);
  const after = wall - offsetAt(wall + DAY_MS);
  const moments = before === after ? [before] : [Math.min(before, after), Math.max(before, after)];
  return moments.filter((at) => at + offsetAt(at) === wall);
}

/** The same, but a time that the clocks leave out counts as the moment at which they are set forward over it. */
export function momentsOfOrGap(wall: WallTime, zone: Zone): readonly number[] {
  const moments = momentsOf(wall, zone);
  if (moments.length > 0) return moments;
  let before = wall - zone.offsetAt(wall + DAY_MS);
  let after = wall - zone.offsetAt(wall - DAY_MS);
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (wallTime(middle, zone) < wall) before = middle;
    else after = middle;
  }
  return [after];
}

/** Is the offset the same throughout the day that begins at `midnight`? */
export function isPlainDay(midnight: WallTime, { offsetAt }: Zone): boolean {
  return offsetAt(midnight - DAY_MS) === offsetAt(midnight + 2 * DAY_MS);
}

const zones = new Map<string, Zone | undefined>();
/** Names come from users, so what is remembered must not grow with what they think of. */
const ZONES_MAX = 100;
const OFFSETS_MAX = 5_000;

function named(name: string): Zone | undefined {
  if (!/^[A-Za-z][A-Za-z0-9+_/-]*$/.test(name)) return undefined;
  if (zones.has(name)) return zones.get(name);
  if (zones.size >= ZONES_MAX) zones.clear();
  const clock = makeClock(name);
  const found = clock === undefined ? undefined : { name, offsetAt: offsets(clock) };
  zones.set(name, found);
  return found;
}

/** Asking Intl takes microseconds, and a calendar asks about the same midnights over and over. Clocks are set on whole minutes. */
function offsets(clock: Intl.DateTimeFormat): Zone['offsetAt'] {
  const known = new Map<number, number>();
  return (at) => {
    const minute = Math.floor(at / MINUTE_MS);
    const offset = known.get(minute);
    if (offset !== undefined) return offset;
    if (known.size >= OFFSETS_MAX) known.clear();
    const start = minute * MINUTE_MS;
    const found = shownBy(clock, start) - start;
    known.set(minute, found);
    return found;
  };
}

function makeClock(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}

function shownBy(clock: Intl.DateTimeFormat, at: number): WallTime {
  const shown: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(at)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
