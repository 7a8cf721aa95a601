import { z } from 'zod';

export const Tenant = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    createdAt: z.iso.datetime(),
    closing: z
      .object({ deleteAt: z.iso.datetime(), requestedAt: z.iso.datetime(), requestedBy: z.string() })
      .nullable()
      .describe('Nothing can be started any more, and after `deleteAt` everything is deleted.'),
  })
  .meta({ id: 'Tenant' });
export type Tenant = z.infer<typeof Tenant>;

export const RenameTenant = z.strictObject({ name: z.string().trim().min(1).max(100) }).meta({ id: 'RenameTenant' });
export type RenameTenant = z.infer<typeof RenameTenant>;

export const CloseTenant = z
  .strictObject({ slug: z.string().describe("The tenant's own, so that nobody deletes another than they mean.") })
  .meta({ id: 'CloseTenant' });
export type CloseTenant = z.infer<typeof CloseTenant>;
