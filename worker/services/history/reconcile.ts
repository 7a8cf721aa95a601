import type { Difference, Reconciliation } from '../../../contract/reconcile.ts';
import type { ExecutionId, PipelineId } from '../../engine/ids.ts';
import type { ServiceContext } from '../context.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import { isWatched, watchSources } from '../connections/watching.ts';
import { DomainError } from '../domain-error.ts';
import { compareRow } from './compare.ts';
import { repairRow } from './repair.ts';

interface Order {
  readonly cursor: string | undefined;
  readonly limit: number;
  readonly fix: boolean;
}

type Tally = Omit<Reconciliation, 'nextCursor'>;
interface Leg {
  readonly tally: Tally;
  /** Where this walk goes on; undefined: it is through. */
  readonly next: string | undefined;
}

/** Every row against its execution; then every archive, and every live execution, for one that has no row. */
const LEGS = { rows: walkRows, archives: walkArchives, pipelines: walkPipelines } as const;
const ORDER = ['rows', 'archives', 'pipelines'] as const;
const NOTHING: Tally = { compared: 0, equal: 0, pending: 0, different: 0, fixed: 0, differences: [] };

/** Holds a page of the tenant's index against the executions themselves, which are always right. */
export async function reconcile(ctx: ServiceContext, order: Order): Promise<Reconciliation> {
  const { leg, place } = placeOf(order.cursor);
  const { tally, next } = await LEGS[leg](ctx, place, order);
  const following = ORDER[ORDER.indexOf(leg) + 1];
  const nextPlace = next === undefined ? following && `${following} ` : `${leg} ${next}`;
  return { ...tally, nextCursor: nextPlace === undefined ? null : encodeCursor(nextPlace) };
}

async function walkRows(ctx: ServiceContext, after: string, { limit, fix }: Order): Promise<Leg> {
  const rows = await ctx.ports.executionIndex.byKey(ctx.tenant.id, after, limit);
  const tallies = await Promise.all(
    rows.map(async (row): Promise<Tally> => {
      const verdict = await compareRow(ctx.ports, row);
      if (verdict.kind === 'Equal') return { ...NOTHING, compared: 1, equal: 1 };
      if (verdict.kind === 'Pending') return { ...NOTHING, compared: 1, pending: 1 };
      const isFixed = fix && (await repairRow(ctx.ports, row, verdict));
      const fields = verdict.kind === 'Different' ? [...verdict.fields] : [];
      const { id: execution, pipeline, number } = row;
      return different({ execution, pipeline: pipeline.name, number, kind: verdict.kind, fields, fixed: isFixed });
    }),
  );
  return { tally: sum(tallies), next: rows.length < limit ? undefined : rows.at(-1)?.id };
}

async function walkArchives(ctx: ServiceContext, after: string, { limit, fix }: Order): Promise<Leg> {
  const { ids, next } = await ctx.ports.archives.list(ctx.tenant.id, after, limit);
  return { tally: await findMissing(ctx, ids, fix), next };
}

async function walkPipelines(ctx: ServiceContext, after: string, { limit, fix }: Order): Promise<Leg> {
  const { pipelineIndex, pipelines } = ctx.ports;
  const rows = await pipelineIndex.list(ctx.tenant.id, after, limit);
  const live = await Promise.all(
    rows.map(({ id }) => pipelines(ctx.tenant.id, id as PipelineId).live(ctx.tenant.id)),
  );
  const ids = live.flat().map(({ id }) => id);
  const watches = await Promise.all(rows.map(({ id, name }) => compareWatches(ctx, id as PipelineId, name, fix)));
  const tally = sum([await findMissing(ctx, ids, fix), ...watches]);
  return { tally, next: rows.length < limit ? undefined : rows.at(-1)?.name };
}

/** Counted only where they differ: the sums are about executions. */
async function compareWatches({ tenant, ports }: ServiceContext, id: PipelineId, name: string, fix: boolean) {
  const described = await ports.pipelines(tenant.id, id).describe(tenant.id);
  if (described === null) return NOTHING;
  // Stored by `savePipeline` alone, after it had been checked.
  const definition = JSON.parse(described.version.document) as PipelineDefinition;
  if (await isWatched(ports.connections, tenant.id, id, definition)) return NOTHING;
  if (fix) await watchSources(ports.connections, tenant.id, id, definition);
  return different({ execution: null, pipeline: name, number: null, kind: 'Watches', fields: [], fixed: fix });
}

/** Those of them that have begun, do not owe the index anything, and have no row all the same. */
async function findMissing(ctx: ServiceContext, ids: readonly ExecutionId[], fix: boolean): Promise<Tally> {
  const { executionIndex, executions } = ctx.ports;
  const tenant = ctx.tenant.id;
  const known = await executionIndex.known(tenant, ids);
  const tallies = ids
    .filter((id) => !known.has(id))
    .map(async (id): Promise<Tally> => {
      const standing = await executions(tenant, id).standing(tenant);
      if (standing === null || standing.isOwed) return { ...NOTHING, compared: 1, pending: 1 };
      const { summary } = standing;
      if (fix) await executionIndex.publish(tenant, summary);
      const { pipeline, number } = summary;
      return different({
        execution: id,
        pipeline: pipeline.name,
        number,
        kind: 'Missing',
        fields: [],
        fixed: fix,
      });
    });
  return sum(await Promise.all(tallies));
}

function different(difference: Difference): Tally {
  return {
    ...NOTHING,
    compared: 1,
    different: 1,
    fixed: difference.fixed ? 1 : 0,
    differences: [difference],
  };
}

function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (so, { compared, equal, pending, different, fixed, differences }) => ({
      compared: so.compared + compared,
      equal: so.equal + equal,
      pending: so.pending + pending,
      different: so.different + different,
      fixed: so.fixed + fixed,
      differences: [...so.differences, ...differences],
    }),
    NOTHING,
  );
}

function placeOf(cursor: string | undefined): { readonly leg: (typeof ORDER)[number]; readonly place: string } {
  if (cursor === undefined) return { leg: 'rows', place: '' };
  const [, name, place = ''] = /^(\w+) (.*)$/.exec(String(decodeCursor(cursor))) ?? [];
  const leg = ORDER.find((known) => known === name);
  if (leg === undefined) throw new DomainError('bad_request', 'The cursor is not one that this walk gave out.');
  return { leg, place };
}
