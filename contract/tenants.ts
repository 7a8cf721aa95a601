import { z } from 'zod';
import { MemberRole } from './members.ts';

export const CreateTenant = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    slug: z
      .string()
      .min(2)
      .max(40)
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'may hold small letters, digits and single dashes between them')
      .describe('A short name that no other tenant of this installation has.'),
  })
  .meta({ id: 'CreateTenant' });
export type CreateTenant = z.infer<typeof CreateTenant>;

export const Membership = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    role: MemberRole,
    isActive: z.boolean().describe('The one that this session is for.'),
  })
  .meta({ id: 'Membership' });
export type Membership = z.infer<typeof Membership>;

/** How people get in here: what the operator of this installation has set up. */
export const AuthMethods = z
  .object({
    signUp: z.enum(['open', 'closed']).describe('closed: with an invitation only.'),
    github: z.boolean(),
    google: z.boolean(),
    passkey: z.boolean(),
    passwordReset: z.boolean().describe('Whether this installation can send mail.'),
    verifyEmail: z.boolean().describe('Whether an address must be confirmed before its owner can sign in.'),
  })
  .meta({ id: 'AuthMethods' });
export type AuthMethods = z.infer<typeof AuthMethods>;
