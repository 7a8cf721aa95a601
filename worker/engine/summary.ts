import type { ExecutionId, Instant } from './ids.ts';
import type { ExecutionState, ExecutionStatus, Origin, Pin, Trigger } from './model.ts';
import { currentAttempt } from './stages.ts';
import { trustOf } from './trust.ts';

/** The flat row that lists and searches need; the newest `seq` wins wherever two meet. */
export interface ExecutionSummary extends Partial<SummaryFacets> {
  readonly tenant: Origin['tenant'];
  readonly id: Origin['id'];
  readonly pipeline: Origin['pipeline'];
  readonly number: number;
  readonly seq: number;
  readonly status: ExecutionStatus;
  readonly trigger: Trigger;
  /** Name of the stage that the execution is in, waits in front of, or ended in. */
  readonly stage: string;
  /** A person is asked for something. */
  readonly attention: 'Approval' | 'Hold' | null;
  readonly revision: string | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  /** Strangers have a hand in it. Said to whoever follows an end, and kept in no index. */
  readonly isUntrusted?: true;
}

/** What only searches need beyond that. It follows from the origin, but for what sources have fetched. Absent: nobody knew it. */
export interface SummaryFacets {
  readonly kind: 'STANDARD' | 'ROLLBACK';
  /** The execution that it was forked from, or rolled back to. */
  readonly origin: ExecutionId | null;
  /** Of the first source. */
  readonly branch: string | null;
  readonly revisionId: string | null;
  readonly revisionDigest: string | null;
}

export function summaryFacets(
  origin: Pick<Origin, SourceMember | 'kind' | 'rollback' | 'forkedFrom'>,
): SummaryFacets {
  const revision = Object.values(origin.revisions)[0];
  const pin = firstPin(origin);
  return {
    kind: origin.kind ?? 'STANDARD',
    origin: origin.rollback?.target ?? origin.forkedFrom ?? null,
    branch: revision?.branch ?? pin?.branch ?? null,
    revisionId: revision?.id ?? pin?.value ?? null,
    revisionDigest: revision?.digest ?? null,
  };
}

type SourceMember = 'revisions' | 'pins';

/** What the first source brings, in a sentence of whoever made it. */
export function revisionSummary(origin: Pick<Origin, SourceMember>): string | null {
  return Object.values(origin.revisions)[0]?.summary ?? firstPin(origin)?.summary ?? null;
}

function firstPin({ pins = {} }: Pick<Origin, SourceMember>): Pin | undefined {
  return Object.values(pins)[0];
}

export function summarize(state: ExecutionState, seq: number): ExecutionSummary {
  return {
    tenant: state.tenant,
    id: state.id,
    pipeline: state.pipeline,
    number: state.number,
    seq,
    status: state.status,
    trigger: state.trigger,
    stage: state.stages[state.admission.stage]?.name ?? '',
    attention: attention(state),
    revision: revisionSummary(state),
    ...summaryFacets(state),
    startedAt: state.startedAt,
    endedAt: state.endedAt ?? null,
    ...(trustOf(state).isUntrusted ? { isUntrusted: true as const } : {}),
  };
}

function attention(state: ExecutionState): ExecutionSummary['attention'] {
  const phases = state.stages.flatMap((stage) => stage.actions.map((action) => currentAttempt(action)?.phase.kind));
  if (phases.includes('Held')) return 'Hold';
  return phases.includes('AwaitingApproval') ? 'Approval' : null;
}

/** A summary as the API and the live feeds show it. */
export function summaryView(summary: ExecutionSummary) {
  const { id, number, pipeline, status, trigger, stage, attention, revision, startedAt, endedAt } = summary;
  const { kind = 'STANDARD', origin = null, branch = null, revisionId = null } = summary;
  return {
    id,
    number,
    pipeline: pipeline.name,
    version: pipeline.version,
    status,
    trigger: { type: trigger.type, by: trigger.by, detail: trigger.detail ?? null },
    stage,
    attention,
    revision,
    revisionId,
    branch,
    kind,
    origin,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
}
