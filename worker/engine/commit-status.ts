import type { ActionKey, ExecutionId } from './ids.ts';
import type { Effect, ExecutionEvent } from './messages.ts';
import type { ExecutionState, ExecutionStatus, Pin, StageState, StageStatus } from './model.ts';
import type { ActionPlan, ExecutionPlan } from './plan.ts';
import { actionStatus, currentAttempt } from './stages.ts';

/** What a Git host is told of a commit: how one stage of the pipeline stands, or the execution as a whole. */
export interface StatusReport {
  readonly execution: ExecutionId;
  readonly number: number;
  readonly pipeline: string;
  /** Absent: the whole. */
  readonly stage?: string;
  readonly state: 'running' | 'success' | 'failure' | 'cancelled';
  /** A sentence. It is public where the repository is, so it holds nothing that came out of an action. */
  readonly description: string;
  readonly targets: readonly StatusTarget[];
  /** Of the whole, once it has ended: for the summary at a pull request. */
  readonly stages?: readonly { readonly name: string; readonly status: StageStatus | null }[];
}

/** A commit of a repository at a connection. */
export interface StatusTarget {
  readonly connection: string;
  readonly repository: string;
  readonly commit: string;
  readonly branch?: string;
  readonly pullRequest?: number;
}

/** Types whose revisions are commits at a connection. */
const TYPES = ['Source/Connection', 'Source/CodeStarSourceConnection'];

/** Absent in a rollback: it runs older code again, and says nothing about what is new. */
export function statusEffects(event: ExecutionEvent, before: ExecutionState | undefined): readonly Effect[] {
  const origin = event.type === 'ExecutionBegun' ? event.origin : before;
  if (origin === undefined || origin.kind === 'ROLLBACK' || sourcesOf(origin.plan).length === 0) return [];
  const whole: Effect = { type: 'ReportStatus', stage: null, urgent: false };
  switch (event.type) {
    case 'ExecutionBegun':
    case 'ExecutionEnded':
      return [whole];
    case 'ExecutionResumed':
      return [whole, ofStage(event.stage)];
    case 'StageEntered':
    case 'StageSucceeded':
    case 'StageFailed':
    case 'StageStopped':
    case 'StageCancelled':
    case 'StageSkipped':
    case 'StageRetried':
      return [ofStage(event.stage)];
    case 'ApprovalRequested':
      return stageOf(origin.plan, event.action).map(ofStage);
    case 'ActionSucceeded':
      // Only now is it known which commit this is about.
      return event.revision === undefined ? [] : [whole, ...stageOf(origin.plan, event.action).map(ofStage)];
    default:
      return [];
  }
}

function ofStage(stage: number): Effect {
  return { type: 'ReportStatus', stage, urgent: false };
}

function stageOf({ stages }: ExecutionPlan, action: ActionKey): readonly number[] {
  const index = stages.findIndex(({ actions }) => actions.some(({ key }) => key === action));
  return index < 0 ? [] : [index];
}

/** As things stand now; undefined: there is nobody to tell, or nothing. */
export function statusReport(state: ExecutionState, stage: number | null): StatusReport | undefined {
  const targets = targetsOf(state);
  const of = { execution: state.id, number: state.number, pipeline: state.pipeline.name, targets };
  if (targets.length === 0) return undefined;
  if (stage === null) {
    const stages = state.endedAt === undefined ? undefined : stagesOf(state);
    return {
      ...of,
      state: STATES[state.status],
      description: `Execution ${state.number} ${PHRASES[state.status]}.`,
      ...(stages === undefined ? {} : { stages }),
    };
  }
  const at = state.stages[stage];
  if (at?.status === undefined) return undefined;
  return { ...of, stage: at.name, state: STATES[at.status], description: describe(at, at.status) };
}

const STATES: Readonly<Record<ExecutionStatus | StageStatus, StatusReport['state']>> = {
  InProgress: 'running',
  Stopping: 'running',
  Succeeded: 'success',
  Skipped: 'success',
  Failed: 'failure',
  Stopped: 'cancelled',
  Superseded: 'cancelled',
  Cancelled: 'cancelled',
};

const PHRASES: Readonly<Record<ExecutionStatus | StageStatus, string>> = {
  InProgress: 'is in progress',
  Stopping: 'is stopping',
  Succeeded: 'has succeeded',
  Skipped: 'was skipped',
  Failed: 'has failed',
  Stopped: 'was stopped',
  Superseded: 'was superseded by a newer one',
  Cancelled: 'was cancelled',
};

function describe({ name, actions }: StageState, status: StageStatus): string {
  const waiting = actions.find((action) => currentAttempt(action)?.phase.kind === 'AwaitingApproval');
  if (status === 'InProgress' && waiting !== undefined) return `${waiting.name} waits for approval.`;
  const failed = actions.filter((action) => actionStatus(action) === 'Failed').map((action) => action.name);
  if (status === 'Failed' && failed.length > 0) return `${failed.join(', ')} failed.`;
  return `${name} ${PHRASES[status]}.`;
}

function stagesOf({ stages }: ExecutionState): StatusReport['stages'] {
  return stages.map(({ name, status = null }) => ({ name, status }));
}

function targetsOf(state: ExecutionState): readonly StatusTarget[] {
  return sourcesOf(state.plan).flatMap((action) => targetOf(state, action) ?? []);
}

function sourcesOf({ stages }: ExecutionPlan): readonly ActionPlan[] {
  return stages.flatMap(({ actions }) => actions.filter(({ type }) => TYPES.includes(type)));
}

/** What has been fetched; before that, what is to be, if it is known without resolving anything. */
function targetOf({ revisions, pins = {} }: ExecutionState, action: ActionPlan): StatusTarget | undefined {
  const pin = pins[action.name];
  const revision = revisions[action.name];
  const about = withBranch(revision?.branch ?? pin?.branch, pin);
  if (revision?.at !== undefined) return { ...revision.at, commit: revision.id, ...about };
  const { Connection, ConnectionArn, FullRepositoryId: repository } = action.configuration;
  const connection = Connection ?? ConnectionArn;
  if (pin === undefined || connection === undefined || repository === undefined) return undefined;
  if (`${connection}${repository}`.includes('#{')) return undefined;
  return { connection, repository, commit: pin.value, ...about };
}

function withBranch(branch: string | undefined, pin: Pin | undefined) {
  const number = pin?.pullRequest?.number;
  return { ...(branch === undefined ? {} : { branch }), ...(number === undefined ? {} : { pullRequest: number }) };
}
