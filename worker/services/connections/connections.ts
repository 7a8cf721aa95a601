import type {
  ChangeConnection,
  Connection,
  ConnectionTest,
  CreateConnection,
} from '../../../contract/connections.ts';
import { type ConnectionRow, whole } from '../../storage/connections.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { changedDraft, type Draft, newDraft } from './draft.ts';
import { probe, refusal } from './probe.ts';
import { auditView, connectionView, testView } from './view.ts';

const ID_LENGTH = 16;
/** So many that nobody needs more, and so few that a list of them is one page. */
const CONNECTIONS_MAX = 200;

export async function listConnections({ tenant, ports }: ServiceContext): Promise<Connection[]> {
  const { store, watches } = ports.connections;
  const [rows, uses] = await Promise.all([store.list(tenant.id), watches.uses(tenant.id)]);
  return rows.map((row) => connectionView(row, pipelinesOf(uses, row.id)));
}

export async function getConnection(ctx: ServiceContext, id: string): Promise<Connection> {
  return viewOf(ctx, await findConnection(ctx, id));
}

/** Tests first: what does not work is refused, unless it is to be saved all the same. */
export async function createConnection(
  ctx: ServiceContext,
  order: CreateConnection,
  force: boolean,
): Promise<Connection> {
  const { tenant, ports, actor } = ctx;
  const { store, watches } = ports.connections;
  const draft = await newDraft(ports.connections, order);
  if ((await store.list(tenant.id)).length >= CONNECTIONS_MAX) {
    throw new DomainError('connections_limit', `A tenant has ${CONNECTIONS_MAX} connections at most; delete some.`);
  }
  await refuseTaken(ctx, draft, undefined);
  const tested = await testedDraft(ctx, draft, undefined, force);
  const stamp = { at: ports.clock.now(), by: actorName(actor) };
  const made = { createdAt: stamp.at, createdBy: stamp.by, updatedAt: stamp.at, updatedBy: stamp.by };
  const row = await store.insert(
    tenant.id,
    { id: ports.newId(ID_LENGTH), ...draft.of, ...made, ...tested },
    credentialsOf(draft),
  );
  if (row === undefined) throw nameTaken(draft.of.name);
  await watches.resolve(tenant.id, row.id, references(row));
  ctx.note?.({ object: { type: 'connection', id: row.id }, after: auditView(row) });
  return viewOf(ctx, row);
}

/** Nothing is kept of it. */
export async function tryConnection(ctx: ServiceContext, order: CreateConnection): Promise<ConnectionTest> {
  const { tenant, ports } = ctx;
  const draft = await newDraft(ports.connections, order);
  const test = await probe(ports.connections, tenant.id, draft.of, whole(credentialsOf(draft), draft.of.publicParts));
  ctx.note?.({ after: { kind: draft.of.kind, baseUrl: draft.of.baseUrl, works: test.ok } });
  return testView(test, ports.clock.now());
}

export async function changeConnection(
  ctx: ServiceContext,
  id: string,
  change: ChangeConnection,
  force: boolean,
): Promise<Connection> {
  const { tenant, ports, actor } = ctx;
  const { store, watches } = ports.connections;
  const row = await findConnection(ctx, id);
  const draft = await changedDraft(ports.connections, row, change);
  await refuseTaken(ctx, draft, row);
  await refuseUnnamed(ctx, draft, row);
  const tested = leadsElsewhere(draft, row) ? await testedDraft(ctx, draft, row, force) : {};
  const stamp = { updatedAt: Math.max(ports.clock.now(), row.updatedAt + 1), updatedBy: actorName(actor) };
  const changed = await store.change(row, { ...draft.of, ...stamp, ...tested }, draft.credentials);
  if (changed === undefined) {
    throw new DomainError('version_conflict', 'Somebody has changed the connection meanwhile; look at it again.');
  }
  await watches.resolve(tenant.id, id, references(changed));
  const isRenewed = draft.credentials !== undefined;
  ctx.note?.({ before: auditView(row), after: { ...auditView(changed), newCredentials: isRenewed } });
  return viewOf(ctx, changed);
}

/** Its hooks at the host stay; deliveries of theirs are refused from now on. */
export async function removeConnection(ctx: ServiceContext, id: string): Promise<void> {
  const { tenant, ports } = ctx;
  const { store, watches, hooks } = ports.connections;
  const row = await findConnection(ctx, id);
  const pipelines = pipelinesOf(await watches.uses(tenant.id), id);
  if (pipelines.length > 0) throw inUse(row.name, 'deleted', pipelines);
  ctx.note?.({ before: auditView(row) });
  for (const hook of await hooks.ofConnection(tenant.id, id)) {
    await hooks.remove(tenant.id, hook.id);
    await ports.deliveries.inbox(tenant.id, hook.id).forget(tenant.id);
  }
  if (!(await store.remove(tenant.id, id))) throw connectionNotFound(id);
  await watches.resolve(tenant.id, id, []);
}

export async function testConnection(ctx: ServiceContext, id: string): Promise<ConnectionTest> {
  const { tenant, ports } = ctx;
  const { store } = ports.connections;
  const row = await findConnection(ctx, id);
  const lastTest = await probe(ports.connections, tenant.id, row, await store.open(row));
  const lastTestedAt = ports.clock.now();
  await store.recordTest(row, { lastTest, lastTestedAt });
  ctx.note?.({ after: { works: lastTest.ok } });
  return testView(lastTest, lastTestedAt);
}

export async function findConnection({ tenant, ports }: ServiceContext, id: string): Promise<ConnectionRow> {
  const row = await ports.connections.store.byId(tenant.id, id);
  if (row === undefined) throw connectionNotFound(id);
  return row;
}

/** What is disabled leads nowhere, so there is nothing to test. */
async function testedDraft(
  { tenant, ports }: ServiceContext,
  draft: Draft,
  row: ConnectionRow | undefined,
  force: boolean,
): Promise<Pick<ConnectionRow, 'lastTest' | 'lastTestedAt'>> {
  if (draft.of.disabled) return { lastTest: null, lastTestedAt: null };
  const stored = row === undefined ? undefined : await ports.connections.store.open(row);
  const credentials = draft.credentials === undefined ? stored : whole(draft.credentials, draft.of.publicParts);
  if (credentials === undefined) throw new Error('a connection without credentials');
  const lastTest = await probe(ports.connections, tenant.id, draft.of, credentials);
  if (!lastTest.ok && !force) throw refusal(draft.of, lastTest);
  return { lastTest, lastTestedAt: ports.clock.now() };
}

function leadsElsewhere({ of, credentials }: Draft, row: ConnectionRow): boolean {
  const placeOf = ({ baseUrl, apiUrl, publicParts }: Draft['of']): string =>
    JSON.stringify([baseUrl, apiUrl, Object.entries(publicParts).sort()]);
  return credentials !== undefined || placeOf(of) !== placeOf(row) || (row.disabled && !of.disabled);
}

async function refuseTaken({ tenant, ports }: ServiceContext, { of }: Draft, row?: ConnectionRow): Promise<void> {
  for (const reference of references(of)) {
    const known = await ports.connections.store.byReference(tenant.id, reference);
    if (known !== undefined && known.id !== row?.id) throw nameTaken(reference);
  }
}

/** A name or an ARN by which some pipeline knows it stays. */
async function refuseUnnamed({ tenant, ports }: ServiceContext, { of }: Draft, row: ConnectionRow): Promise<void> {
  const left = references(of);
  const gone = references(row).filter((reference) => !left.includes(reference));
  if (gone.length === 0) return;
  const uses = (await ports.connections.watches.uses(tenant.id)).filter(({ reference }) => gone.includes(reference));
  const pipelines = pipelinesOf(uses, row.id);
  if (pipelines.length > 0) throw inUse(gone.join(', '), 'named otherwise', pipelines);
}

function references({ name, arn }: Pick<ConnectionRow, 'name' | 'arn'>): readonly string[] {
  return arn === null ? [name] : [name, arn];
}

function credentialsOf({ credentials }: Draft): NonNullable<Draft['credentials']> {
  if (credentials === undefined) throw new Error('a new connection without credentials');
  return credentials;
}

async function viewOf({ tenant, ports }: ServiceContext, row: ConnectionRow): Promise<Connection> {
  return connectionView(row, pipelinesOf(await ports.connections.watches.uses(tenant.id), row.id));
}

function pipelinesOf(
  uses: readonly { readonly connectionId: string; readonly pipeline: string }[],
  id: string,
): readonly string[] {
  return [...new Set(uses.filter(({ connectionId }) => connectionId === id).map(({ pipeline }) => pipeline))];
}

function connectionNotFound(id: string): DomainError {
  return new DomainError('connection_not_found', `There is no connection "${id}".`);
}

function nameTaken(name: string): DomainError {
  const message = 'is another connection’s already.';
  return new DomainError('connection_name_taken', `"${name}" ${message}`, {
    errors: [{ path: name.startsWith('arn:') ? 'arn' : 'name', message }],
  });
}

function inUse(name: string, how: string, pipelines: readonly string[]): DomainError {
  const detail = `"${name}" is used by ${pipelines.join(', ')}, so it cannot be ${how}. Change these pipelines first.`;
  return new DomainError('connection_in_use', detail, {
    errors: pipelines.map((pipeline) => ({ path: `pipelines.${pipeline}`, message: 'uses it.' })),
  });
}
