import { createMiddleware } from 'hono/factory';
import type { AuditDraft } from '../../audit/entry.ts';
import { routePermissions } from '../../auth/route-permissions.ts';
import { type Actor, actorName, type AuditNote, type ServiceContext } from '../../services/context.ts';
import { DomainError } from '../../services/domain-error.ts';
import type { ApiContext, ApiEnv, ApiParts } from '../context.ts';
import { placesOf, routeOf } from './route.ts';

/** They answer a question about what was sent, and leave everything as it was. */
const UNCHANGING = ['POST /pipelines/validate', 'POST /pipelines/import', 'POST /freezes/preview'];
/** Reading so much is something to know of. */
const RECORDED_READS = ['GET /audit/export', 'GET /job/secrets', 'GET /tenant/export'];

/** Of what a job does, this opens doors elsewhere. */
const RECORDED_OF_JOBS = ['POST /job/id-token'];

/** Nothing of this happens without a row that says so, written first. */
const IMPORTANT: ReadonlySet<string> = new Set([
  'approval:answer',
  'connection:write',
  'execution:override',
  'freeze:write',
  'grant:write',
  'invitation:write',
  'key:rotate',
  'member:write',
  'owner:write',
  'pipeline:delete',
  'runner:write',
  'secret:write',
  'setting:write',
  'sign-on:write',
  'stage:rollback',
  'tenant:delete',
  'tenant:write',
  'token:write',
  'transition:set',
]);

const ATTEMPTS = 3;
const PAUSE_MS = 100;

/**
 * The one place that writes the audit log: whatever changes something, and whatever was refused, after it has been answered.
 * What could not be written is counted, and the count is written as soon as anything can.
 */
export function audit(parts: ApiParts) {
  const lost = new Map<string, number>();
  return createMiddleware<ApiEnv>(async (c, next) => {
    const noted: AuditNote = {};
    c.set('audit', { id: parts.ports.newId(16), noted });
    c.set('service', { ...c.get('service'), note: (note) => Object.assign(noted, note) });
    await next();
    const route = routeOf(c);
    const { status } = c.res;
    if (route !== undefined && isRecorded(route, c.get('service').actor, status)) {
      c.executionCtx.waitUntil(handOver(parts, lost, c.get('service'), draftOf(c, route, status)));
    }
  });
}

/** For what must not be missing, even should this Worker end in the middle: said before it is done, refused if it cannot be. */
export function intend(parts: ApiParts) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const route = routeOf(c);
    if (route !== undefined && isRecorded(route, c.get('service').actor, 0) && IMPORTANT.has(verbOf(c, route))) {
      const { tenant, ports, requestId } = c.get('service');
      try {
        await ports.tenants(tenant.id).intendAudit(tenant.id, draftOf(c, route, 0));
      } catch (error) {
        parts.log.error('audit intent not written', { tenant: tenant.id, requestId, route }, error);
        throw new DomainError('busy', 'This cannot be recorded now, so it was not done. Try again in a moment.');
      }
    }
    await next();
  });
}

/** What jobs do within their attempt is in the history of their execution. */
function isRecorded(route: string, { kind }: Actor, status: number): boolean {
  if (status === 403) return true;
  if (route.startsWith('GET ')) return RECORDED_READS.includes(route);
  if (kind === 'job') return RECORDED_OF_JOBS.includes(route);
  return !UNCHANGING.includes(route);
}

function draftOf(c: ApiContext, route: string, status: number): AuditDraft {
  const { actor, requestId, ports } = c.get('service');
  const { id, noted } = c.get('audit');
  const { object = objectOf(c, route), before, after } = noted;
  return {
    id,
    at: new Date(ports.clock.now()).toISOString(),
    actor: actorOf(actor),
    from: { ip: c.req.header('cf-connecting-ip') ?? '', userAgent: c.req.header('user-agent') ?? '' },
    verb: verbOf(c, route),
    route,
    object,
    outcome: status === 0 ? 'unknown' : status === 403 ? 'denied' : status >= 400 ? 'failed' : 'allowed',
    status,
    requestId,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

function actorOf(actor: Actor): AuditDraft['actor'] {
  const name = actorName(actor);
  if (actor.kind === 'job') return { type: 'job', id: actor.job, name };
  if (actor.kind === 'token') return { type: 'token', id: actor.id, name };
  return { type: 'person', id: actor.id, name, ...(actor.token === undefined ? {} : { token: actor.token.id }) };
}

/** The permission; where the route asks for none, what it would be. */
function verbOf(c: ApiContext, route: string): string {
  if (route === 'GET /job/secrets') return 'secret:use';
  if (route === 'POST /job/id-token') return 'identity:mint';
  const rule = Object.hasOwn(routePermissions, route) ? (routePermissions[route] ?? '') : '';
  return rule.includes(':') ? rule : `${objectOf(c, route).type}:${route.startsWith('GET ') ? 'read' : 'write'}`;
}

/** `/pipelines/{name}/stages/{stage}/transition`: the pipeline of that name, and of it the stage. */
function objectOf(c: ApiContext, route: string): AuditDraft['object'] {
  const [, [kind] = [''], ...rest] = placesOf(c, route);
  const [id = '', ...part] = rest.filter(([name]) => name.startsWith('{')).map(([, value]) => value);
  return { type: kind.replace(/s$/, ''), id, ...(part.length === 0 ? {} : { part: part.join('/') }) };
}

async function handOver(
  { ports, log }: ApiParts,
  lost: Map<string, number>,
  { tenant }: ServiceContext,
  draft: AuditDraft,
): Promise<void> {
  const missing = lost.get(tenant.id) ?? 0;
  lost.delete(tenant.id);
  const drafts = missing === 0 ? [draft] : [draft, gap(ports.newId(16), draft, missing)];
  for (let attempt = 1; ; attempt += 1) {
    try {
      await ports.tenants(tenant.id).recordAudit(tenant.id, drafts);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) {
        lost.set(tenant.id, (lost.get(tenant.id) ?? 0) + missing + 1);
        const { route, status, requestId } = draft;
        log.error('audit entry lost', { tenant: tenant.id, requestId, route, status }, error);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 4 ** attempt));
    }
  }
}

/** An entry for those that are missing, so that the log never looks more complete than it is. */
function gap(id: string, { at, requestId }: AuditDraft, entries: number): AuditDraft {
  return {
    id,
    at,
    requestId,
    actor: { type: 'system', id: 'millrace', name: 'Millrace' },
    from: { ip: '', userAgent: '' },
    verb: 'audit:lost',
    route: '',
    object: { type: 'audit', id: '' },
    outcome: 'failed',
    status: 0,
    after: { entries },
  };
}
