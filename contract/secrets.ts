import { z } from 'zod';
import { EntityName } from './names.ts';

/** What all secrets of one action may hold together, and so one of them. A process's environment has no room for more. */
export const SECRET_MAX_BYTES = 65_536;

export const Secret = z
  .object({
    name: z.string(),
    pipeline: z.string().nullable().describe('Whose executions may use it; null: those of every pipeline.'),
    stage: z.string().nullable().describe('Whose actions may use it; null: those of every stage.'),
    version: z.int().describe('One more with every value.'),
    isProtected: z.boolean().describe('Only for executions that nobody from outside can have brought about.'),
    updatedAt: z.string(),
    updatedBy: z.string(),
    lastUsedAt: z.string().nullable().describe('To the hour.'),
  })
  .meta({ id: 'Secret' });
export type Secret = z.infer<typeof Secret>;

export const PutSecret = z
  .strictObject({
    value: z
      .string()
      .min(1)
      .refine((text) => new TextEncoder().encode(text).length <= SECRET_MAX_BYTES, 'may hold 64 KiB at most')
      .refine((text) => !text.includes('\0'), 'may not hold a NUL character: no environment variable can')
      .refine((text) => !/\p{Surrogate}/u.test(text), 'must be well-formed text'),
    isProtected: z.boolean().optional().describe('Left out: as it was; false for a new one.'),
  })
  .meta({ id: 'PutSecret' });
export type PutSecret = z.infer<typeof PutSecret>;

/** Neither: the whole tenant. */
export const SecretScopeQuery = z.object({
  pipeline: EntityName.optional().describe('Only for this pipeline.'),
  stage: EntityName.optional().describe('Only for this stage of the pipeline.'),
});
export type SecretScopeQuery = z.infer<typeof SecretScopeQuery>;

export const RotateSecrets = z
  .strictObject({ newDataKey: z.boolean().default(false).describe('Seal with a new data key from now on.') })
  .meta({ id: 'RotateSecrets' });

export const SecretRotation = z
  .object({
    rewrapped: z.int().describe("Data keys that are now wrapped by the installation's current key."),
    resealed: z.int().describe('Values that are now sealed with the current data key.'),
    remaining: z.int().describe('Values that are still sealed with an older one: call again.'),
  })
  .meta({ id: 'SecretRotation' });
export type SecretRotation = z.infer<typeof SecretRotation>;

/** For a job alone, while it is claimed: its environment variables that are secrets. */
export const JobSecrets = z
  .object({
    environment: z.record(z.string(), z.string()),
    identity: z
      .object({ token: z.string().describe('Opens `POST /job/id-token` and nothing else.') })
      .optional()
      .describe('Left out when the action does not ask for one, or its execution gets none.'),
  })
  .meta({ id: 'JobSecrets' });
export type JobSecrets = z.infer<typeof JobSecrets>;
