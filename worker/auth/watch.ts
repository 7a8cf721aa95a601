import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';

type Context = Parameters<Parameters<typeof createAuthMiddleware>[0]>[0];

/** Something that happened to somebody's account, through the library's own routes. */
export interface AccountEvent {
  readonly verb: string;
  /** Where a name was given and nobody has shown to be them, the address that was given. */
  readonly who: { readonly id: string } | { readonly email: string };
  /** They have shown to be them. */
  readonly isProven: boolean;
  /** A session that is for one tenant alone concerns no other. */
  readonly onlyTenant?: string;
  readonly session?: string;
  readonly route: string;
  readonly from: { readonly ip: string; readonly userAgent: string };
  /** As HTTP has it. */
  readonly status: number;
  readonly about?: Readonly<Record<string, string | boolean>>;
}

/** Ways in. Whether somebody has come in, the new session says; whoever has not may still have to show a second factor. */
const SIGN_IN =
  /^\/(sign-in\/|sign-up\/|callback\/|verify-email$|passkey\/verify-authentication$|two-factor\/verify-)/;

/** What somebody changes about how they get in, who else may be them, or what they are called. */
const CHANGES: Readonly<Record<string, string>> = {
  '/change-password': 'password:write',
  '/set-password': 'password:write',
  '/change-email': 'account:write',
  '/delete-user': 'account:write',
  '/link-social': 'account:write',
  '/unlink-account': 'account:write',
  '/two-factor/enable': 'second-factor:write',
  '/two-factor/disable': 'second-factor:write',
  '/two-factor/generate-backup-codes': 'second-factor:write',
  '/passkey/verify-registration': 'passkey:write',
  '/passkey/delete-passkey': 'passkey:write',
};

/** These change nothing until the account says so. */
const TOLD_BY_THE_ACCOUNT = ['/two-factor/enable', '/two-factor/disable'];

/** Where sessions end because somebody wants it; elsewhere they are exchanged for others, or have run out. */
const ENDINGS: Readonly<Record<string, string>> = {
  '/sign-out': 'session:end',
  '/revoke-session': 'session:revoke',
  '/revoke-sessions': 'session:revoke',
  '/revoke-other-sessions': 'session:revoke',
  '/change-password': 'session:revoke',
  '/reset-password': 'session:revoke',
  '/delete-user': 'session:revoke',
};

interface EndedSession {
  readonly id: string;
  readonly userId: string;
}

/** Says what happens to accounts. The library is asked rather than its answers: it alone knows who somebody was. */
export function watched(tell: (event: AccountEvent) => void) {
  const at = (ctx: Context) => ({
    route: `${ctx.request?.method ?? 'POST'} /api/auth${ctx.path}`,
    from: fromOf(ctx.headers),
  });

  const onEnd = (session: EndedSession, ctx: Context | null) => {
    const verb = ctx === null ? undefined : ENDINGS[ctx.path];
    if (ctx === null || verb === undefined) return;
    const { id, userId } = session;
    tell({ verb, who: { id: userId }, isProven: true, ...onlyTenant(session), session: id, status: 200, ...at(ctx) });
  };

  return {
    id: 'watched',
    init: () => ({
      options: {
        emailAndPassword: {
          enabled: true,
          // The link in the mail says who they are.
          onPasswordReset: ({ user }: { user: { readonly id: string } }, request?: Request) => {
            const from = fromOf(request?.headers);
            const route = 'POST /api/auth/reset-password';
            tell({ verb: 'password:reset', who: { id: user.id }, isProven: true, status: 200, route, from });
            return Promise.resolve();
          },
        },
        databaseHooks: {
          session: {
            delete: {
              after: (session, ctx) => {
                onEnd(session, ctx as Context | null);
                return Promise.resolve();
              },
            },
          },
          user: {
            update: {
              after: (user, ctx) => {
                // Set up, or given up: asking for a secret alone changes nothing yet.
                if (ctx === null || !ctx.path.startsWith('/two-factor/')) return Promise.resolve();
                const enabled = (user as { readonly twoFactorEnabled?: boolean }).twoFactorEnabled === true;
                const verb = 'second-factor:write';
                tell({
                  verb,
                  who: { id: user.id },
                  isProven: true,
                  status: 200,
                  about: { enabled },
                  ...at(ctx as Context),
                });
                return Promise.resolve();
              },
            },
          },
        },
      },
    }),
    hooks: {
      after: [
        {
          matcher: () => true,
          handler: createAuthMiddleware(async (ctx) => {
            const { returned, newSession, session } = ctx.context;
            const status = returned instanceof APIError ? returned.statusCode : 200;
            if (newSession !== null && session === null && SIGN_IN.test(ctx.path)) {
              const { session: made, user } = newSession;
              const of = { who: { id: user.id }, isProven: true, ...onlyTenant(made), session: made.id };
              tell({ verb: 'session:start', ...of, status, ...at(ctx) });
              return;
            }
            const verb = verbOf(ctx.path, session !== null, status >= 400);
            const who = session === null ? await pretended(ctx) : { id: session.user.id };
            if (verb === undefined || who === undefined) return;
            tell({ verb, who, isProven: session !== null, status, ...at(ctx) });
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/** Undefined: nothing to tell, or something that is told elsewhere. */
function verbOf(path: string, isSignedIn: boolean, hasFailed: boolean): string | undefined {
  if (path === '/request-password-reset') return hasFailed ? undefined : 'password:forgot';
  if (SIGN_IN.test(path) && hasFailed) return isSignedIn ? 'second-factor:write' : 'session:start';
  if (!isSignedIn || (!hasFailed && TOLD_BY_THE_ACCOUNT.includes(path))) return undefined;
  return CHANGES[path];
}

/** Who somebody says they are who has not shown it. */
async function pretended(ctx: Context): Promise<AccountEvent['who'] | undefined> {
  const body = (ctx.body ?? {}) as { readonly email?: unknown; readonly response?: { readonly id?: unknown } };
  if (typeof body.email === 'string') return { email: body.email.toLowerCase() };
  if (typeof body.response?.id === 'string') {
    const where = [{ field: 'credentialID', value: body.response.id }];
    const key = await ctx.context.adapter.findOne<{ userId: string }>({ model: 'passkey', where });
    return key === null ? undefined : { id: key.userId };
  }
  if (!ctx.path.startsWith('/two-factor/')) return undefined;
  // The password was right; the library remembers whose it was.
  const { name } = ctx.context.createAuthCookie('two_factor');
  const half = await ctx.getSignedCookie(name, ctx.context.secret);
  if (typeof half !== 'string') return undefined;
  const known = await ctx.context.internalAdapter.findVerificationValue(half);
  return known === null ? undefined : { id: known.value };
}

function onlyTenant(session: object): { readonly onlyTenant?: string } {
  const { signOnTenant: tenant } = session as { readonly signOnTenant?: unknown };
  return typeof tenant === 'string' ? { onlyTenant: tenant } : {};
}

function fromOf(headers: Headers | undefined): AccountEvent['from'] {
  return { ip: headers?.get('cf-connecting-ip') ?? '', userAgent: headers?.get('user-agent') ?? '' };
}
