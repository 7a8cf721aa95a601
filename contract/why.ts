import { z } from 'zod';
import { ConditionPlace, ExecutionStatus } from './executions.ts';

const Timestamp = z.string().describe('ISO 8601, UTC.');

export const ReasonKind = z.enum([
  'Queued',
  'Running',
  'RunnerUnreachable',
  'Held',
  'Cancelling',
  'AwaitingApproval',
  'AwaitingRetry',
  'AwaitingStageRetry',
  'EvaluatingCondition',
  'GateShut',
  'AwaitingAdmission',
  'Returning',
  'Stopping',
  'NotReached',
  'TransitionDisabled',
  'StageHeld',
  'Behind',
  'AtGate',
  'GrantUnconfirmed',
  'GrantUnderWay',
  'EndUnderWay',
  'NoRunner',
  'NoMatchingRunner',
  'RunnersBusy',
  'Offered',
]);

export const ReasonSubject = z.discriminatedUnion('type', [
  z.object({ type: z.literal('execution'), execution: z.string() }),
  z.object({ type: z.literal('stage'), execution: z.string(), stage: z.string() }),
  z.object({
    type: z.literal('action'),
    execution: z.string(),
    stage: z.string(),
    action: z.string(),
    attempt: z.int().nullable().describe('null: not reached.'),
  }),
  z.object({ type: z.literal('condition'), execution: z.string(), stage: z.string(), place: ConditionPlace }),
  z.object({ type: z.literal('job'), job: z.string() }),
  z.object({ type: z.literal('transition'), stage: z.string() }),
]);

export const Reason = z
  .object({
    kind: ReasonKind,
    subject: ReasonSubject.describe('What waits.'),
    owner: z
      .enum(['person', 'execution', 'pipeline', 'pool', 'runner', 'provider', 'timer'])
      .describe('Who is to act next.'),
    message: z.string(),
    holder: z
      .object({
        type: z.enum(['execution', 'transition', 'pool', 'runner']),
        id: z.string(),
        number: z.int().nullable(),
        href: z.string().describe("Its page in the dashboard; an execution's is its address in the API, too."),
      })
      .nullable()
      .describe('What holds it up, when that can be looked at.'),
    place: z.int().nullable().describe('In the queue; 1 is the next.'),
    since: Timestamp.nullable().describe('null: not known.'),
    deadline: Timestamp.nullable().describe(
      'When the wait ends by itself at the latest. null only where `because` has one, and for a closed transition.',
    ),
    checkAt: Timestamp.nullable().describe('When it is looked at again before that.'),
    until: z.string().describe('What would free it.'),
    may: z
      .array(
        z.object({
          what: z.string(),
          who: z.string(),
          call: z.string().nullable().describe('Method and path; null where it is done outside of the API.'),
        }),
      )
      .readonly()
      .describe('Who may end the wait, and how.'),
    /** The chain goes on. */
    get because() {
      return z.array(Reason).readonly().describe('What holds up whatever this reason names.');
    },
  })
  .meta({ id: 'Reason' });
export type Reason = z.infer<typeof Reason>;

export const ExecutionWhy = z
  .object({
    execution: z.object({ id: z.string(), number: z.int(), pipeline: z.string(), status: ExecutionStatus }),
    at: Timestamp.describe('When this was so.'),
    reasons: z.array(Reason).readonly().describe('Empty: it waits for nothing, because it has ended.'),
  })
  .meta({ id: 'ExecutionWhy' });
export type ExecutionWhy = z.infer<typeof ExecutionWhy>;

export const PipelineWhy = z
  .object({
    pipeline: z.string(),
    at: Timestamp.describe('When this was so.'),
    transitions: z.array(Reason).readonly().describe('The closed ones.'),
    executions: z
      .array(z.object({ id: z.string(), number: z.int(), reasons: z.array(Reason).readonly() }))
      .readonly()
      .describe('Every live one, the one that is furthest first.'),
  })
  .meta({ id: 'PipelineWhy' });
export type PipelineWhy = z.infer<typeof PipelineWhy>;
