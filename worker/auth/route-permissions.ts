import type { Permission } from './permissions.ts';

/**
 * What each route asks of its caller: the one table. A route that is not here is refused to everybody, and a test says so.
 * `member`: whoever belongs to the tenant. `job`, `runner`, `registration`: their tokens alone. `identity`: what a job's commands
 * are given, and not even the job's own token.
 * `person`: whoever is signed in, whichever tenants they belong to, and if to none.
 */
export type RouteRule = Permission | 'person' | 'member' | 'job' | 'identity' | 'runner' | 'registration';

export const routePermissions: Readonly<Record<string, RouteRule>> = {
  'GET /me': 'member',
  'GET /tenant': 'member',
  'PUT /tenant': 'tenant:write',
  'GET /tenant/export': 'tenant:export',
  'DELETE /tenant': 'tenant:delete',
  'POST /tenant/restore': 'tenant:delete',

  'GET /tenant/sign-on': 'sign-on:read',
  'PUT /tenant/sign-on': 'sign-on:write',
  'DELETE /tenant/sign-on': 'sign-on:write',
  'POST /tenant/sign-on/test': 'sign-on:write',
  'POST /tenant/sign-on/domains': 'sign-on:write',
  'POST /tenant/sign-on/domains/{domain}/check': 'sign-on:write',
  'DELETE /tenant/sign-on/domains/{domain}': 'sign-on:write',

  'GET /tenants': 'person',
  'POST /tenants': 'person',
  'POST /tenants/{id}/switch': 'person',
  'POST /tenants/{id}/leave': 'person',
  'GET /invitations/{id}': 'person',
  'POST /invitations/{id}/accept': 'person',

  'GET /members': 'member:read',
  'PUT /members/{id}': 'member:write',
  'DELETE /members/{id}': 'member:write',
  'GET /members/{id}/grants': 'member:read',
  'PUT /members/{id}/grants/{pipeline}': 'grant:write',
  'DELETE /members/{id}/grants/{pipeline}': 'grant:write',
  'GET /invitations': 'member:write',
  'POST /invitations': 'member:write',
  'DELETE /invitations/{id}': 'member:write',

  'GET /live': 'execution:read',

  'GET /action-types': 'member',
  'GET /pipelines': 'pipeline:read',
  'POST /pipelines/validate': 'member',
  'POST /pipelines/import': 'member',
  'GET /pipelines/{name}': 'pipeline:read',
  'PUT /pipelines/{name}': 'pipeline:write',
  'DELETE /pipelines/{name}': 'pipeline:delete',
  'GET /pipelines/{name}/versions': 'pipeline:read',
  'GET /pipelines/{name}/diff': 'pipeline:read',
  'GET /pipelines/{name}/export': 'pipeline:read',
  'GET /pipelines/{name}/state': 'pipeline:read',
  'GET /pipelines/{name}/live': 'pipeline:read',
  'GET /pipelines/{name}/why': 'pipeline:read',
  'GET /pipelines/{name}/badge': 'pipeline:read',
  'GET /pipelines/{name}/follow': 'pipeline:read',
  'PUT /pipelines/{name}/follow': 'pipeline:write',
  'DELETE /pipelines/{name}/follow': 'pipeline:write',
  'GET /pipelines/{name}/schedules': 'pipeline:read',
  'GET /schedules/preview': 'member',
  'PUT /pipelines/{name}/stages/{stage}/transition': 'transition:set',
  'POST /pipelines/{name}/stages/{stage}/rollback': 'stage:rollback',

  'POST /pipelines/{name}/executions': 'execution:start',
  'GET /pipelines/{name}/executions': 'execution:read',
  'GET /executions': 'execution:read',
  'GET /executions/{id}': 'execution:read',
  'GET /executions/{id}/events': 'execution:read',
  'GET /executions/{id}/live': 'execution:read',
  'GET /executions/{id}/why': 'execution:read',
  'GET /executions/{id}/stages/{stage}/why': 'execution:read',
  'GET /executions/{id}/actions/{stage}/{action}/why': 'execution:read',
  'GET /executions/{a}/compare/{b}': 'execution:read',
  'GET /executions/{id}/actions/{stage}/{action}/log': 'log:read',
  'GET /executions/{id}/actions/{stage}/{action}/log/live': 'log:read',
  'POST /executions/{id}/stop': 'execution:stop',
  'POST /executions/{id}/stages/{stage}/retry': 'execution:retry',
  'POST /executions/{id}/stages/{stage}/override': 'execution:override',
  'POST /executions/{id}/resume': 'execution:retry',
  'POST /executions/{id}/fork': 'execution:start',
  'POST /executions/{id}/approvals/{stage}/{action}': 'approval:answer',
  'POST /executions/{id}/holds/{stage}/{action}': 'execution:retry',

  'GET /artifacts/{digest}': 'artifact:read',
  'PUT /artifacts/{digest}': 'artifact:write',
  'POST /uploads': 'artifact:write',
  'POST /uploads/{digest}/confirm': 'artifact:write',
  'PUT /sources/{pipeline}/{action}': 'source:upload',

  'GET /hooks': 'connection:read',
  'POST /hooks': 'connection:write',
  'DELETE /hooks/{id}': 'connection:write',
  'GET /deliveries': 'execution:read',
  'GET /hooks/{id}/deliveries/{delivery}': 'connection:read',
  'POST /hooks/{id}/deliveries/{delivery}/replay': 'execution:start',
  'POST /hooks/{id}/deliveries/{delivery}/approve': 'execution:start',
  'GET /pipelines/{name}/why-not': 'execution:read',

  'GET /freezes': 'freeze:read',
  'POST /freezes': 'freeze:write',
  'GET /freezes/preview': 'freeze:read',
  'POST /freezes/preview': 'freeze:read',
  'GET /freezes/{id}': 'freeze:read',
  'PUT /freezes/{id}': 'freeze:write',
  'DELETE /freezes/{id}': 'freeze:write',

  'GET /secrets': 'secret:read',
  'PUT /secrets/{name}': 'secret:write',
  'DELETE /secrets/{name}': 'secret:write',
  'POST /secrets/rotate': 'key:rotate',
  'GET /job/secrets': 'job',
  'GET /job/clones/{artifact}': 'job',

  'GET /connection-kinds': 'connection:read',
  'GET /connections': 'connection:read',
  'POST /connections': 'connection:write',
  'POST /connections/test': 'connection:write',
  'GET /connections/{id}': 'connection:read',
  'PUT /connections/{id}': 'connection:write',
  'DELETE /connections/{id}': 'connection:write',
  'POST /connections/{id}/test': 'connection:read',
  'GET /connections/{id}/repositories/{repository}': 'connection:read',
  'GET /connections/{id}/hooks': 'connection:read',
  'POST /connections/{id}/hooks': 'connection:write',
  'POST /connections/{id}/hooks/{hook}/rotate': 'connection:write',
  'DELETE /connections/{id}/hooks/{hook}': 'connection:write',
  'POST /job/id-token': 'identity',

  'GET /runners': 'runner:read',
  'GET /runners/connect': 'runner',
  'POST /runners/register': 'registration',
  'GET /job/log': 'job',

  'GET /usage': 'usage:read',
  'GET /settings': 'setting:read',
  'PUT /settings': 'setting:write',
  'POST /reconcile': 'index:repair',

  'GET /audit': 'audit:read',
  'GET /audit/export': 'audit:read',
  'GET /audit/checkpoints': 'audit:read',
  'GET /audit/key': 'member',

  // Everybody has tokens of their own; whose others one may see and make, services/tokens/limits.ts says.
  'GET /tokens': 'member',
  'POST /tokens': 'member',
  'POST /tokens/{id}/rotate': 'member',
  'DELETE /tokens/{id}': 'member',
};

/** What a job's token opens beside its own routes; the services behind them check whose log and whose artifact it is. */
export const JOB_ROUTES: readonly string[] = [
  'GET /artifacts/{digest}',
  'PUT /artifacts/{digest}',
  'POST /uploads',
  'POST /uploads/{digest}/confirm',
];

/** These answer with a WebSocket and nothing else. */
export const SOCKET_ROUTES: readonly string[] = [
  'GET /live',
  'GET /pipelines/{name}/live',
  'GET /executions/{id}/live',
  'GET /executions/{id}/actions/{stage}/{action}/log/live',
  'GET /runners/connect',
  'GET /job/log',
];

export const RUNNER_ROUTES: readonly string[] = ['GET /me'];
