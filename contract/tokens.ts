import { z } from 'zod';
import { EntityName } from './names.ts';

export const TokenKind = z.enum(['service', 'user', 'runner', 'registration']);

/** What somebody may do in a tenant, each more than the one before it. */
const TokenRole = z.enum(['viewer', 'operator', 'maintainer', 'admin', 'owner']);

const TokenScope = z
  .string()
  .max(50)
  .meta({ examples: ['execution:start', 'execution:*', '*:read'] });

export const CreateToken = z
  .strictObject({
    name: z.string().min(1).max(100),
    kind: TokenKind.default('service').describe(
      'service: a program with a role of its own. user: you, with the rights that you have at the time. runner: connects ' +
        'runners. registration: registers one runner, within ten minutes.',
    ),
    role: TokenRole.optional().describe(
      'Of a service token; yours if left out, admin at most. Never more than yours.',
    ),
    scopes: z
      .array(TokenScope)
      .min(1)
      .max(50)
      .optional()
      .describe('Of a service or user token: what it may be used for. They take away, and never add.'),
    pipelines: z
      .array(EntityName)
      .min(1)
      .max(50)
      .optional()
      .describe('Of a service or user token: the pipelines it may be used for, and for nothing else in the tenant.'),
    expiresInDays: z.int().min(1).max(365).optional().describe('90 if left out.'),
  })
  .meta({ id: 'CreateToken' });
export type CreateToken = z.infer<typeof CreateToken>;

export const RotateToken = z
  .strictObject({
    overlapHours: z
      .number()
      .min(0)
      .max(168)
      .default(24)
      .describe('How long the old text works on beside the new one.'),
  })
  .meta({ id: 'RotateToken' });

export const Token = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: TokenKind,
    role: TokenRole.nullable().describe('Of a service token.'),
    scopes: z.array(z.string()).nullable().describe('null: everything that its role or its person may.'),
    pipelines: z.array(z.string()).nullable().describe('null: all of them.'),
    createdAt: z.string(),
    createdBy: z.string(),
    expiresAt: z.string(),
    lastUsedAt: z.string().nullable().describe('Within the hour.'),
    usedAt: z.string().nullable().describe('Of a registration token: it is used up.'),
    rotatedTo: z.string().nullable().describe('The token that takes its place.'),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;

export const CreatedToken = Token.extend({ token: z.string().describe('Shown this once.') }).meta({
  id: 'CreatedToken',
});
export type CreatedToken = z.infer<typeof CreatedToken>;

export const RegisterRunner = z
  .strictObject({ name: z.string().min(1).max(100).describe('How the token is listed, like the name of the host.') })
  .meta({ id: 'RegisterRunner' });

export const RegisteredRunner = z
  .object({
    runner: z.string().describe('What the runner calls itself by: its token is for this identity alone.'),
    token: z.string().describe('Shown this once.'),
    expiresAt: z.string(),
  })
  .meta({ id: 'RegisteredRunner' });
export type RegisteredRunner = z.infer<typeof RegisteredRunner>;

export const Me = z
  .object({
    actor: z.object({ kind: z.enum(['person', 'token']), id: z.string(), name: z.string() }),
    tenant: z.object({ id: z.string(), name: z.string(), slug: z.string() }),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;
