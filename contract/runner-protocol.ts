import { z } from 'zod';
import { Digest } from './names.ts';

/** Raised when a message changes its meaning; the server understands this one and the two before it. */
export const RUNNER_PROTOCOL = 1;

/** Answered by the platform without waking the pool; its time stamp is what the lease rests on. */
export const PING = 'ping';
export const PONG = 'pong';
export const PING_EVERY_MS = 20_000;

/** Socket close codes that a runner must understand. */
export const CLOSE_REPLACED = 4001;
export const CLOSE_UNSUPPORTED = 4002;
/** The token is for another runner than the one that said hello. */
export const CLOSE_NOT_YOURS = 4003;

/** How identities begin that the server gives to runners when they register; runners that make their own may not begin so. */
export const REGISTERED_RUNNER = 'reg-';

export const JobArtifact = z.object({ name: z.string(), digest: Digest, sizeBytes: z.int().min(0) });
export type JobArtifact = z.infer<typeof JobArtifact>;

/** All that a runner needs to carry out one attempt of one action. */
export const JobPayload = z.object({
  job: z.string(),
  execution: z.string(),
  number: z.int(),
  pipeline: z.string(),
  stage: z.string(),
  action: z.string(),
  attempt: z.int(),
  commands: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  /** Names of environment variables to references; the values are at `GET /job/secrets`, right before the job begins. */
  secrets: z.record(z.string(), z.string()).default({}),
  /** It may ask for identity tokens; what it asks with is at `GET /job/secrets` too. */
  identity: z.boolean().default(false),
  /** Unpacked before the commands run: the first as the working directory, the others beside it. */
  inputs: z.array(
    JobArtifact.extend({
      clone: z
        .boolean()
        .optional()
        .describe('It only says what to clone; the rest is at `GET /job/clones/{artifact}`.'),
    }),
  ),
  outputs: z.array(z.object({ name: z.string(), files: z.array(z.string()) })),
  outputVariables: z.array(z.string()),
  timeoutMs: z.int(),
});
export type JobPayload = z.infer<typeof JobPayload>;

/**
 * How an attempt ended. `cancelled`: on the server's request. `lost`: the runner cannot say, or gave the job up itself; the
 * action's `onRunnerLoss` decides.
 */
export const JobResult = z.object({
  outcome: z.enum(['succeeded', 'failed', 'cancelled', 'lost']),
  code: z
    .enum(['JobFailed', 'ConfigurationError', 'SystemUnavailable', 'TimedOut', 'RevisionUnavailable'])
    .optional(),
  exitCode: z.int().nullable(),
  message: z.string().max(4096),
  variables: z.record(z.string().max(128), z.string()).default({}),
  artifacts: z.array(JobArtifact).default([]),
});
export type JobResult = z.infer<typeof JobResult>;

/** Output variables of one action, names and values together; CodePipeline's limit. */
export const OUTPUT_VARIABLES_MAX_BYTES = 122_880;

export const RunnerMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.int(),
    runner: z.object({
      id: z.string().min(8).max(64),
      name: z.string().min(1).max(100),
      version: z.string().max(50),
      os: z.string().max(50),
      arch: z.string().max(50),
      labels: z.array(z.string().max(100)).max(50),
      slots: z.int().min(1).max(64),
    }),
    /** Every job in the runner's keeping, running or with a result not yet acknowledged. */
    jobs: z.array(z.string()).max(1000),
  }),
  z.object({ type: z.literal('claim'), job: z.string() }),
  z.object({ type: z.literal('finish'), job: z.string(), result: JobResult }),
  /** Takes no more offers; leaves when its jobs are done. */
  z.object({ type: z.literal('draining') }),
]);
export type RunnerMessage = z.infer<typeof RunnerMessage>;

export const PoolMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), server: z.string() }),
  /** A hint, not an assignment: whoever claims first has it. */
  z.object({ type: z.literal('offer'), job: z.string() }),
  z.object({ type: z.literal('claimed'), job: z.string(), payload: JobPayload, token: z.string() }),
  /** The claim came too late. */
  z.object({ type: z.literal('gone'), job: z.string() }),
  z.object({ type: z.literal('cancel'), job: z.string(), reason: z.string(), graceMs: z.int() }),
  /** The result is durable on the server; the spool may go once the log is sealed too. */
  z.object({ type: z.literal('finished'), job: z.string() }),
  /** The job is not this runner's any more: end it and forget it. */
  z.object({ type: z.literal('fenced'), job: z.string() }),
  z.object({ type: z.literal('problem'), message: z.string() }),
]);
export type PoolMessage = z.infer<typeof PoolMessage>;

export const Runner = z
  .object({
    id: z.string(),
    name: z.string(),
    pool: z.string(),
    status: z.enum(['Idle', 'Busy', 'Draining', 'Offline']),
    labels: z.array(z.string()),
    slots: z.int(),
    busy: z.int(),
    version: z.string(),
    os: z.string(),
    arch: z.string(),
    connectedAt: z.string().nullable(),
    lastSeenAt: z.string().nullable(),
  })
  .meta({ id: 'Runner' });
export type Runner = z.infer<typeof Runner>;
