import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { watcherOf } from '../../services/context.ts';
import type { ApiContext, ApiEnv, Limiter, Limiters } from '../context.ts';
import { problemResponse } from '../problem.ts';

/** Both count by the minute, and nobody can be told more exactly when the minute is over. */
const RETRY_AFTER_SECONDS = '60';
const GUESSING =
  /^\/api\/(auth\/(sign-in|sign-up|request-password-reset|reset-password|two-factor|passkey)|v1\/sign-on\/start)\b/;

/** After authentication. Runners and jobs are left alone: how often they ask is ours to say. */
export function limitActors({ actor: limiter }: Limiters): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const { actor, tenant } = c.get('service');
    const isMachine = actor.kind === 'job' || (actor.kind === 'token' && actor.tokenKind !== 'service');
    if (isMachine || (await isWithin(limiter, `${tenant.id}:${watcherOf(actor)}`))) return next();
    return tooMany(c, 'You have sent too many requests in the last minute.');
  });
}

/** Where somebody could try passwords and codes. Only Cloudflare in front says truly where a request comes from. */
export function limitGuessing({ address: limiter, hasOneAddress = false }: Limiters): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const address = hasOneAddress ? 'all' : c.req.header('cf-connecting-ip');
    const isGuess = c.req.method === 'POST' && GUESSING.test(c.req.path);
    if (!isGuess || address === undefined || (await isWithin(limiter, address))) return next();
    const whose = hasOneAddress ? '' : ' from your address';
    return tooMany(c, `There were too many attempts${whose} in the last minute.`);
  });
}

async function isWithin(limiter: Limiter, key: string): Promise<boolean> {
  return limiter === undefined || (await limiter.limit({ key })).success;
}

function tooMany(c: ApiContext, what: string): Response {
  c.header('retry-after', RETRY_AFTER_SECONDS);
  return problemResponse(c, 'rate_limited', `${what} Wait a minute, then go on more slowly.`);
}
