import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { getCookie, setCookie } from 'hono/cookie';
import { BeginSignOn, BegunSignOn, type SignOnRefusal } from '../../../contract/sign-on.ts';
import { ATTEMPT_SECONDS, beginSignOn } from '../../services/sign-on/begin.ts';
import { completeSignOn } from '../../services/sign-on/complete.ts';
import { SignOnRefused } from '../../services/sign-on/refused.ts';
import type { ApiContext, ApiEnv, ApiParts } from '../context.ts';
import { refuseForeignOrigin } from '../middleware/own-origin.ts';
import { recorder } from '../middleware/person.ts';
import { json, jsonBody, problems } from './shared.ts';

const tags = ['Sign-on'];

/** Signing in with one's company, for people who are not signed in yet. */
export function signOnRoutes(app: OpenAPIHono<ApiEnv>, parts: ApiParts): void {
  const { ports } = parts;

  app.openapi(
    createRoute({
      method: 'post',
      path: '/sign-on/start',
      tags,
      summary: 'Go to the identity provider of one’s company',
      request: { body: jsonBody(BeginSignOn) },
      responses: {
        200: json(BegunSignOn, 'Where to go on; the browser is given a cookie to come back with'),
        ...problems('validation_failed', 'sign_on_not_found', 'sign_on_provider_failed'),
      },
    }),
    async (c) => {
      refuseForeignOrigin(c);
      const { origin } = new URL(c.req.url);
      const { url, binding } = await beginSignOn(ports, c.req.valid('json'), origin);
      bind(c, binding, ATTEMPT_SECONDS);
      return c.json({ url }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/sign-on/callback/{tenant}',
      tags,
      summary: 'Where providers send people back to',
      request: { params: z.object({ tenant: z.string().openapi({ param: { name: 'tenant', in: 'path' } }) }) },
      responses: { 302: { description: 'Into the dashboard, or back to the sign-in page with what went wrong' } },
    }),
    async (c) => {
      const tenant = c.req.valid('param').tenant as never;
      const { origin, search } = new URL(c.req.url);
      const binding = getCookie(c, cookieName(origin)) ?? '';
      bind(c, '', 0);
      try {
        const { person, connection, returnTo } = await completeSignOn(ports, tenant, origin, search, binding);
        const identity = await parts.identityFor(origin);
        const { headers } = await identity.api.startSignOnSession({
          body: { person: person.id, tenant, connection },
          headers: c.req.raw.headers,
          returnHeaders: true,
        });
        for (const cookie of headers.getSetCookie()) c.header('set-cookie', cookie, { append: true });
        const { id, name, email, how } = person;
        const record = recorder(c, parts, { type: 'person', id, name });
        await record(tenant, { verb: 'session:write', object: { type: 'person', id }, after: { email, how } });
        return c.redirect(new URL(returnTo, origin).href, 302);
      } catch (error) {
        const reason = await refusalOf(c, parts, tenant, error);
        return c.redirect(`${origin}/sign-in?error=${reason}`, 302);
      }
    },
  );
}

/** The tenant's log hears of those whom its provider has vouched for; of others there is nothing to say but what anybody could send. */
async function refusalOf(c: ApiContext, parts: ApiParts, tenant: never, error: unknown): Promise<SignOnRefusal> {
  const isRefused = error instanceof SignOnRefused;
  const about = { tenant, requestId: c.get('requestId') };
  if (!isRefused) parts.log.error('sign-on failed', about, error);
  else if (error.cause !== undefined) parts.log.info('sign-on refused', { ...about, cause: textOf(error.cause) });
  if (!isRefused) return 'sign_on_failed';
  const { reason, email } = error;
  if (email !== undefined) {
    const record = recorder(c, parts, { type: 'person', id: '', name: email });
    const object = { type: 'person', id: '' };
    await record(tenant, { verb: 'session:write', object, outcome: 'denied', status: 403, after: { email, reason } });
  }
  return reason;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'unknown';
}

/** Only the browser that began a sign-on completes it; nobody is signed in as somebody else by a link. */
function bind(c: ApiContext, binding: string, maxAge: number): void {
  const { origin } = new URL(c.req.url);
  const secure = origin.startsWith('https:');
  setCookie(c, cookieName(origin), binding, { httpOnly: true, secure, sameSite: 'Lax', path: '/', maxAge });
}

function cookieName(origin: string): string {
  return origin.startsWith('https:') ? '__Host-millrace.sign_on' : 'millrace.sign_on';
}
