import { z } from 'zod';

export const AuditOutcome = z
  .enum(['allowed', 'denied', 'failed', 'unknown'])
  .describe('unknown: it was begun, and nobody came to say how it ended.');

export const AuditEntry = z
  .object({
    seq: z.int().describe('From 1 on, without a gap.'),
    id: z.string(),
    at: z.string(),
    actor: z.object({
      type: z.enum(['person', 'token', 'job', 'system']),
      id: z.string(),
      name: z.string(),
      token: z.string().optional().describe('The token that acted for the person.'),
    }),
    from: z.object({ ip: z.string(), userAgent: z.string() }),
    verb: z.string().describe('The permission, like execution:start.'),
    route: z.string(),
    object: z.object({ type: z.string(), id: z.string(), part: z.string().optional() }),
    outcome: AuditOutcome,
    status: z.int().describe('Of the answer, as HTTP has it; 0 where nobody knows.'),
    requestId: z.string(),
    before: z.unknown().optional().describe('Small values, else digests.'),
    after: z.unknown().optional(),
    prev: z.string().describe('The hash of the entry before.'),
    hash: z.string().describe('SHA-256 of the canonical JSON of all the rest.'),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditFilter = z.object({
  actor: z.string().max(200).optional().describe('The id or the name of who did it.'),
  verb: z.string().max(50).optional().describe('Like token:write, or token:*.'),
  object: z.string().max(300).optional().describe('Like pipeline, or pipeline/web-shop.'),
  outcome: AuditOutcome.optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export type AuditFilter = z.infer<typeof AuditFilter>;

export const AuditCheckpoint = z
  .object({
    checkpoint: z.object({
      format: z.literal(1),
      tenant: z.string(),
      from: z.int(),
      to: z.int(),
      prev: z.string(),
      head: z.string(),
      at: z.string(),
      key: z.string(),
    }),
    signature: z.string().describe('Ed25519 over the canonical JSON of the checkpoint, in base64url.'),
  })
  .meta({ id: 'AuditCheckpoint' });
export type AuditCheckpoint = z.infer<typeof AuditCheckpoint>;

export const AuditKey = z
  .object({ id: z.string(), algorithm: z.literal('Ed25519'), publicKey: z.string() })
  .meta({ id: 'AuditKey' });
export type AuditKey = z.infer<typeof AuditKey>;
