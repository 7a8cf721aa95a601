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
export const ConditionStatus = z.enum([
  'InProgress',
  'Succeeded',
  'Failed',
  'Errored',
  'Cancelled',
  'Abandoned',
  'Overridden',
]);
export type ConditionStatus = z.infer<typeof ConditionStatus>;

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
    approval: z
      .object({
        token: z.string(),
        expiresAt: Timestamp,
        approvers: z
          .array(z.string())
          .readonly()
          .describe('Who may answer; empty: everybody who may answer approvals.'),
        count: z.int().describe('So many different people must approve.'),
        self: z.boolean().describe('May whoever started the execution approve it?'),
        given: z.array(z.object({ by: z.string(), at: Timestamp, summary: z.string() })).readonly(),
        covers: z
          .object({
            revisions: z.array(z.object({ action: z.string(), id: z.string(), digest: z.string() })).readonly(),
            artifacts: z.array(z.object({ name: z.string(), digest: z.string() })).readonly(),
          })
          .nullable()
          .describe('What exactly is approved.'),
      })
      .nullable(),
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

export const ConditionPlace = z.enum(['beforeEntry', 'onSuccess', 'onFailure']);
export type ConditionPlace = z.infer<typeof ConditionPlace>;

export const ConditionView = z
  .object({
    place: ConditionPlace,
    otherwise: z.enum(['FAIL', 'SKIP', 'WAIT', 'RETRY', 'ROLLBACK']).describe('What happens when it is not met.'),
    status: ConditionStatus.nullable().describe('null: not evaluated yet.'),
    startedAt: Timestamp.nullable(),
    endedAt: Timestamp.nullable(),
    deadline: Timestamp.nullable().describe('Of a gate: when it gives up.'),
    checkAt: Timestamp.nullable().describe('Of a gate that is shut: when it is evaluated again.'),
    overriddenBy: z.string().nullable(),
    rules: z.array(ActionView).readonly(),
  })
  .meta({ id: 'Condition' });
export type ConditionView = z.infer<typeof ConditionView>;

export const StageView = z
  .object({
    name: z.string(),
    status: StageStatus.nullable().describe('null: not reached yet.'),
    startedAt: Timestamp.nullable(),
    endedAt: Timestamp.nullable(),
    actions: z.array(ActionView).readonly(),
    conditions: z.array(ConditionView).readonly(),
    retries: z
      .object({
        automatic: z.int(),
        manual: z.int(),
        latest: z.enum(['AutomatedStageRetry', 'ManualStageRetry']),
      })
      .nullable(),
    retryAt: Timestamp.nullable().describe('When the stage is retried by itself.'),
    rollback: z
      .object({
        status: z.enum(['Requested', 'Started', 'Refused']),
        execution: z.string().nullable(),
        message: z.string().nullable(),
      })
      .nullable()
      .describe('What became of the rollback that its failure asked for.'),
    reason: z.string().nullable().describe("Why it failed, when that was not an action's fault."),
  })
  .meta({ id: 'Stage' });
export type StageView = z.infer<typeof StageView>;

const SourceRevisionType = z.enum(['COMMIT_ID', 'IMAGE_DIGEST', 'S3_OBJECT_VERSION_ID', 'S3_OBJECT_KEY']);

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
          type: SourceRevisionType.nullable().describe('null: of an upload.'),
          branch: z.string().nullable(),
          url: z.string().nullable(),
          isUntrusted: z.boolean().describe('From a fork: it gets no secrets and no identity.'),
        }),
      )
      .readonly(),
    startedAt: Timestamp,
    endedAt: Timestamp.nullable(),
    stop: z.object({ abandon: z.boolean(), by: z.string(), reason: z.string() }).nullable(),
    waitingForStage: z.string().nullable().describe('The stage whose lock, transition or gate it waits for.'),
    returning: z
      .object({ stage: z.string(), kind: z.enum(['Retry', 'Override', 'Resume']), by: z.string(), since: Timestamp })
      .nullable()
      .describe('It has ended, and asks its pipeline to be let into a stage again.'),
    kind: z.enum(['STANDARD', 'ROLLBACK']),
    rollback: z
      .object({ stage: z.string(), target: z.string(), from: z.string().nullable() })
      .nullable()
      .describe('Of a rollback: where it goes back to, and from.'),
    forkedFrom: z.string().nullable(),
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
    revision: z.string().nullable().describe('What the first source says about its revision.'),
    revisionId: z.string().nullable(),
    branch: z.string().nullable(),
    kind: z.enum(['STANDARD', 'ROLLBACK']),
    origin: z.string().nullable().describe('The execution that it was forked from, or rolled back to.'),
    startedAt: Timestamp,
    endedAt: Timestamp.nullable(),
  })
  .meta({ id: 'ExecutionSummary' });
export type ExecutionSummary = z.infer<typeof ExecutionSummary>;

/** CodePipeline's `SourceRevisionOverride`. */
export const SourceRevision = z
  .strictObject({
    actionName: z.string().describe('A source action that fetches.'),
    revisionType: SourceRevisionType,
    revisionValue: z.string().min(1).max(1500),
  })
  .meta({ id: 'SourceRevision' });

export const StartExecution = z
  .strictObject({
    variables: Variables.default({}),
    revisions: z
      .record(z.string(), Digest)
      .default({})
      .describe('Uploaded revisions to use, by source action; left out: the newest one of each.'),
    sourceRevisions: z
      .array(SourceRevision)
      .max(50)
      .default([])
      .describe('What source actions are to fetch; those that are not named take the newest.'),
    reason: z.string().max(500).optional(),
  })
  .meta({ id: 'StartExecution' });
export type StartExecution = z.infer<typeof StartExecution>;

export const RetryStage = z
  .strictObject({
    mode: z
      .enum(['FAILED_ACTIONS', 'ALL_ACTIONS'])
      .default('FAILED_ACTIONS')
      .describe('ALL_ACTIONS runs also those again that have succeeded.'),
    action: z.string().optional().describe('Only this one of the failed actions.'),
  })
  .meta({ id: 'RetryStage' });

export const OverrideCondition = z
  .strictObject({ condition: z.enum(['beforeEntry', 'onSuccess', 'onFailure']) })
  .meta({ id: 'OverrideCondition' });

export const ResumeExecution = z
  .strictObject({ stage: z.string().describe('Everything from this stage on runs again; what came before is kept.') })
  .meta({ id: 'ResumeExecution' });

export const ForkExecution = z
  .strictObject({
    variables: Variables.default({}).describe('In place of those of the origin.'),
    version: z.int().min(1).optional().describe("Of the pipeline; left out: the origin's."),
    revisions: z
      .record(z.string(), Digest)
      .default({})
      .describe('In place of those of the origin, by source action.'),
    reason: z.string().max(500).optional(),
  })
  .meta({ id: 'ForkExecution' });
export type ForkExecution = z.infer<typeof ForkExecution>;

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
