import type { Pipeline, PipelineState, PipelineSummary } from '../../../contract/pipelines.ts';
import type { PipelineId } from '../../engine/ids.ts';
import { summaryView } from '../../engine/summary.ts';
import { type ServiceContext, watcherOf } from '../context.ts';
import { decodeCursor, type Page, pageOf } from '../cursor.ts';
import { findPipeline, pipelineNotFound } from './find.ts';
import { pipelineView, pipelineYaml } from './save.ts';

/** As many as the bars on the home page show. */
const RECENT = 30;

export async function getPipeline(
  ctx: ServiceContext,
  name: string,
  version?: number,
): Promise<{ pipeline: Pipeline; yaml: string }> {
  const { object } = await findPipeline(ctx, name);
  const found = await object.describe(ctx.tenant.id, version);
  if (found === null) throw pipelineNotFound(version === undefined ? name : `${name}" at version "${version}`);
  return { pipeline: pipelineView(found.head, found.version), yaml: pipelineYaml(found.version) };
}

export async function listPipelines(
  ctx: ServiceContext,
  cursor: string | undefined,
  limit: number,
): Promise<Page<PipelineSummary>> {
  const { pipelineIndex, executionIndex } = ctx.ports;
  const tenant = ctx.tenant.id;
  const after = cursor === undefined ? '' : String(decodeCursor(cursor));
  const rows = await pipelineIndex.list(tenant, after, limit + 1);
  const ids = rows.slice(0, limit).map(({ id }) => id as PipelineId);
  const recent = await executionIndex.recent(tenant, ids, RECENT);
  const summaries = rows.map(({ name, id, version, mode, stages, createdAt, updatedAt }, index): PipelineSummary => ({
    name,
    id,
    version,
    mode,
    stages: [...stages],
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    recent: (recent[index] ?? []).map(summaryView),
  }));
  return pageOf(summaries, limit, ({ name }) => name);
}

export async function listVersions(ctx: ServiceContext, name: string, cursor: string | undefined, limit: number) {
  const { object } = await findPipeline(ctx, name);
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(decodeCursor(cursor));
  const versions = await object.versions(ctx.tenant.id, before, limit + 1);
  if (versions === null) throw pipelineNotFound(name);
  const views = versions.map(({ version, createdAt, createdBy, digest }) => ({
    version,
    createdAt: new Date(createdAt).toISOString(),
    createdBy,
    digest,
  }));
  return pageOf(views, limit, ({ version }) => version);
}

export async function getPipelineState(ctx: ServiceContext, name: string): Promise<PipelineState> {
  const { object } = await findPipeline(ctx, name);
  const state = await object.state(ctx.tenant.id);
  if (state === null) throw pipelineNotFound(name);
  return state;
}

export async function watchPipeline(ctx: ServiceContext, name: string): Promise<Response> {
  const { id } = await findPipeline(ctx, name);
  return ctx.ports.live.pipeline(ctx.tenant.id, watcherOf(ctx.actor), id);
}
