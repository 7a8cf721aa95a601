import type { PipelineId, TenantId } from '../../engine/ids.ts';
import type { ExecutionStatus } from '../../engine/model.ts';
import type { Ports, ServiceContext } from '../context.ts';
import { findPipeline } from '../pipelines/find.ts';
import { badgeSvg, type BadgeStatus } from './svg.ts';

export type BadgePorts = Pick<Ports, 'badgeKey' | 'executionIndex' | 'pipelineIndex'>;

/** What a badge is narrowed down to. */
export interface BadgeOf {
  readonly branch?: string | undefined;
}

const ADDRESS = /^([0-9a-z]+)\.([0-9a-z]+)\.([A-Za-z0-9_-]{22})$/;
/** Of what says little about how a pipeline is doing, the execution before is shown. */
const PASSING: readonly ExecutionStatus[] = ['Superseded', 'Cancelled'];
const LOOKED_BACK = 20;

/**
 * Where a pipeline's badge is. Badges are for pages that anybody may read, so their address is all that it takes; it cannot be guessed,
 * and opens nothing but the name of the pipeline and one word.
 */
export async function badgeAddress(ctx: ServiceContext, pipeline: string): Promise<string> {
  const { id } = await findPipeline(ctx, pipeline);
  return `${ctx.tenant.id}.${id}.${await ctx.ports.badgeKey(`${ctx.tenant.id}|${id}`)}`;
}

/** The picture, and whether there is such a pipeline. */
export async function badge(
  ports: BadgePorts,
  address: string,
  of: BadgeOf,
): Promise<{ readonly svg: string; readonly isKnown: boolean }> {
  const place = await placeOf(ports, address);
  const name = place === undefined ? undefined : await nameOf(ports, place);
  if (place === undefined || name === undefined) return { svg: badgeSvg('pipeline', 'Unknown'), isKnown: false };
  const label = of.branch === undefined ? name : `${name} · ${of.branch}`;
  return { svg: badgeSvg(label, await statusOf(ports, place, of)), isKnown: true };
}

interface Place {
  readonly tenant: TenantId;
  readonly pipeline: PipelineId;
}

async function placeOf({ badgeKey }: BadgePorts, address: string): Promise<Place | undefined> {
  const [, tenant = '', pipeline = '', key = ''] = ADDRESS.exec(address) ?? [];
  if (key === '' || key !== (await badgeKey(`${tenant}|${pipeline}`))) return undefined;
  return { tenant: tenant as TenantId, pipeline: pipeline as PipelineId };
}

async function nameOf({ pipelineIndex }: BadgePorts, { tenant, pipeline }: Place): Promise<string | undefined> {
  return (await pipelineIndex.names(tenant, [pipeline])).get(pipeline);
}

async function statusOf(
  { executionIndex }: BadgePorts,
  { tenant, pipeline }: Place,
  { branch }: BadgeOf,
): Promise<BadgeStatus> {
  const newest = await executionIndex.ofPipeline(tenant, pipeline, { branch }, Number.MAX_SAFE_INTEGER, LOOKED_BACK);
  const telling = newest.find(({ status }) => !PASSING.includes(status)) ?? newest[0];
  return telling?.status ?? 'None';
}
