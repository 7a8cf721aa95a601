import { z } from 'zod';
import { GrantRole } from './members.ts';

/** A name as mail addresses end in: letters, digits and dashes, at least one dot; other scripts in their ASCII form. */
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

export const SaveSignOn = z
  .strictObject({
    issuer: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .describe('As the provider calls itself, to the letter: what stands before /.well-known/openid-configuration.'),
    clientId: z.string().trim().min(1).max(500),
    clientSecret: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .describe('Left out: it stays as it is. Needed at first, and whenever issuer or client change.'),
    defaultRole: GrantRole.default('viewer').describe('Of people who come for the first time.'),
    isRequired: z
      .boolean()
      .default(false)
      .describe(
        'Whether members with an address in a proven domain must sign on to reach this tenant. Owners need not.',
      ),
  })
  .meta({ id: 'SaveSignOn' });
export type SaveSignOn = z.infer<typeof SaveSignOn>;

export const SignOnDomain = z
  .object({
    domain: z.string(),
    record: z.string().describe('The text that a TXT record of the domain must hold.'),
    provenAt: z.string().nullable().describe('Null: not proven, or another tenant has proven it since.'),
  })
  .meta({ id: 'SignOnDomain' });
export type SignOnDomain = z.infer<typeof SignOnDomain>;

export const AddSignOnDomain = z
  .strictObject({
    domain: z.string().trim().toLowerCase().regex(DOMAIN, 'must be a domain like example.com'),
  })
  .meta({ id: 'AddSignOnDomain' });

export const SignOn = z
  .object({
    connection: z
      .object({
        issuer: z.string(),
        clientId: z.string(),
        defaultRole: GrantRole,
        isRequired: z.boolean(),
        updatedAt: z.string(),
        updatedBy: z.string(),
      })
      .nullable()
      .describe('Null: not set up. The client secret is not told.'),
    redirectUrl: z.string().describe('What the provider must send people back to.'),
    domains: z.array(SignOnDomain),
  })
  .meta({ id: 'SignOn' });
export type SignOn = z.infer<typeof SignOn>;

export const SignOnTest = z
  .object({ authorizationEndpoint: z.string(), tokenEndpoint: z.string() })
  .meta({ id: 'SignOnTest' });
export type SignOnTest = z.infer<typeof SignOnTest>;

export const BeginSignOn = z
  .strictObject({
    email: z.email().max(254),
    returnTo: z
      .string()
      .max(500)
      .regex(/^\/(?![/\\])/, 'must be a path of this installation')
      .default('/'),
  })
  .meta({ id: 'BeginSignOn' });
export type BeginSignOn = z.infer<typeof BeginSignOn>;

export const BegunSignOn = z
  .object({ url: z.string().describe('Where the browser goes on.') })
  .meta({ id: 'BegunSignOn' });

/** Why somebody who came back from their provider was not let in: `error` in the address of the sign-in page. */
export const SignOnRefusal = z.enum([
  'sign_on_expired',
  'sign_on_failed',
  'sign_on_email',
  'sign_on_account_exists',
  'sign_on_removed',
  'sign_on_owner',
  'sign_on_other_identity',
  'sign_on_full',
]);
export type SignOnRefusal = z.infer<typeof SignOnRefusal>;
