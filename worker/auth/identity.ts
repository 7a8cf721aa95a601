import { passkey } from '@better-auth/passkey';
import { APIError, betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { organization, twoFactor } from 'better-auth/plugins';
import { newId } from '../kernel/new-id.ts';
import { resetLetter, verifyLetter } from '../mail/letters.ts';
import type { Mail } from '../mail/mail.ts';
import type { Database } from '../storage/database.ts';
import { invitationQueries } from '../storage/invitations.ts';
import { memberQueries } from '../storage/members.ts';
import * as schema from '../storage/schema/identity.ts';
import { signOn } from './sign-on.ts';
import { type AccountEvent, watched } from './watch.ts';

export interface IdentityOptions {
  readonly db: Database;
  readonly secret: string;
  /** Where people reach this installation; cookies and passkeys are bound to it. */
  readonly baseUrl: string;
  /** Otherwise an account needs an invitation. */
  readonly isSignUpOpen: boolean;
  readonly mustVerifyEmail: boolean;
  /** Undefined: passwords cannot be reset and addresses not be confirmed. */
  readonly mail: Mail | undefined;
  readonly providers: Readonly<Partial<Record<Provider, ProviderKeys>>>;
  /** What an answer must not wait for: how long it takes would tell who has an account. */
  readonly inBackground: (promise: Promise<unknown>) => void;
  /** Told after the fact, and nobody waits for it. */
  readonly onAccountEvent: (event: AccountEvent) => void;
}

export type Provider = 'github' | 'google';

export interface ProviderKeys {
  readonly clientId: string;
  readonly clientSecret: string;
}

const RESET_SECONDS = 3600;

/**
 * Tenants are made and chosen through the library if one likes; who belongs to them and as what is our own API's alone, which knows
 * our roles. The library's answer to set-active holds all open invitations, and their ids are links.
 */
const OPEN_TENANT_PATHS = ['/organization/create', '/organization/list'];

/** People, their sessions and their tenants, by better-auth. An organization of the library is a tenant of ours. */
export function identity(options: IdentityOptions) {
  const { db, secret, baseUrl, mail, mustVerifyEmail } = options;
  const tenants = organization({ disableOrganizationDeletion: true });
  return betterAuth({
    appName: 'Millrace',
    baseURL: baseUrl,
    basePath: '/api/auth',
    secret,
    database: drizzleAdapter(db, { provider: 'sqlite', schema }),
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 12,
      requireEmailVerification: mustVerifyEmail,
      revokeSessionsOnPasswordReset: true,
      resetPasswordTokenExpiresIn: RESET_SECONDS,
      ...(mail === undefined
        ? {}
        : {
            sendResetPassword: async ({ user, token }) => {
              await mail.send(resetLetter(user.email, `${baseUrl}/reset-password?token=${token}`));
            },
          }),
    },
    emailVerification: {
      sendOnSignUp: mustVerifyEmail,
      sendOnSignIn: mustVerifyEmail,
      autoSignInAfterVerification: true,
      ...(mail === undefined
        ? {}
        : {
            sendVerificationEmail: async ({ user, token }) => {
              await mail.send(verifyLetter(user.email, `${baseUrl}/verify-email?token=${token}`));
            },
          }),
    },
    socialProviders: options.providers,
    session: { expiresIn: 7 * 24 * 3600, updateAge: 24 * 3600 },
    advanced: {
      database: { generateId: () => newId(26) },
      cookiePrefix: 'millrace',
      // The only one that Cloudflare itself writes; attempts are counted by address.
      ipAddress: { ipAddressHeaders: ['cf-connecting-ip'] },
      backgroundTasks: { handler: options.inBackground },
    },
    onAPIError: { errorURL: `${baseUrl}/sign-in` },
    telemetry: { enabled: false },
    plugins: [
      tenants,
      signOn(),
      twoFactor({ issuer: 'Millrace', allowPasswordless: true }),
      passkey({ rpID: new URL(baseUrl).hostname, rpName: 'Millrace', origin: baseUrl }),
      // The last: it tells what has come of the others.
      watched(options.onAccountEvent),
    ],
    disabledPaths: pathsOf(tenants.endpoints).filter((path) => !OPEN_TENANT_PATHS.includes(path)),
    databaseHooks: {
      user: {
        create: {
          before: async (user, ctx) => {
            if (options.isSignUpOpen || (await isInvited(db, user, ctx?.body))) return;
            throw new APIError('FORBIDDEN', {
              code: 'SIGN_UP_CLOSED',
              message: 'Sign-up is by invitation here. Open the link of yours.',
            });
          },
        },
      },
      session: {
        create: {
          before: async (session) => {
            const known = session['activeOrganizationId'] ?? (await memberQueries(db).firstTenantOf(session.userId));
            return { data: { ...session, activeOrganizationId: known ?? null } };
          },
        },
      },
    },
  });
}

export type Identity = ReturnType<typeof identity>;

/** The link says so to anybody; the address alone only if somebody has vouched that it is theirs. */
function isInvited(
  db: Database,
  user: { readonly email: string; readonly emailVerified: boolean },
  body: unknown,
): Promise<boolean> {
  const link = (body as { readonly invitation?: unknown } | undefined)?.invitation;
  const invitations = invitationQueries(db);
  const email = user.email.toLowerCase();
  if (typeof link === 'string') return invitations.isInvited(email, Date.now(), link);
  return user.emailVerified ? invitations.isInvited(email, Date.now()) : Promise.resolve(false);
}

function pathsOf(endpoints: object): readonly string[] {
  return Object.values(endpoints).flatMap(({ path }: { readonly path?: string }) =>
    path === undefined ? [] : [path],
  );
}
