import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from '../context.ts';

/** What the browser may do with an answer. `web/static/_headers` says the same for files, which never pass through here. */
const ALWAYS: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** An answer of the API that is opened as a page shows text and runs nothing. */
const POLICY_OF_DATA = "default-src 'none'; frame-ancestors 'none'";
/** Pages bring their own policy, with the hashes of their scripts; this alone cannot stand in a page. */
const POLICY_OF_PAGES = "frame-ancestors 'none'";

export const securityHeaders = createMiddleware<ApiEnv>(async (c, next) => {
  await next();
  if (c.res.status === 101) return; // a socket: its answer may not be touched any more
  for (const [name, value] of Object.entries(ALWAYS)) c.header(name, value);
  const isPage = c.res.headers.get('content-type')?.startsWith('text/html') === true;
  c.header('content-security-policy', isPage ? POLICY_OF_PAGES : POLICY_OF_DATA);
  // What is open to other origins says so; everything else is for our own pages.
  const isOpen = c.res.headers.has('access-control-allow-origin');
  c.header('cross-origin-resource-policy', isOpen ? 'cross-origin' : 'same-origin');
  const isEncrypted = new URL(c.req.url).protocol === 'https:';
  c.header('strict-transport-security', isEncrypted ? 'max-age=31536000; includeSubDomains' : undefined);
});
