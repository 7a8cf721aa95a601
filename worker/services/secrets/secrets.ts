import type { PutSecret, Secret, SecretRotation, SecretScopeQuery } from '../../../contract/secrets.ts';
import type { SecretInfo, SecretScope } from '../../storage/sealed-secrets.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from '../pipelines/find.ts';

/** So many values in one call: each is opened and sealed, and written. */
const RESEAL_MAX = 100;

/** Names and who set them when; a value is never shown again. With a pipeline: only those that are for it alone. */
export async function listSecrets(ctx: ServiceContext, query: SecretScopeQuery): Promise<Secret[]> {
  const { tenant, ports } = ctx;
  const { pipelineId, stage } = await scopeOf(ctx, query);
  const narrowed = {
    ...(query.pipeline === undefined ? {} : { pipelineId }),
    ...(query.stage === undefined ? {} : { stage }),
  };
  const all = await ports.secrets.list(tenant.id, narrowed);
  const ids = [...new Set(all.map((one) => one.pipelineId).filter((id) => id !== ''))];
  const names = await ports.pipelineIndex.names(tenant.id, ids);
  return all.flatMap((one) => {
    const pipeline = one.pipelineId === '' ? null : names.get(one.pipelineId);
    return pipeline === undefined ? [] : [secretView(one, pipeline)];
  });
}

export async function putSecret(
  ctx: ServiceContext,
  name: string,
  query: SecretScopeQuery,
  { value, isProtected }: PutSecret,
): Promise<Secret> {
  const { tenant, ports, actor } = ctx;
  const scope = await scopeOf(ctx, query);
  const stamp = { at: ports.clock.now(), by: actorName(actor) };
  const info = await ports.secrets.put(tenant.id, scope, name, { value, isProtected, ...stamp });
  const view = secretView(info, query.pipeline ?? null);
  ctx.note?.({
    after: { pipeline: view.pipeline, stage: view.stage, version: view.version, isProtected: view.isProtected },
  });
  return view;
}

export async function removeSecret(ctx: ServiceContext, name: string, query: SecretScopeQuery): Promise<void> {
  const { tenant, ports } = ctx;
  const scope = await scopeOf(ctx, query);
  ctx.note?.({ before: { pipeline: query.pipeline ?? null, stage: query.stage ?? null } });
  if (await ports.secrets.remove(tenant.id, scope, name, ports.clock.now())) return;
  throw new DomainError('secret_not_found', `There is no secret "${name}" there.`);
}

/** Brings all keys and values of the tenant up to date, a bounded number of values at a time. */
export async function rotateSecrets(
  { tenant, ports }: ServiceContext,
  { newDataKey }: { readonly newDataKey: boolean },
): Promise<SecretRotation> {
  const rewrapped = await ports.dataKeys.rewrap(tenant.id);
  if (newDataKey) await ports.dataKeys.create(tenant.id);
  let [resealed, remaining] = [0, 0];
  for (const sealed of [ports.secrets, ports.connections.store, ports.connections.hooks]) {
    const done = await sealed.reseal(tenant.id, RESEAL_MAX - resealed);
    resealed += done.resealed;
    remaining += done.remaining;
  }
  return { rewrapped, resealed, remaining };
}

async function scopeOf(ctx: ServiceContext, { pipeline, stage }: SecretScopeQuery): Promise<SecretScope> {
  if (pipeline === undefined) {
    if (stage === undefined) return { pipelineId: '', stage: '' };
    const errors = [{ path: 'stage', message: 'a stage belongs to a pipeline: name that too' }];
    throw new DomainError('validation_failed', 'The request is not as it should be.', { errors });
  }
  return { pipelineId: (await findPipeline(ctx, pipeline)).id, stage: stage ?? '' };
}

function secretView(
  { name, stage, version, isProtected, updatedAt, updatedBy, lastUsedAt }: SecretInfo,
  pipeline: string | null,
): Secret {
  return {
    name,
    pipeline,
    stage: stage === '' ? null : stage,
    version,
    isProtected,
    updatedAt: new Date(updatedAt).toISOString(),
    updatedBy,
    lastUsedAt: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
  };
}
