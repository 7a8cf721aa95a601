import type { Revision } from '../../../contract/pipelines.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { findPipeline } from '../pipelines/find.ts';
import { withinQuota } from '../artifacts/room.ts';
import { checkSize, putArtifact } from '../artifacts/store.ts';

export interface Upload {
  readonly body: ReadableStream<Uint8Array>;
  readonly sizeBytes: number;
  /** What the caller says it is; left out, it is counted on the way in. */
  readonly digest: string | undefined;
}

/** What whoever uploads a revision says about it. */
export interface About {
  readonly summary: string;
  readonly branch?: string | undefined;
}

/** Takes bytes in as the newest revision of an upload source action. */
export async function uploadRevision(
  ctx: ServiceContext,
  place: { readonly pipeline: string; readonly action: string },
  upload: Upload,
  about: About,
): Promise<Revision> {
  const { object } = await findPipeline(ctx, place.pipeline);
  checkSize(upload.sizeBytes);
  const { artifacts, newId } = ctx.ports;
  const { digest } =
    upload.digest === undefined
      ? await withinQuota(ctx, upload.sizeBytes, () =>
          artifacts.writeUnknown(ctx.tenant.id, newId(20), upload.body, upload.sizeBytes),
        )
      : await putArtifact(ctx, upload.digest, upload.body, upload.sizeBytes);
  return register(ctx, object, place.action, { digest, sizeBytes: upload.sizeBytes, ...about });
}

/** Makes bytes that are stored already the newest revision of an upload source action. */
export async function registerRevision(
  ctx: ServiceContext,
  place: { readonly pipeline: string; readonly action: string },
  digest: string,
  about: About,
): Promise<Revision> {
  const { object } = await findPipeline(ctx, place.pipeline);
  const sizeBytes = await ctx.ports.artifacts.size(ctx.tenant.id, digest);
  if (sizeBytes === undefined) throw new DomainError('artifact_not_found', `There is no artifact ${digest}.`);
  return register(ctx, object, place.action, { digest, sizeBytes, ...about });
}

async function register(
  ctx: ServiceContext,
  object: Awaited<ReturnType<typeof findPipeline>>['object'],
  action: string,
  { branch, ...revision }: About & { readonly digest: string; readonly sizeBytes: number },
): Promise<Revision> {
  const createdAt = ctx.ports.clock.now();
  const id = revision.digest.slice('sha256:'.length, 'sha256:'.length + 12);
  const stored = { ...revision, ...(branch === undefined ? {} : { branch }), id };
  const outcome = await object.saveRevision(ctx.tenant.id, action, { ...stored, createdAt });
  if (!outcome.ok) throw new DomainError(outcome.code, outcome.message);
  return { ...stored, createdAt: new Date(createdAt).toISOString() };
}
