import { z } from 'zod';

export const MemberRole = z
  .enum(['viewer', 'operator', 'maintainer', 'admin', 'owner'])
  .describe('Each may do what the one before it may, and more.')
  .meta({ id: 'MemberRole' });
export type MemberRole = z.infer<typeof MemberRole>;

/** What a grant may give: it opens a pipeline and nothing of the tenant, so admin and owner would add nothing. */
export const GrantRole = z.enum(['viewer', 'operator', 'maintainer']).meta({ id: 'GrantRole' });
export type GrantRole = z.infer<typeof GrantRole>;

export const Member = z
  .object({
    id: z.string().describe('The id of the person.'),
    name: z.string(),
    email: z.string(),
    role: MemberRole,
    joinedAt: z.string(),
    hasSecondFactor: z.boolean(),
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof Member>;

export const ChangeMember = z.strictObject({ role: MemberRole }).meta({ id: 'ChangeMember' });

export const Grant = z
  .object({
    pipeline: z.string(),
    role: GrantRole,
    createdAt: z.string(),
    createdBy: z.string(),
  })
  .meta({ id: 'Grant' });
export type Grant = z.infer<typeof Grant>;

export const SetGrant = z.strictObject({ role: GrantRole }).meta({ id: 'SetGrant' });
