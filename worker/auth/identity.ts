import { betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { organization } from 'better-auth/plugins';
import { newId } from '../kernel/new-id.ts';
import type { Database } from '../storage/database.ts';
import { memberQueries } from '../storage/members.ts';
import * as schema from '../storage/schema/identity.ts';

export interface IdentityOptions {
  readonly db: Database;
  readonly secret: string;
  /** Where people reach this installation; cookies are bound to it. */
  readonly baseUrl: string;
  readonly isSignUpOpen: boolean;
}

/** People, their sessions and their tenants, by better-auth. An organization of the library is a tenant of ours. */
export function identity({ db, secret, baseUrl, isSignUpOpen }: IdentityOptions) {
  return betterAuth({
    appName: 'Millrace',
    baseURL: baseUrl,
    basePath: '/api/auth',
    secret,
    database: drizzleAdapter(db, { provider: 'sqlite', schema }),
    emailAndPassword: { enabled: true, disableSignUp: !isSignUpOpen, minPasswordLength: 12 },
    session: { expiresIn: 7 * 24 * 3600, updateAge: 24 * 3600 },
    advanced: { database: { generateId: () => newId(26) }, cookiePrefix: 'millrace' },
    telemetry: { enabled: false },
    plugins: [organization()],
    databaseHooks: {
      session: {
        create: {
          before: async (session) => {
            const tenant = await memberQueries(db).firstTenantOf(session.userId);
            return { data: { ...session, activeOrganizationId: tenant ?? null } };
          },
        },
      },
    },
  });
}

export type Identity = ReturnType<typeof identity>;
