import { createMiddleware } from 'hono/factory';
import { currentSession } from '../../auth/session.ts';
import { assertNotConfined } from '../../services/sign-on/entry.ts';
import type { ApiEnv, ApiParts } from '../context.ts';

/** Ways in and out, which need no session or end it. */
const OPEN = [
  /^\/api\/auth\/(get-session|sign-out|ok|error|request-password-reset|verify-email|send-verification-email)$/,
  /^\/api\/auth\/reset-password(\/[\w-]+)?$/,
  /^\/api\/auth\/sign-in\/(email|social)$/,
  /^\/api\/auth\/sign-up\/email$/,
  /^\/api\/auth\/callback\/(github|google)$/,
  /^\/api\/auth\/passkey\/(generate-authenticate-options|verify-authentication)$/,
];

/**
 * Whatever the auth library lets people do to their account would outlast a session of sign-on: a passkey, a second factor, a
 * linked account would open all their tenants to whoever controls one tenant's provider.
 */
export function refuseConfined({ identityFor, ports }: ApiParts) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    if (!OPEN.some((pattern) => pattern.test(c.req.path))) {
      const identity = await identityFor(new URL(c.req.url).origin);
      const session = await currentSession(identity, c.req.raw.headers, ports.clock.now());
      if (session !== undefined) assertNotConfined(session);
    }
    await next();
  });
}
