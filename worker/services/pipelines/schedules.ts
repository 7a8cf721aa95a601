import type { SchedulePreview, ScheduleView } from '../../../contract/schedules.ts';
import { type Firing, firingsOf, type ScheduleState, upcoming } from '../../calendar/schedule.ts';
import { isTimeZone, timingProblem } from '../../definition/time.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline, pipelineNotFound } from './find.ts';

const SHOWN = 10;

export async function listSchedules(ctx: ServiceContext, name: string): Promise<ScheduleView[]> {
  const { object } = await findPipeline(ctx, name);
  const schedules = await object.schedules(ctx.tenant.id);
  if (schedules === null) throw pipelineNotFound(name);
  const now = ctx.ports.clock.now();
  return schedules.map((schedule) => view(schedule, now));
}

/** When a schedule would fire that need not be saved. */
export function previewSchedule({ ports }: ServiceContext, cron: string, timezone: string): SchedulePreview {
  const problem = timingProblem(cron);
  const errors = [
    ...(problem === undefined ? [] : [{ path: 'cron', message: `The expression ${problem}.` }]),
    ...(isTimeZone(timezone) ? [] : [{ path: 'timezone', message: 'must be a time zone, like Europe/Berlin.' }]),
  ];
  if (errors.length > 0) throw new DomainError('validation_failed', 'This is no schedule.', { errors });
  return { cron, timezone, next: firingsOf({ cron, timezone }, ports.clock.now(), SHOWN).map(iso) };
}

function view(schedule: ScheduleState, now: number): ScheduleView {
  const { name, cron, timezone, isEnabled, variables, last } = schedule;
  return {
    name,
    cron,
    timezone,
    enabled: isEnabled,
    variables,
    last: last === undefined ? null : lastView(last),
    next: upcoming(schedule, now, SHOWN).map(iso),
  };
}

function lastView({ dueAt, at, execution, problem }: Firing): ScheduleView['last'] {
  return { dueAt: iso(dueAt), at: iso(at), execution: execution ?? null, problem: problem ?? null };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
