import type { PipelineId } from '../../engine/ids.ts';
import type { ServiceContext } from '../context.ts';
import { listConnections } from '../connections/connections.ts';
import { exportLines as auditLines } from '../audit/export.ts';
import { listFreezes } from '../freezes/freezes.ts';
import { getExecution, listEvents } from '../executions/read.ts';
import { getTenant } from './life.ts';

const PAGE = 50;
const EVENTS_PAGE = 500;
/** One request may ask so many objects and no more; the last line says where the next one goes on. */
const EXECUTIONS_MAX = 2_000;

type Line = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Everything that a tenant has, one JSON document a line; of secrets their names. Never more than a page of it is in memory. */
export async function* exportLines(ctx: ServiceContext, after: string): AsyncGenerator<Line, void> {
  if (after === '') {
    yield* aboutTenant(ctx);
    yield* definitions(ctx);
    yield* auditLog(ctx);
  }
  yield* executions(ctx, after);
}

/** NDJSON, compressed as it comes. Broken off, it ends without the end of a gzip file, so that nobody takes it for whole. */
export function exportStream(ctx: ServiceContext, after: string): ReadableStream {
  const lines = exportLines(ctx, after);
  const encoder = new TextEncoder();
  const text: ReadableStream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await lines.next();
        if (next.done === true) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(next.value)}\n`));
      },
      async cancel() {
        await lines.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return text.pipeThrough(new CompressionStream('gzip'));
}

async function* aboutTenant(ctx: ServiceContext): AsyncGenerator<Line, void> {
  const { ports, tenant } = ctx;
  yield {
    type: 'tenant',
    format: 1,
    exportedAt: new Date(ports.clock.now()).toISOString(),
    ...(await getTenant(ctx)),
  };
  for (const member of await ports.memberships.of(tenant.id)) yield { type: 'member', ...member };
  yield { type: 'settings', ...(await ports.settings.get(tenant.id)) };
  for (const freeze of await listFreezes(ctx)) yield { type: 'freeze', ...freeze };
  for (const { name, pipelineId, stage, version } of await ports.secrets.list(tenant.id, {})) {
    yield { type: 'secret', name, pipelineId, stage, version };
  }
  for (const connection of await listConnections(ctx)) {
    const { kind, ...of } = connection;
    yield { type: 'connection', connectionKind: kind, ...of };
  }
  for (const hook of await ports.connections.hooks.list(tenant.id)) {
    const { id, kind, name, connectionId, repository } = hook;
    yield { type: 'hook', hookKind: kind, id, name, connectionId, repository };
  }
}

/** The whole chain with its checkpoints, each line as an export of the log alone has it: `millrace audit verify` reads both. */
async function* auditLog(ctx: ServiceContext): AsyncGenerator<Line, void> {
  for await (const lines of auditLines(ctx)) for (const line of lines) yield { type: 'audit', line };
}

/** Every version of every pipeline, newest first. */
async function* definitions({ ports, tenant }: ServiceContext): AsyncGenerator<Line, void> {
  for (let name = ''; ;) {
    const rows = await ports.pipelineIndex.list(tenant.id, name, PAGE);
    for (const row of rows) {
      const object = ports.pipelines(tenant.id, row.id as PipelineId);
      for (let before = Number.MAX_SAFE_INTEGER; ;) {
        const versions = (await object.versions(tenant.id, before, PAGE)) ?? [];
        for (const { version, createdAt, createdBy, digest, document, source } of versions) {
          const at = new Date(createdAt).toISOString();
          const definition: unknown = JSON.parse(document);
          yield {
            type: 'version',
            pipeline: row.name,
            version,
            createdAt: at,
            createdBy,
            digest,
            definition,
            source,
          };
        }
        const oldest = versions.at(-1);
        if (versions.length < PAGE || oldest === undefined) break;
        before = oldest.version;
      }
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return;
    name = last.name;
  }
}

/** As they are seen, each followed by its events. */
async function* executions(ctx: ServiceContext, after: string): AsyncGenerator<Line, void> {
  const { ports, tenant } = ctx;
  const sent = after === '' ? yield* unindexed(ctx) : new Set<string>();
  let place = after;
  for (let count = 0; count < EXECUTIONS_MAX; count += PAGE) {
    const rows = await ports.executionIndex.byKey(tenant.id, place, PAGE);
    for (const { id } of rows) if (!sent.has(id)) yield* execution(ctx, id);
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) {
      yield { type: 'end' };
      return;
    }
    place = last.id;
  }
  yield { type: 'more', after: place };
}

/** What the index has not heard of yet. */
async function* unindexed(ctx: ServiceContext): AsyncGenerator<Line, ReadonlySet<string>> {
  const { ports, tenant } = ctx;
  const sent = new Set<string>();
  for (let name = ''; ;) {
    const rows = await ports.pipelineIndex.list(tenant.id, name, PAGE);
    for (const row of rows) {
      const live = (await ports.pipelines(tenant.id, row.id as PipelineId).live(tenant.id)).map(({ id }) => id);
      const known = await ports.executionIndex.known(tenant.id, live);
      for (const id of live.filter((one) => !known.has(one))) {
        yield* execution(ctx, id);
        sent.add(id);
      }
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return sent;
    name = last.name;
  }
}

async function* execution(ctx: ServiceContext, id: string): AsyncGenerator<Line, void> {
  yield { type: 'execution', ...(await getExecution(ctx, id)) };
  yield* events(ctx, id);
}

async function* events(ctx: ServiceContext, id: string): AsyncGenerator<Line, void> {
  for (let after = 0; ;) {
    const { items, nextCursor } = await listEvents(ctx, id, after, EVENTS_PAGE);
    for (const event of items) yield { type: 'event', execution: id, event };
    if (nextCursor === null) return;
    after = Number(nextCursor);
  }
}
