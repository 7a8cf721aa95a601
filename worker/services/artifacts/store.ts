import { SINGLE_PUT_MAX_BYTES, type StoredArtifact, THROUGH_WORKER_MAX_BYTES } from '../../../contract/artifacts.ts';
import { ArtifactStore } from '../../storage/artifacts.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { reserveArtifact, withinQuota } from './room.ts';

/** Bytes through the Worker, under the digest that the caller says they have. R2 refuses them if it is another one. */
export async function putArtifact(
  ctx: ServiceContext,
  digest: string,
  body: ReadableStream,
  sizeBytes: number,
): Promise<StoredArtifact> {
  await mayWrite(ctx);
  checkSize(sizeBytes);
  const { tenant, ports } = ctx;
  const write = async (): Promise<{ readonly isNew: true }> => {
    const outcome = await ports.artifacts.write(tenant.id, digest, body);
    if (outcome === 'Mismatch') throw mismatch(digest);
    return { isNew: true };
  };
  const isThere = (await ports.artifacts.size(tenant.id, digest)) !== undefined;
  await (isThere ? write() : withinQuota(ctx, sizeBytes, write));
  return { digest, sizeBytes };
}

/** Where to put bytes that are too large to pass through the Worker; null when they are there already. */
export async function prepareUpload(ctx: ServiceContext, digest: string, sizeBytes: number) {
  await mayWrite(ctx);
  const { artifacts, presignPut } = ctx.ports;
  if (sizeBytes > SINGLE_PUT_MAX_BYTES) {
    throw new DomainError('artifact_too_large', 'An artifact may hold 5 GiB at most.');
  }
  if ((await artifacts.size(ctx.tenant.id, digest)) !== undefined) return { digest, upload: null };
  if (presignPut === undefined) {
    const detail = 'This installation has no S3 endpoint for large uploads; its operator must set R2_S3_ENDPOINT.';
    throw new DomainError('upload_unavailable', detail);
  }
  // Counted now: once R2 has the bytes, nobody can tell the first confirmation from a second one.
  await reserveArtifact(ctx, sizeBytes);
  const hex = digest.slice('sha256:'.length);
  const sha256 = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const upload = await presignPut(ArtifactStore.key(ctx.tenant.id, digest), { sha256, sizeBytes });
  return { digest, upload: { ...upload, headers: { ...upload.headers } } };
}

/** After the upload: the digest becomes visible once its bytes have been checked. */
export async function confirmUpload(ctx: ServiceContext, digest: string): Promise<StoredArtifact> {
  await mayWrite(ctx);
  const outcome = await ctx.ports.artifacts.confirm(ctx.tenant.id, digest);
  if (outcome === 'Missing') throw artifactNotFound(digest);
  if (outcome === 'Mismatch') throw mismatch(digest);
  const sizeBytes = await ctx.ports.artifacts.size(ctx.tenant.id, digest);
  if (sizeBytes === undefined) throw artifactNotFound(digest);
  return { digest, sizeBytes };
}

/** People and programs read whatever their tenant has; a job reads its own inputs. */
export async function readArtifact(ctx: ServiceContext, digest: string): Promise<R2ObjectBody> {
  const { actor } = ctx;
  if (actor.kind === 'job' && !actor.inputs.includes(digest)) throw artifactNotFound(digest);
  const object = await ctx.ports.artifacts.read(ctx.tenant.id, digest);
  if (object === undefined) throw artifactNotFound(digest);
  return object;
}

export function checkSize(sizeBytes: number): void {
  if (sizeBytes <= THROUGH_WORKER_MAX_BYTES) return;
  const detail = 'Bodies above 95 MB go straight to R2: ask POST /api/v1/uploads for an address first.';
  throw new DomainError('payload_too_large', detail);
}

/** A job may write while its claim stands; once it is fenced, nothing of it counts any more. */
async function mayWrite({ actor, tenant, ports }: ServiceContext): Promise<void> {
  if (actor.kind !== 'job') return;
  const isClaimed = await ports.pools(tenant.id, actor.pool).isClaimed(tenant.id, actor.job);
  if (!isClaimed) throw new DomainError('job_fenced', 'This attempt is over; another one may be running.');
}

function mismatch(digest: string): DomainError {
  return new DomainError('digest_mismatch', `The bytes do not have the digest ${digest}; nothing was stored.`);
}

function artifactNotFound(digest: string): DomainError {
  return new DomainError('artifact_not_found', `There is no artifact ${digest}.`);
}
