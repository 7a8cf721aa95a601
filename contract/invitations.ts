import { z } from 'zod';
import { MemberRole } from './members.ts';

export const CreateInvitation = z
  .strictObject({
    email: z.email().max(254),
    role: MemberRole,
    expiresInDays: z.int().min(1).max(30).default(7),
  })
  .meta({ id: 'CreateInvitation' });
export type CreateInvitation = z.infer<typeof CreateInvitation>;

export const Invitation = z
  .object({
    id: z.string(),
    email: z.string(),
    role: MemberRole,
    createdAt: z.string(),
    createdBy: z.string(),
    expiresAt: z.string(),
    isExpired: z.boolean(),
    link: z.string().describe('For the invited person alone: it works with their address and nobody else’s.'),
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.infer<typeof Invitation>;

export const CreatedInvitation = Invitation.extend({
  isMailed: z.boolean().describe('false: this installation could not send it, so hand over the link yourself.'),
}).meta({ id: 'CreatedInvitation' });
export type CreatedInvitation = z.infer<typeof CreatedInvitation>;

/** What the one who has the link is shown. */
export const InvitationView = z
  .object({
    id: z.string(),
    tenant: z.string(),
    email: z.string(),
    role: MemberRole,
    createdBy: z.string(),
    expiresAt: z.string(),
  })
  .meta({ id: 'InvitationView' });
export type InvitationView = z.infer<typeof InvitationView>;
