import { parseCron } from '../calendar/cron.ts';
import { zone } from '../calendar/time-zone.ts';

/** What is wrong with a cron expression, as the end of a sentence about it. */
export function cronProblem(expression: string): string | undefined {
  const parsed = parseCron(expression);
  return parsed.ok ? undefined : parsed.message;
}

export function isTimeZone(name: string): boolean {
  return zone(name) !== undefined;
}
