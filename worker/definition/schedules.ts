import type { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import type { ScheduleOrder } from '../calendar/schedule.ts';

/** What a definition has to say about its schedules, with nothing left out. */
export function schedulesOf({ triggers = [] }: PipelineDefinition): readonly ScheduleOrder[] {
  return triggers.flatMap(({ schedule }) => {
    if (schedule === undefined) return [];
    const { name, cron, timezone, enabled = true, variables = {} } = schedule;
    return [{ name, cron, timezone, isEnabled: enabled, variables }];
  });
}
