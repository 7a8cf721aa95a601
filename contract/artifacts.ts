import { z } from 'zod';
import { Digest } from './names.ts';

/** Bodies up to this size go through the Worker; above it, straight to R2. */
export const THROUGH_WORKER_MAX_BYTES = 95 * 1024 * 1024;
/** R2's limit for a single PUT. */
export const SINGLE_PUT_MAX_BYTES = 5 * 1024 * 1024 * 1024;

export const PrepareUpload = z
  .strictObject({ digest: Digest, sizeBytes: z.int().min(0) })
  .meta({ id: 'PrepareUpload' });

/** Where to put the bytes; `upload` is null when they are there already. Then confirm, and the digest becomes visible. */
export const PreparedUpload = z
  .object({
    digest: Digest,
    upload: z
      .object({ method: z.literal('PUT'), url: z.string(), headers: z.record(z.string(), z.string()) })
      .nullable(),
  })
  .meta({ id: 'PreparedUpload' });
export type PreparedUpload = z.infer<typeof PreparedUpload>;

export const StoredArtifact = z.object({ digest: Digest, sizeBytes: z.int() }).meta({ id: 'StoredArtifact' });
export type StoredArtifact = z.infer<typeof StoredArtifact>;

/** A revision made of bytes that are stored already, for uploads too large to pass through the Worker. */
export const RegisterRevision = z
  .strictObject({ digest: Digest, summary: z.string().max(500).default(''), branch: z.string().max(255).optional() })
  .meta({ id: 'RegisterRevision' });
