import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import type { BetterAuthPlugin } from 'better-auth';
import { z } from 'zod';

const Order = z.object({ person: z.string(), tenant: z.string(), connection: z.string() });
/** Nobody but the server writes it. */
const written = { type: 'string', required: false, input: false } as const;

/**
 * Sessions that a tenant's own identity provider vouches for. They say so, and are for that tenant alone: `auth/session.ts`. The
 * endpoint has no address; it is called when a sign-on is complete, and by nobody else.
 */
export function signOn() {
  return {
    id: 'sign-on',
    schema: { session: { fields: { signOnTenant: written, signOnConnection: written } } },
    endpoints: {
      startSignOnSession: createAuthEndpoint.serverOnly({ method: 'POST', body: Order }, async (ctx) => {
        const { person, tenant, connection } = ctx.body;
        const { internalAdapter } = ctx.context;
        const user = await internalAdapter.findUserById(person);
        if (user === null) throw new Error('somebody signed on whom nobody knows');
        const marked = { signOnTenant: tenant, signOnConnection: connection, activeOrganizationId: tenant };
        const session = await internalAdapter.createSession(person, false, marked, true);
        await setSessionCookie(ctx, { session, user });
        return ctx.json({ id: session.id });
      }),
    },
  } satisfies BetterAuthPlugin;
}
