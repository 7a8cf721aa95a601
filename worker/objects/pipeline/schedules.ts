import {
  afterFiring,
  dueFiring,
  type Firing,
  isDue,
  keepClocks,
  type ScheduleOrder,
  type ScheduleState,
} from '../../calendar/schedule.ts';
import type { ExecutionId, Instant } from '../../engine/ids.ts';
import { earliest } from '../durable.ts';
import type { StartExecution } from './pipeline-orders.ts';
import type { Head } from './pipeline-store.ts';

/** CodePipeline's word for executions that an EventBridge rule has started. */
const TRIGGER_TYPE = 'CloudWatchEvent';
/** What fires later than this was missed. */
const LATE_MS = 60_000;

/** A firing that is to be made now. */
export interface DueFiring {
  readonly schedule: ScheduleState;
  readonly dueAt: Instant;
  readonly at: Instant;
}

/** The head with the schedules of a newly saved definition. The same one, if that changes nothing. */
export function withSchedules(head: Head, wanted: readonly ScheduleOrder[], now: Instant): Head {
  const known = head.schedules ?? [];
  const schedules = keepClocks(known, wanted, now);
  return schedules === known ? head : { ...head, schedules };
}

export function firingNow({ schedules = [] }: Head, name: string, at: Instant): DueFiring | undefined {
  const schedule = schedules.find((one) => one.name === name);
  const dueAt = schedule === undefined ? undefined : dueFiring(schedule, at);
  return schedule === undefined || dueAt === undefined ? undefined : { schedule, dueAt, at };
}

/** The schedule has fired, and this is what came of it. */
export function withFiring(head: Head, due: DueFiring, outcome: Pick<Firing, 'execution' | 'problem'>): Head {
  const { dueAt, at } = due;
  const { execution, problem } = outcome;
  const firing: Firing = {
    dueAt,
    at,
    ...(execution === undefined ? {} : { execution: { id: execution.id, number: execution.number } }),
    ...(problem === undefined ? {} : { problem }),
  };
  const schedules = head.schedules?.map((one) =>
    one.name === due.schedule.name ? afterFiring(due.schedule, firing) : one,
  );
  return { ...head, ...(schedules === undefined ? {} : { schedules }) };
}

/** The same firing is the same start, however often it is made. */
export function scheduledStart({ schedule, dueAt, at }: DueFiring, id: ExecutionId): StartExecution {
  const { name, variables } = schedule;
  const due = `"${name}" was due at ${new Date(dueAt).toISOString().replace('.000', '')}`;
  const key = `schedule:${name}:${dueAt}`;
  return {
    id,
    variables,
    revisions: {},
    trigger: {
      type: TRIGGER_TYPE,
      by: `schedule ${name}`,
      detail: at - dueAt > LATE_MS ? `${due}; it was missed, and caught up.` : `${due}.`,
    },
    key,
    fingerprint: key,
  };
}

/** The first firing after `after`; what is due already is under way and not counted. */
export function nextFiringAt(head: Head | undefined, after: Instant): Instant | undefined {
  const waiting = head?.schedules?.filter((schedule) => !isDue(schedule, after)) ?? [];
  return earliest(...waiting.map(({ nextAt }) => nextAt));
}
