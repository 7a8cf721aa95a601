import { parseCron } from '../calendar/cron.ts';
import { zone } from '../calendar/time-zone.ts';
import { parseTiming } from '../calendar/timing.ts';

/** What is wrong with a cron expression, as the end of a sentence about it. */
export function cronProblem(expression: string): string | undefined {
  const parsed = parseCron(expression);
  return parsed.ok ? undefined : parsed.message;
}

/** The same of a schedule, which may also be spelt as EventBridge does. */
export function timingProblem(text: string): string | undefined {
  const parsed = parseTiming(text);
  return parsed.ok ? undefined : parsed.message;
}

export function isTimeZone(name: string): boolean {
  return zone(name) !== undefined;
}
