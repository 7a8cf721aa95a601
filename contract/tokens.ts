import { z } from 'zod';

export const TokenKind = z.enum(['service', 'user', 'runner', 'registration']);

export const CreateToken = z
  .strictObject({
    name: z.string().min(1).max(100),
    kind: TokenKind.extract(['service', 'runner']).default('service'),
  })
  .meta({ id: 'CreateToken' });

export const Token = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: TokenKind,
    createdAt: z.string(),
    createdBy: z.string(),
    expiresAt: z.string(),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;

export const CreatedToken = Token.extend({ token: z.string().describe('Shown this once.') }).meta({
  id: 'CreatedToken',
});

export const Me = z
  .object({
    actor: z.object({ kind: z.enum(['person', 'token']), id: z.string(), name: z.string() }),
    tenant: z.object({ id: z.string(), name: z.string(), slug: z.string() }),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;
