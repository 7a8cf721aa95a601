import { z } from 'zod';
import { Digest } from './names.ts';

export const ExecutionStatus = z.enum([
  'InProgress',
  'Stopping',
  'Stopped',
  'Succeeded',
  'Superseded',
  'Failed',
  'Cancelled',
]);
export type ExecutionStatus = z.infer<typeof ExecutionStatus>;
export const StageStatus = z.enum([
  'InProgress',
  'Stopping',
  'Stopped',
  'Succeeded',
  'Failed',
  'Cancelled',
  'Skipped',
]);
export type StageStatus = z.infer<typeof StageStatus>;
export const ActionStatus = z.enum(['InProgress', 'Succeeded', 'Failed', 'Abandoned']);
export type ActionStatus = z.infer<typeof ActionStatus>;

/** What an action that is InProgress does right now. */
export const Activity = z.enum([
  'Queued',
  'Running',
  'RunnerUnreachable',
  'AwaitingApproval',
  'Cancelling',
  'Held',
  'AwaitingRetry',
]);
export type Activity = z.infer<typeof Activity>;

const Timestamp = z.string().describe('ISO 8601, UTC.');
const Variables = z.record(z.string(), z.string());

export const Trigger = z.object({
  type: z.string().describe("CodePipeline's trigger type, like StartPipelineExecution."),
  by: z.string(),
  detail: z.string().nullable(),
});

export const Failure = z.object({ code: z.string(), message: z.string() });

export const ProducedArtifact = z.object({ name: z.string(), digest: Digest, sizeBytes: z.int() });

export const AttemptView = z.object({
  number: z.int(),
  status: ActionStatus,
  startedAt: Timestamp,
  endedAt: Timestamp.nullable(),
  runner: z.string().nullable(),
  summary: z.string().nullable(),
  error: Failure.nullable(),
});

export const ActionView = z
  .object({
    name: z.string(),
    type: z.string(),
    runOrder: z.int(),
    status: ActionStatus.nullable().describe('null: not reached yet.'),
    attempt: z.int().nullable(),
    startedAt: Timestamp.nullable(),
    endedAt: Timestamp.nullable(),
    summary: z.string().nullable(),
    error: Failure.nullable(),
    outputs: Variables.describe('Output variables.'),
    externalUrl: z.string().nullable(),
    runner: z.string().nullable(),
    activity: Activity.nullable().describe('What it does right now, while it is InProgress.'),
    approval: z.object({ token: z.string(), expiresAt: Timestamp }).nullable(),
    retryAt: Timestamp.nullable(),
    hasLog: z.boolean(),
    inputs: z.array(z.string()).readonly(),
    artifacts: z.array(ProducedArtifact).readonly(),
    configuration: Variables.describe('With every #{reference} resolved, once the action has started.'),
    commands: z.array(z.string()).readonly(),
    attempts: z.array(AttemptView).readonly().describe('Oldest first.'),
  })
  .meta({ id: 'Action' });
export type ActionView = z.infer<typeof ActionView>;

export const StageView = z
  .object({
    name: z.string(),
    status: StageStatus.nullable().describe('null: not reached yet.'),
    startedAt: Timestamp.nullable(),
    endedAt: Timestamp.nullable(),
    actions: z.array(ActionView).readonly(),
  })
  .meta({ id: 'Stage' });
export type StageView = z.infer<typeof StageView>;

export const ExecutionView = z
  .object({
    id: z.string(),
    number: z.int(),
    pipeline: z.string(),
    version: z.int(),
    status: ExecutionStatus,
    trigger: Trigger,
    variables: Variables,
    revisions: z
      .array(
        z.object({
          action: z.string(),
          id: z.string(),
          digest: Digest,
          sizeBytes: z.int(),
          summary: z.string(),
        }),
      )
      .readonly(),
    startedAt: Timestamp,
    endedAt: Timestamp.nullable(),
    stop: z.object({ abandon: z.boolean(), by: z.string(), reason: z.string() }).nullable(),
    waitingForStage: z.string().nullable().describe('The stage whose lock or transition it waits for.'),
    stages: z.array(StageView).readonly(),
    artifacts: z.array(ProducedArtifact.extend({ action: z.string() })).readonly(),
  })
  .meta({ id: 'Execution' });
export type ExecutionView = z.infer<typeof ExecutionView>;

export const ExecutionSummary = z
  .object({
    id: z.string(),
    number: z.int(),
    pipeline: z.string(),
    version: z.int(),
    status: ExecutionStatus,
    trigger: Trigger,
    stage: z.string().describe('The stage that it is in, waits in front of, or ended in.'),
    attention: z.enum(['Approval', 'Hold']).nullable().describe('What a person is asked for.'),
    revision: z.string().nullable(),
    startedAt: Timestamp,
    endedAt: Timestamp.nullable(),
  })
  .meta({ id: 'ExecutionSummary' });
export type ExecutionSummary = z.infer<typeof ExecutionSummary>;

export const StartExecution = z
  .strictObject({
    variables: Variables.default({}),
    revisions: z
      .record(z.string(), Digest)
      .default({})
      .describe('Uploaded revisions to use, by source action; left out: the newest one of each.'),
    reason: z.string().max(500).optional(),
  })
  .meta({ id: 'StartExecution' });
export type StartExecution = z.infer<typeof StartExecution>;

export const StopExecution = z
  .strictObject({
    abandon: z
      .boolean()
      .default(false)
      .describe('false: running actions end by themselves. true: they are cancelled.'),
    reason: z.string().max(200).default(''),
  })
  .meta({ id: 'StopExecution' });

export const AnswerApproval = z
  .strictObject({
    result: z.enum(['Approved', 'Rejected']),
    summary: z.string().max(512).default(''),
    token: z
      .string()
      .optional()
      .describe('From the action; given, the answer counts only for the very request that was looked at.'),
  })
  .meta({ id: 'AnswerApproval' });

export const ResolveHold = z
  .strictObject({ resolution: z.enum(['Retry', 'Fail']).describe('Run it again as a new attempt, or let it fail.') })
  .meta({ id: 'ResolveHold' });

export const ExecutionEvent = z
  .looseObject({ seq: z.int(), at: Timestamp, type: z.string() })
  .meta({ id: 'ExecutionEvent' });
export type ExecutionEvent = z.infer<typeof ExecutionEvent>;
