import { createMiddleware } from 'hono/factory';
import { can, isRole, type Permission } from '../../auth/permissions.ts';
import { JOB_ROUTES, routePermissions, RUNNER_ROUTES, SOCKET_ROUTES } from '../../auth/route-permissions.ts';
import type { ServiceContext } from '../../services/context.ts';
import { DomainError } from '../../services/domain-error.ts';
import { parseExecutionId } from '../../services/executions/ids.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import { placesOf, routeOf } from './route.ts';

/** Nothing is open that `route-permissions.ts` does not open: a route that is missing there is refused to everybody. */
export const allow = createMiddleware<ApiEnv>(async (c, next) => {
  const route = routeOf(c);
  // No route at all: the answer is 404, whoever asks.
  if (route !== undefined) {
    await check(c, route);
    if (SOCKET_ROUTES.includes(route) && c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
      throw new DomainError('upgrade_required', 'This address speaks WebSocket only.');
    }
  }
  await next();
});

async function check(c: ApiContext, route: string): Promise<void> {
  const ctx = c.get('service');
  const { actor } = ctx;
  const rule = Object.hasOwn(routePermissions, route) ? routePermissions[route] : undefined;
  if (rule === 'identity' || (actor.kind === 'job' && actor.isIdentityOnly === true)) {
    if (rule === 'identity' && actor.kind === 'job' && actor.isIdentityOnly === true) return;
    throw new DomainError('forbidden', 'What a job asks for identity tokens with is for that and for nothing else.');
  }
  if (actor.kind === 'job') {
    if (rule === 'job' || JOB_ROUTES.includes(route)) return;
    throw new DomainError('forbidden', 'A job may only write its log and artifacts, and read its inputs.');
  }
  if (actor.kind === 'token' && (actor.tokenKind === 'runner' || actor.tokenKind === 'registration')) {
    if (actor.tokenKind === 'runner' && (rule === 'runner' || RUNNER_ROUTES.includes(route))) return;
    if (actor.tokenKind === 'registration' && rule === 'registration') return;
    throw new DomainError('forbidden', `A ${actor.tokenKind} token is for runners and nothing else.`);
  }
  if (rule === 'member') return;
  // Such a route has its own way in, before this one.
  if (rule === 'person') throw new DomainError('forbidden', 'Only a person may do this.');
  if (rule === 'job') throw new DomainError('forbidden', 'Only a job may do this.');
  if (rule === 'runner') throw new DomainError('forbidden', 'Only a runner may do this.');
  if (rule === 'registration') {
    throw new DomainError('forbidden', 'Only a runner with a registration token may do this.');
  }
  if (rule === undefined || !(await holds(c, ctx, route, rule))) throw denied(rule);
}

/** The roles that the caller has in the whole tenant are at hand; what needs the pipeline is looked up only where it decides. */
async function holds(c: ApiContext, ctx: ServiceContext, route: string, permission: Permission): Promise<boolean> {
  const { holding, actor, ports, tenant } = ctx;
  if (holding.pipelines === undefined && can(holding, permission)) return true;
  const pipeline = await pipelineOf(c, ctx, route);
  if (pipeline === undefined) return false;
  if (can(holding, permission, pipeline)) return true;
  if (actor.kind !== 'person') return false;
  const granted = await ports.grants.roleFor(tenant.id, actor.id, pipeline);
  if (granted === undefined || !isRole(granted)) return false;
  return can({ ...holding, grants: { [pipeline]: granted } }, permission, pipeline);
}

function denied(permission: Permission | undefined): DomainError {
  const needs = permission === undefined ? '' : ` It needs the permission ${permission}.`;
  return new DomainError('forbidden', `You may not do this.${needs}`);
}

async function pipelineOf(
  c: ApiContext,
  { ports, tenant }: ServiceContext,
  route: string,
): Promise<string | undefined> {
  const places = placesOf(c, route);
  const value = (name: string): string | undefined => places.find(([place]) => place === `{${name}}`)?.[1];
  const kind = places[1]?.[0];
  if (kind === 'executions') {
    const pipelines = ['id', 'a', 'b'].flatMap((name) => {
      const id = value(name);
      return id === undefined ? [] : [parseExecutionId(id)?.pipeline];
    });
    // Two executions of different pipelines are nobody's who holds but one of them.
    return pipelines.every((pipeline) => pipeline === pipelines[0]) ? pipelines[0] : undefined;
  }
  if (kind === 'secrets') {
    const of = c.req.query('pipeline');
    return of === undefined ? undefined : (await ports.pipelineIndex.byName(tenant.id, of))?.id;
  }
  const name = kind === 'sources' ? value('pipeline') : kind === 'pipelines' ? value('name') : undefined;
  return name === undefined ? undefined : (await ports.pipelineIndex.byName(tenant.id, name))?.id;
}
