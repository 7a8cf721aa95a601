import { z } from 'zod';
import { EntityName } from './names.ts';

const Timestamp = z.string().describe('ISO 8601, UTC.');
const Moment = z.iso.datetime({ offset: true, error: 'must be a moment like 2026-12-22T00:00:00Z' });
const TimeZone = z.string().max(64).default('UTC').describe('Whose clocks are meant: Europe/Berlin, UTC, UTC+02:00.');
const WeekTime = z.string().max(20).describe('A day and a time, like FRI 16:00.');

export const FreezeTimes = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('once'), from: Moment, to: Moment }),
    z.strictObject({
      kind: z.literal('cron'),
      cron: z
        .string()
        .max(200)
        .describe('When it begins, each time: minute hour day-of-month month day-of-week, or six fields of Quartz.'),
      durationMinutes: z
        .int()
        .min(1)
        .max(31 * 24 * 60),
      timezone: TimeZone,
    }),
    z.strictObject({
      kind: z.literal('weekly'),
      windows: z
        .array(z.strictObject({ from: WeekTime, to: WeekTime }))
        .min(1)
        .max(14),
      timezone: TimeZone,
    }),
  ])
  .describe('Once, from time to time, or every week.');
export type FreezeTimes = z.infer<typeof FreezeTimes>;

const Globs = z.array(z.string().min(1).max(100)).max(100).default([]);

export const SaveFreeze = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    reason: z.string().max(500).default(''),
    calendar: EntityName.default('default').describe('Freeze rules may ask for the entries of one calendar.'),
    scope: z
      .strictObject({
        pipelines: Globs.describe('Names, or globs with * and ?; empty: every pipeline.'),
        stages: Globs.describe('Likewise.'),
      })
      .default({ pipelines: [], stages: [] }),
    when: FreezeTimes,
  })
  .meta({ id: 'SaveFreeze' });
export type SaveFreeze = z.infer<typeof SaveFreeze>;

const Span = z.object({ from: Timestamp, to: Timestamp });

export const Freeze = SaveFreeze.extend({
  id: z.string(),
  createdAt: Timestamp,
  createdBy: z.string(),
  updatedAt: Timestamp,
  updatedBy: z.string(),
  isActive: z.boolean().describe('Does it last right now?'),
  next: Span.nullable().describe('The time that it lasts now or will next, within the next year; null: it is over.'),
}).meta({ id: 'Freeze' });
export type Freeze = z.infer<typeof Freeze>;

export const PreviewFreeze = z
  .strictObject({
    freeze: SaveFreeze.describe('An entry that need not be saved.'),
    from: Moment.optional().describe('Now, if left out.'),
    to: Moment.optional().describe('30 days later, if left out.'),
  })
  .meta({ id: 'PreviewFreeze' });

/** Bounds in a query; the body's twin. */
export const PreviewQuery = z.object({
  from: Moment.optional().describe('Now, if left out.'),
  to: Moment.optional().describe('30 days later, if left out.'),
});

export const FreezePreview = z
  .object({
    from: Timestamp,
    to: Timestamp,
    held: z
      .array(
        z.object({
          pipeline: z.string(),
          stage: z.string(),
          place: z.enum(['beforeEntry', 'onSuccess', 'onFailure']),
          rule: z.string(),
          otherwise: z
            .enum(['FAIL', 'SKIP', 'WAIT', 'RETRY', 'ROLLBACK'])
            .describe('What happens to an execution that comes there meanwhile.'),
          when: z.array(Span).describe('Merged, oldest first.'),
          freezes: z.array(z.string()).describe('Names of the entries that hold it.'),
        }),
      )
      .describe('Stages with a Freeze rule that does not hold for some of the time.'),
    isComplete: z.boolean().describe('false: there are more pipelines than one preview looks at.'),
  })
  .meta({ id: 'FreezePreview' });
export type FreezePreview = z.infer<typeof FreezePreview>;
