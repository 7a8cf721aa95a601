import { createMiddleware } from 'hono/factory';
import { DomainError } from '../../services/domain-error.ts';
import type { ApiEnv } from '../context.ts';

/** What a job's token opens; the services behind these check whose log and whose artifact it is. */
const JOB_ROUTES = [
  ['GET', /^\/api\/v1\/job\/log$/],
  ['GET', /^\/api\/v1\/artifacts\/[^/]+$/],
  ['PUT', /^\/api\/v1\/artifacts\/[^/]+$/],
  ['POST', /^\/api\/v1\/uploads$/],
  ['POST', /^\/api\/v1\/uploads\/[^/]+\/confirm$/],
] as const;
const RUNNER_ROUTES = [
  ['GET', /^\/api\/v1\/runners\/connect$/],
  ['GET', /^\/api\/v1\/me$/],
] as const;

/** Tokens with a narrow purpose open nothing else, whatever routes are added later. */
export const allow = createMiddleware<ApiEnv>(async (c, next) => {
  const { actor } = c.get('service');
  const isOn = (routes: typeof JOB_ROUTES | typeof RUNNER_ROUTES): boolean =>
    routes.some(([method, path]) => method === c.req.method && path.test(c.req.path));
  if (actor.kind === 'job' && !isOn(JOB_ROUTES)) {
    throw new DomainError('forbidden', 'A job may only write its log and artifacts, and read its inputs.');
  }
  if (actor.kind === 'token' && actor.tokenKind === 'runner' && !isOn(RUNNER_ROUTES)) {
    throw new DomainError('forbidden', 'A runner token may only connect a runner.');
  }
  await next();
});
