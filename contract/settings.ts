import { z } from 'zod';

/** What a tenant may set for itself; whatever was never set has its default. */
export const Settings = z
  .object({
    archiveAfterDays: z
      .int()
      .min(1)
      .max(365)
      .default(7)
      .describe('So long an ended execution stays in its object; then it is archived, and can be read all the same.'),
    keepHistoryDays: z
      .int()
      .min(1)
      .max(3650)
      .default(365)
      .describe('So long after its end an execution is kept, with its logs; then it is deleted for good.'),
  })
  .meta({ id: 'Settings' });
export type Settings = z.infer<typeof Settings>;
export type SettingName = keyof Settings;

/** What is left out stays as it is. */
export const ChangeSettings = z
  .strictObject({
    archiveAfterDays: Settings.shape.archiveAfterDays.unwrap().optional(),
    keepHistoryDays: Settings.shape.keepHistoryDays.unwrap().optional(),
  })
  .meta({ id: 'ChangeSettings' });
export type ChangeSettings = z.infer<typeof ChangeSettings>;
