import { z } from 'zod';

/** What the sender of a delivery gets to hear. */
export const AcceptedDelivery = z
  .object({
    id: z.string(),
    isNew: z.boolean().describe('false: it had come before, and nothing more happens.'),
  })
  .meta({ id: 'AcceptedDelivery' });
export type AcceptedDelivery = z.infer<typeof AcceptedDelivery>;

/** All that can become of a delivery, as a whole or in one pipeline. */
export const VerdictKind = z.enum([
  'Received',
  'Started',
  'Filtered',
  'Refused',
  'Retrying',
  'Waiting',
  'Superseded',
  'Ignored',
  'Unreadable',
  'NoPipeline',
  'WrongRepository',
  'Closed',
  'Failed',
]);
export type VerdictKind = z.infer<typeof VerdictKind>;

export const DeliveryVerdict = z
  .object({
    pipeline: z.string(),
    kind: VerdictKind,
    text: z.string().describe('What became of it, in sentences.'),
    execution: z.string().nullable(),
    at: z.string(),
    retryAt: z.string().nullable().describe('When it is offered to the pipeline again.'),
    approvedBy: z.string().nullable(),
  })
  .meta({ id: 'DeliveryVerdict' });
export type DeliveryVerdict = z.infer<typeof DeliveryVerdict>;

export const Delivery = z
  .object({
    id: z.string(),
    hook: z.string(),
    receivedAt: z.string(),
    name: z.string().describe('What the sender calls it, like push.'),
    sender: z.string().describe('Kind of the hook, like github.'),
    repository: z.string().nullable(),
    ref: z.string().nullable().describe('Branch, tag, or number of the pull request.'),
    commit: z.string().nullable(),
    actor: z.string().nullable().describe('Who did it, by the account of the host.'),
    summary: z.string(),
    replayOf: z.string().nullable(),
    kind: VerdictKind.describe('Of all that became of it, what matters most.'),
    text: z.string(),
    verdicts: z.array(DeliveryVerdict),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;

export const DeliveryDetails = Delivery.extend({
  headers: z.record(z.string(), z.string()),
  sizeBytes: z.int(),
  payload: z.string().nullable().describe('As it came, with secrets masked. Null: it is gone, or larger than 1 MiB.'),
}).meta({ id: 'DeliveryDetails' });
export type DeliveryDetails = z.infer<typeof DeliveryDetails>;

export const Hook = z
  .object({
    id: z.string(),
    kind: z.string(),
    name: z.string(),
    connection: z.string().nullable().describe('Id of the connection that it is for.'),
    repository: z.string().nullable().describe('Null: those of several come to it.'),
    url: z.string(),
    createdAt: z.string(),
    createdBy: z.string(),
    lastDeliveryAt: z.string().nullable(),
    backlog: z.int().describe('Deliveries that have not been offered to all pipelines yet.'),
    unverified: z
      .array(z.object({ at: z.string(), reason: z.string(), sizeBytes: z.int(), sender: z.string() }))
      .describe('The last requests that were not signed right, one a second at most.'),
  })
  .meta({ id: 'Hook' });
export type Hook = z.infer<typeof Hook>;

const Name = z.string().regex(/^[A-Za-z0-9.@_-]{1,100}$/, 'may hold 1 to 100 of A-Z a-z 0-9 . @ - _');

export const CreateHook = z
  .strictObject({
    kind: z.enum(['standard', 'registry', 'sns', 'eventbridge']),
    name: Name.describe('What triggers call it.'),
    connection: z
      .string()
      .optional()
      .describe('Id of a connection: what sources that use it watch, this hook tells of.'),
    topics: z
      .array(z.string().min(1).max(256))
      .min(1)
      .max(20)
      .optional()
      .describe('Of sns: the topics that may deliver.'),
  })
  .meta({ id: 'CreateHook' });
export type CreateHook = z.infer<typeof CreateHook>;

export const CreatedHook = Hook.extend({
  secret: z.string().describe('What the sender signs with; in this answer and nowhere else.'),
}).meta({ id: 'CreatedHook' });
export type CreatedHook = z.infer<typeof CreatedHook>;

const Instant = z.iso.datetime({ offset: true });

export const DeliveryQuery = z.object({
  hook: z.string().optional(),
  pipeline: z.string().optional().describe('Name of a pipeline.'),
  repository: z.string().optional(),
  commit: z
    .string()
    .regex(/^[0-9a-fA-F]{4,64}$/, 'must be the beginning of a commit’s id')
    .optional(),
  verdict: VerdictKind.optional(),
  from: Instant.optional(),
  to: Instant.optional(),
});
export type DeliveryQuery = z.infer<typeof DeliveryQuery>;

export const ReplayedDelivery = z.object({ id: z.string() }).meta({ id: 'ReplayedDelivery' });
export type ReplayedDelivery = z.infer<typeof ReplayedDelivery>;

export const ApproveDelivery = z
  .strictObject({ pipeline: z.string().describe('Name of the pipeline that it is let into.') })
  .meta({ id: 'ApproveDelivery' });
export type ApproveDelivery = z.infer<typeof ApproveDelivery>;

export const WhyNotQuery = z.object({
  commit: z.string().regex(/^[0-9a-fA-F]{7,64}$/, 'must be the id of a commit, or at least 7 digits of it'),
});

export const WhyNot = z
  .object({
    commit: z.string(),
    kind: VerdictKind.nullable().describe('Null: no delivery told of this commit.'),
    text: z.string().describe('Why it did not start an execution of this pipeline, or which one it started.'),
    execution: z.string().nullable(),
    hook: z.string().nullable(),
    delivery: z.string().nullable(),
    at: z.string().nullable(),
  })
  .meta({ id: 'WhyNot' });
export type WhyNot = z.infer<typeof WhyNot>;
