import { z } from 'zod';

const Timestamp = z.string().describe('ISO 8601, UTC.');
const Next = z.array(Timestamp).readonly().describe('The next ten firings, the first one first.');

export const ScheduleView = z
  .object({
    name: z.string(),
    cron: z.string(),
    timezone: z.string(),
    enabled: z.boolean(),
    variables: z.record(z.string(), z.string()).describe('What its executions start with.'),
    last: z
      .object({
        dueAt: Timestamp,
        at: Timestamp.describe('Later than it was due, if it was missed.'),
        execution: z.object({ id: z.string(), number: z.int() }).nullable(),
        problem: z.string().nullable().describe('Why it started no execution.'),
      })
      .nullable()
      .describe('The last firing, and what came of it; null: it has never fired.'),
    next: Next,
  })
  .meta({ id: 'Schedule' });
export type ScheduleView = z.infer<typeof ScheduleView>;

export const SchedulePreview = z
  .object({ cron: z.string(), timezone: z.string(), next: Next })
  .meta({ id: 'SchedulePreview' });
export type SchedulePreview = z.infer<typeof SchedulePreview>;
