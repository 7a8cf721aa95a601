import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { pathText } from '../definition/problem.ts';
import { DomainError } from '../services/domain-error.ts';
import type { ApiContext, ApiEnv, ApiParts } from './context.ts';
import { allow } from './middleware/allow.ts';
import { audit, intend } from './middleware/audit.ts';
import { authenticate } from './middleware/authenticate.ts';
import { bodyLimit } from './middleware/body-limit.ts';
import { refuseConfined } from './middleware/confined.ts';
import { refuseForeignOrigin } from './middleware/own-origin.ts';
import { limitActors, limitGuessing } from './middleware/rate-limit.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { problemResponse } from './problem.ts';
import { artifactRoutes } from './routes/artifacts.ts';
import { definitionRoutes, schemaRoute } from './routes/definitions.ts';
import { auditRoutes } from './routes/audit.ts';
import { badgeRoutes } from './routes/badges.ts';
import { cloneRoutes } from './routes/clones.ts';
import { compareRoutes } from './routes/compare.ts';
import { connectionRoutes } from './routes/connections.ts';
import { executionRoutes } from './routes/executions.ts';
import { idTokenRoutes } from './routes/id-tokens.ts';
import { followRoutes } from './routes/follows.ts';
import { freezeRoutes } from './routes/freezes.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { hookRoutes } from './routes/hooks.ts';
import { stageRoutes } from './routes/stages.ts';
import { memberRoutes } from './routes/members.ts';
import { peopleRoutes } from './routes/people.ts';
import { pipelineRoutes } from './routes/pipelines.ts';
import { reconcileRoutes } from './routes/reconcile.ts';
import { runnerRoutes } from './routes/runners.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { signOnRoutes } from './routes/sign-on.ts';
import { secretRoutes } from './routes/secrets.ts';
import { settingRoutes } from './routes/settings.ts';
import { json } from './routes/shared.ts';
import { tenantSignOnRoutes } from './routes/tenant-sign-on.ts';
import { tenantLifeRoutes } from './routes/tenant-life.ts';
import { tenantRoutes } from './routes/tenant.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { usageRoutes } from './routes/usage.ts';
import { badgeRoute } from './badge.ts';
import { wellKnownRoutes } from './well-known.ts';
import { whyRoutes } from './routes/why.ts';

export const VERSION = '0.1.0';

/** The whole HTTP surface. Middleware in order: request id, who asks, whether that kind of caller may; then the route. */
export function createApp(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  app.use(async (c, next) => {
    c.set('requestId', c.req.header('cf-ray') ?? parts.ports.newId(16));
    await next();
    if (c.res.status === 101) return; // a socket: its answer may not be touched any more
    c.header('x-request-id', c.get('requestId'));
    c.header('cache-control', c.res.headers.get('cache-control') ?? 'no-store');
  });
  app.use(securityHeaders);
  app.use('/api/*', bodyLimit);
  app.onError((error, c) => {
    if (error instanceof DomainError) return problemResponse(c, error.code, error.message, error.more);
    if (error instanceof z.ZodError) return invalid(c, error);
    if (error instanceof HTTPException) return problemResponse(c, 'bad_request', error.message);
    const requestId = c.get('requestId');
    parts.log.error('request failed', { requestId, method: c.req.method, path: c.req.path }, error);
    return problemResponse(
      c,
      'internal',
      `Something went wrong on our side. Quote ${requestId} when you ask about it.`,
    );
  });
  app.notFound((c) => {
    if (isPage(c.req)) return parts.page(c.req.raw);
    return problemResponse(c, 'not_found', `There is nothing at ${c.req.method} ${c.req.path}.`);
  });

  app.use('/api/auth/*', limitGuessing(parts.limiters), refuseConfined(parts));
  app.use('/api/v1/sign-on/*', limitGuessing(parts.limiters));
  app.on(['GET', 'POST'], '/api/auth/*', async (c) => {
    refuseForeignOrigin(c);
    const identity = await parts.identityFor(new URL(c.req.url).origin);
    return identity.handler(c.req.raw);
  });
  app.get('/api/docs', (c) => parts.page(c.req.raw));
  wellKnownRoutes(app, parts);
  badgeRoute(app, parts);
  app.route('/api/v1', v1(parts));
  return app;
}

function v1(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result, c) => (result.success ? undefined : invalid(c, result.error)),
  });
  api.openapi(
    createRoute({
      method: 'get',
      path: '/health',
      tags: ['Service'],
      summary: 'Is the service up?',
      responses: { 200: json(z.object({ status: z.literal('ok'), version: z.string() }), 'It is') },
    }),
    (c) => c.json({ status: 'ok', version: VERSION } as const, 200),
  );
  api.get('/openapi.json', (c) => c.json(api.getOpenAPI31Document(description), 200));
  schemaRoute(api);
  peopleRoutes(api, parts);
  signOnRoutes(api, parts);
  hookRoutes(api, parts);
  api.use('*', authenticate(parts), limitActors(parts.limiters), audit(parts), allow, intend(parts));
  tenantRoutes(api);
  tenantLifeRoutes(api);
  tenantSignOnRoutes(api);
  auditRoutes(api);
  memberRoutes(api);
  tokenRoutes(api);
  usageRoutes(api);
  definitionRoutes(api);
  pipelineRoutes(api);
  badgeRoutes(api);
  cloneRoutes(api);
  followRoutes(api);
  executionRoutes(api);
  compareRoutes(api);
  reconcileRoutes(api);
  settingRoutes(api);
  stageRoutes(api);
  whyRoutes(api);
  artifactRoutes(api);
  freezeRoutes(api);
  scheduleRoutes(api);
  secretRoutes(api);
  connectionRoutes(api);
  deliveryRoutes(api);
  runnerRoutes(api);
  idTokenRoutes(api);
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  api.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'millrace.session_token',
  });
  return api;
}

/** The dashboard knows its own addresses, so it gets all that are nobody else's; a file of an older build is none of them. */
function isPage({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return (method === 'GET' || method === 'HEAD') && !/^\/(_app|api|badge|metrics|\.well-known)(\/|$)/.test(path);
}

function invalid(c: ApiContext, error: z.ZodError): Response {
  const errors = error.issues.map(({ path, message }) => ({ path: pathText(path), message }));
  return problemResponse(c, 'validation_failed', 'The request is not as it should be.', { errors });
}

const description = {
  openapi: '3.1.0',
  info: {
    title: 'Millrace',
    version: VERSION,
    description:
      'Continuous delivery: pipelines of stages and actions, from source to production. Every answer that is an error is an ' +
      '`application/problem+json` with a stable `code`. Lists are `{items, nextCursor}`. Times are ISO 8601 in UTC.',
  },
  servers: [{ url: '/api/v1' }],
};
