import { zone, type Zone } from './time-zone.ts';
import { firings, lastFiring, nextFiring, parseTiming, type Timing } from './timing.ts';

/** What a schedule is to be; moments are milliseconds since the Unix epoch. */
export interface ScheduleOrder {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly isEnabled: boolean;
  readonly variables: Readonly<Record<string, string>>;
}

/** A schedule with its clock. */
export interface ScheduleState extends ScheduleOrder {
  /** From when on it counts. */
  readonly since: number;
  /** Absent: it fires no more. */
  readonly nextAt?: number;
  readonly last?: Firing;
}

/** The last firing, and what came of it: an execution, or a reason why there is none. */
export interface Firing {
  readonly dueAt: number;
  readonly at: number;
  readonly execution?: { readonly id: string; readonly number: number };
  readonly problem?: string;
}

/**
 * The schedules of a new version: an unchanged one keeps its clock, one that is new or has other times counts from now on, and what is
 * not wanted any more is forgotten. Nothing changed: `known` itself.
 */
export function keepClocks(
  known: readonly ScheduleState[],
  wanted: readonly ScheduleOrder[],
  now: number,
): readonly ScheduleState[] {
  const next = wanted.map((order): ScheduleState => {
    const old = known.find(({ name }) => name === order.name);
    const { since, nextAt, last } =
      old !== undefined && hasSameTimes(old, order) ? old : begun(order, now, old?.last);
    return {
      ...order,
      since,
      ...(nextAt === undefined ? {} : { nextAt }),
      ...(last === undefined ? {} : { last }),
    };
  });
  const isSame = next.length === known.length && next.every((one, index) => isEqual(one, known[index]));
  return isSame ? known : next;
}

/** The firing that is to be made now. Of several that were missed it is the latest: what they would have done is done once. */
export function dueFiring(state: ScheduleState, now: number): number | undefined {
  const { nextAt, since } = state;
  if (nextAt === undefined || nextAt > now) return undefined;
  const clock = clockOf(state);
  return (clock && lastFiring(clock.timing, clock.where, { from: nextAt, at: now, since })) ?? nextAt;
}

export function isDue({ nextAt }: ScheduleState, now: number): boolean {
  return nextAt !== undefined && nextAt <= now;
}

/** It has fired, and goes on with the first firing after that. */
export function afterFiring(state: ScheduleState, firing: Firing): ScheduleState {
  const { nextAt: _, ...others } = state;
  const next = nextOf(state, firing.at, state.since);
  return { ...others, ...(next === undefined ? {} : { nextAt: next }), last: firing };
}

/** The next few firings; of a disabled schedule none. */
export function upcoming(state: ScheduleState, now: number, count: number): readonly number[] {
  const { nextAt, since } = state;
  const clock = clockOf(state);
  if (nextAt === undefined || clock === undefined) return [];
  return firings(clock.timing, clock.where, now, since, count);
}

/** Of a schedule that would be made now. */
export function firingsOf(
  order: Pick<ScheduleOrder, 'cron' | 'timezone'>,
  now: number,
  count: number,
): readonly number[] {
  const clock = clockOf(order);
  return clock === undefined ? [] : firings(clock.timing, clock.where, now, now, count);
}

function begun(
  order: ScheduleOrder,
  now: number,
  last: Firing | undefined,
): Omit<ScheduleState, keyof ScheduleOrder> {
  const nextAt = order.isEnabled ? nextOf(order, now, now) : undefined;
  return {
    since: now,
    ...(nextAt === undefined ? {} : { nextAt }),
    ...(last === undefined ? {} : { last }),
  };
}

function nextOf(order: ScheduleOrder, after: number, since: number): number | undefined {
  const clock = clockOf(order);
  return clock === undefined ? undefined : nextFiring(clock.timing, clock.where, after, since);
}

/** Undefined: what was checked when it was saved is not understood any more. */
function clockOf({
  cron,
  timezone,
}: Pick<ScheduleOrder, 'cron' | 'timezone'>): { readonly timing: Timing; readonly where: Zone } | undefined {
  const parsed = parseTiming(cron);
  const where = zone(timezone);
  return parsed.ok && where !== undefined ? { timing: parsed.timing, where } : undefined;
}

function hasSameTimes(one: ScheduleOrder, other: ScheduleOrder): boolean {
  return one.cron === other.cron && one.timezone === other.timezone && one.isEnabled === other.isEnabled;
}

function isEqual(one: ScheduleState, other: ScheduleState | undefined): boolean {
  return other !== undefined && other.name === one.name && hasSameTimes(one, other) && sameVariables(one, other);
}

function sameVariables(one: ScheduleOrder, other: ScheduleOrder): boolean {
  const [mine, theirs] = [one, other].map(({ variables }) => JSON.stringify(Object.entries(variables).sort()));
  return mine === theirs;
}
