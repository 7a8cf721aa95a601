import { z } from 'zod';

export const MintIdToken = z
  .strictObject({
    audience: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[\x21-\x7e]+$/, 'may hold printable ASCII characters without spaces')
      .describe('Who is to believe the token, like sts.amazonaws.com. There is no default.'),
  })
  .meta({ id: 'MintIdToken' });
export type MintIdToken = z.infer<typeof MintIdToken>;

export const IdToken = z
  .object({ token: z.string().describe('A signed JSON Web Token.'), expiresAt: z.iso.datetime() })
  .meta({ id: 'IdToken' });
export type IdToken = z.infer<typeof IdToken>;
